/** What the blocks of {@link restartJpeg} can be of: from 1 to 64 and from 192 to 255. */
export const BLOCK_LEVELS = [1, 20, 64, 192, 200, 255] as const;

/**
 * A grey JPEG, 8 pixels wide, of blocks of 8 rows and one level each. A restart marker stands behind each block, and `extra`
 * before that: as cameras write it that do not clear their buffers.
 */
export function restartJpeg(levels: readonly number[], extra: Buffer = Buffer.alloc(0)): Buffer {
  const segment = (marker: number, ...content: number[]) => [0xff, marker, 0, content.length + 2, ...content];
  const lengths = (...counts: number[]) => [...counts, ...new Array<number>(16 - counts.length).fill(0)];
  const height = 8 * levels.length;
  const head = [
    0xff,
    0xd8,
    ...segment(0xdb, 0, ...new Array<number>(64).fill(8)),
    ...segment(0xc0, 8, height >> 8, height & 255, 0, 8, 1, 1, 0x11, 0),
    // One code of one bit in each table: "7 bits of brightness follow", and "the block ends".
    ...segment(0xc4, 0x00, ...lengths(1), 7),
    ...segment(0xc4, 0x10, ...lengths(1), 0),
    ...segment(0xdd, 0, 1),
    ...segment(0xda, 1, 1, 0, 0, 63, 0),
  ];
  const blocks = levels.flatMap((level, i) => {
    const bits = level < 128 ? level - 1 : level - 128;
    const marker = i < levels.length - 1 ? [...extra, 0xff, 0xd0 + (i % 8)] : [0xff, 0xd9];
    return [bits, 0x7f, ...marker];
  });
  return Buffer.from([...head, ...blocks]);
}
