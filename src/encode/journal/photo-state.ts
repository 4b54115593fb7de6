import type { BigIntStats } from 'node:fs';

/**
 * How long a file must have been left alone for its times to tell whether it has changed since: two changes within one
 * tick of the file system's clock (2 s on FAT) look the same.
 */
const SETTLED_AFTER_MS = 3000;

/**
 * What the file system says of a file's content without reading it. Two equal states of one path mean equal bytes:
 * the inode's change time can't be set back, so a copy that keeps times and size (`cp -p`, `rsync -t`, an editor that
 * restores them) still shows.
 * @returns `undefined` for a file that was changed just now, or lies in the future: its state proves nothing
 */
export function photoState(stats: BigIntStats, now: number = Date.now()): string | undefined {
  const latest = Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs));
  if (latest > now - SETTLED_AFTER_MS) return undefined;
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(' ');
}

/** The file's size in bytes in a {@link photoState}. */
export function sizeIn(state: string): number {
  return Number(state.slice(0, state.indexOf(' ')));
}
