import { crc32 } from 'node:zlib';
import type { PhotoFormat } from './formats/formats';
import { CUT_OFF, DAMAGED } from './photo-fault';

/**
 * What the bytes of a file that could not be decoded show to be wrong with them, for the formats whose decoders say the
 * same of damage and of a lack of memory or threads. It has the words of a `PhotoFault`; `undefined` if nothing is seen.
 */
export function visibleDamage(bytes: Uint8Array, format: PhotoFormat): string | undefined {
  if (format === 'png') return pngDamage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (format === 'webp') return webpDamage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return undefined;
}

const PNG_SIGNATURE_BYTES = 8;
/** A chunk's length and type; its data come next, then the checksum of type and data. */
const PNG_CHUNK_HEAD_BYTES = 8;
const PNG_CHECKSUM_BYTES = 4;

function pngDamage(png: Buffer): string | undefined {
  let at = PNG_SIGNATURE_BYTES;
  for (let type = ''; type !== 'IEND'; ) {
    if (at + PNG_CHUNK_HEAD_BYTES > png.length) return CUT_OFF;
    const length = png.readUInt32BE(at);
    type = png.toString('latin1', at + 4, at + PNG_CHUNK_HEAD_BYTES);
    // An unlikely length is a wrong one, not that of a file that was cut off.
    if (!/^[A-Za-z]{4}$/.test(type) || length > 0x7fffffff) return DAMAGED;
    const checksum = at + PNG_CHUNK_HEAD_BYTES + length;
    if (checksum + PNG_CHECKSUM_BYTES > png.length) return CUT_OFF;
    if (crc32(png.subarray(at + 4, checksum)) !== png.readUInt32BE(checksum)) return DAMAGED;
    at = checksum + PNG_CHECKSUM_BYTES;
  }
  return undefined;
}

/** The length that a RIFF file gives of itself counts from behind it. */
const RIFF_HEAD_BYTES = 8;

function webpDamage(webp: Buffer): string | undefined {
  if (webp.length < RIFF_HEAD_BYTES) return CUT_OFF;
  return RIFF_HEAD_BYTES + webp.readUInt32LE(4) > webp.length ? CUT_OFF : undefined;
}
