import { HEAD_BYTES } from '../formats/formats';

/**
 * The kinds of files that videos are kept in: how they begin, by ffmpeg's name for what reads them. That is told to ffmpeg, which
 * would find it out for itself otherwise, and take a playlist under a video's name for what it is: it opens other files, and
 * addresses on the network.
 */
const CONTAINERS = {
  mov: (head: Buffer) => /^(ftyp|moov|mdat|wide|free|skip|pnot)$/.test(head.toString('latin1', 4, 8)),
  matroska: (head: Buffer) => begins(head, '1a45dfa3'),
  avi: (head: Buffer) => /^RIFF.{4}AVI /s.test(head.toString('latin1')),
  // Packets of 188 bytes; in .mts and .m2ts with 4 more before each.
  mpegts: (head: Buffer) => /^(G.{187}G|.{4}G.{191}G)/s.test(head.toString('latin1')),
  mpeg: (head: Buffer) => begins(head, '000001ba'),
  asf: (head: Buffer) => begins(head, '3026b2758e66cf11'),
} as const;

function begins(head: Buffer, hex: string): boolean {
  return head.toString('hex').startsWith(hex);
}

export type Container = keyof typeof CONTAINERS;

/** What holds a video, by its first {@link HEAD_BYTES}; `undefined` if they are no video's. */
export function containerOf(bytes: Uint8Array): Container | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  return (Object.keys(CONTAINERS) as Container[]).find((name) => CONTAINERS[name](head));
}

/** These have no list of where their pictures are: what comes in after a jump may be a little behind its aim. */
export function hasNoIndex(container: Container): boolean {
  return container === 'mpegts' || container === 'mpeg';
}
