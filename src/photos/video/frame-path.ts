import { kindOf } from '../formats/formats';

/** A frame of a video, as its path names it: `clip.mp4#t=12.5`. */
export interface FramePath {
  /** Path of the video. */
  readonly video: string;
  /** From its beginning, in seconds. */
  readonly seconds: number;
  /** The frame in the video: `#t=12.5`, as a media fragment, which browsers understand. */
  readonly name: string;
}

const NAME = /#t=(\d{1,9}(?:\.\d{1,9})?)$/;

/**
 * The frame that a path names; `undefined` if it names a file. Only what ends in a time behind the ending of a video is a frame: a
 * photo may be called `x.mp4#t=1.jpg`.
 */
export function frameIn(path: string): FramePath | undefined {
  const match = NAME.exec(path);
  if (!match) return undefined;
  const video = path.slice(0, match.index);
  if (kindOf(video) !== 'video') return undefined;
  const seconds = Number(match[1]);
  return { video, seconds, name: `#t=${seconds}` };
}

/** Compares paths by their names, and frames of one video as they follow each other: `#t=3` is before `#t=12`. */
export function comparePaths(a: string, b: string): number {
  const [one, other] = a.includes('#t=') || b.includes('#t=') ? [sortedBy(a), sortedBy(b)] : [a, b];
  return one < other ? -1 : one > other ? 1 : 0;
}

function sortedBy(path: string): string {
  const frame = frameIn(path);
  return frame ? framePath(frame.video, 0) + frame.seconds.toFixed(3).padStart(16, '0') : path;
}

/** The path of a frame. @param seconds in thousandths at most */
export function framePath(video: string, seconds: number): string {
  return `${video}#t=${seconds}`;
}

/** The path of the file that a photo is in: the video of a frame, else the photo's own. */
export function fileOfPath(path: string): string {
  return frameIn(path)?.video ?? path;
}
