import { HEAD_BYTES } from '../formats/formats';

/**
 * The kinds of files that videos are kept in: how they begin, by ffmpeg's name for what reads them. That is told to ffmpeg, which
 * would find it out for itself otherwise, and take a playlist under a video's name for what it is: it opens other files, and
 * addresses on the network.
 */
const CONTAINERS = {
  mov: /^.{4}(ftyp|moov|mdat|wide|free|skip|pnot)/s,
  matroska: /^\x1a\x45\xdf\xa3/,
  avi: /^RIFF.{4}AVI /s,
  // Packets of 188 bytes; in .mts and .m2ts with 4 more before each.
  mpegts: /^(G.{187}G|.{4}G.{191}G)/s,
  mpeg: /^\0\0\x01\xba/,
  asf: /^\x30\x26\xb2\x75\x8e\x66\xcf\x11/,
} as const;

export type Container = keyof typeof CONTAINERS;

/** What holds a video, by its first {@link HEAD_BYTES}; `undefined` if they are no video's. */
export function containerOf(bytes: Uint8Array): Container | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString(
    'latin1',
  );
  return (Object.keys(CONTAINERS) as Container[]).find((name) => CONTAINERS[name].test(head));
}

/** These have no list of where their pictures are: what comes in after a jump may be a little behind its aim. */
export function hasNoIndex(container: Container): boolean {
  return container === 'mpegts' || container === 'mpeg';
}
