import { crc32 } from 'node:zlib';
import type { PhotoFormat } from './formats/formats';
import { endsEarly } from './formats/heif-boxes';
import { EOI, jpegSegments, SOS } from './formats/jpeg-segments';
import { CUT_OFF, DAMAGED } from './photo-fault';

/**
 * What the bytes of a file that could not be decoded show to be wrong with them. Decoders say the same of damage and of a
 * lack of memory or threads (PNG, WebP), or nothing at all: what is said of one photo is lost if another one is done in that
 * moment, since libvips keeps one text for the whole process. It has the words of a `PhotoFault`; `undefined` if nothing is
 * seen.
 */
export function visibleDamage(bytes: Uint8Array, format: PhotoFormat): string | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'jpeg') return jpegDamage(file);
  if (format === 'png') return pngDamage(file);
  if (format === 'webp') return webpDamage(file);
  if (format === 'heif') return endsEarly(file) ? CUT_OFF : undefined;
  return undefined;
}

/** Behind the head of a scan, the bytes of the marker EOI stand for nothing else: a file without them is cut off. */
function jpegDamage(jpeg: Buffer): string | undefined {
  for (const { marker, at } of jpegSegments(jpeg)) {
    if (marker === SOS) return jpeg.indexOf(Buffer.of(0xff, EOI), at) < 0 ? CUT_OFF : undefined;
    if (marker === EOI || marker === undefined) return undefined;
  }
  return CUT_OFF;
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
  return RIFF_HEAD_BYTES + webp.readUInt32LE(4) > webp.length ? CUT_OFF : undefined;
}
