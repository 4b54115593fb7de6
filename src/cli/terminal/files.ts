import type { EncodeProgress } from '../../encode/encode';
import type { FileCount } from '../../encode/file-count';
import { count } from './text';

/** How many files there are. */
export function allFiles({ photos, videos }: FileCount): number {
  return photos + videos;
}

/** `12 photos and 3 videos`. @param word what stands before "photo" and "video", with the blank between them */
export function filesText({ photos, videos }: FileCount, word = ''): string {
  const texts = [
    ...(photos > 0 || videos === 0 ? [count(photos, `${word}photo`)] : []),
    ...(videos > 0 ? [count(videos, `${word}video`)] : []),
  ];
  return texts.join(' and ');
}

/** `3 of 12 photos and 0 of 3 videos`. */
export function doneText({ done, total }: EncodeProgress['files'], of = ' of ', and = ' and '): string {
  const text = (done: number, total: number, unit: string) =>
    `${done.toLocaleString('en')}${of}${count(total, unit)}`;
  const texts = [
    ...(total.photos > 0 || total.videos === 0 ? [text(done.photos, total.photos, 'photo')] : []),
    ...(total.videos > 0 ? [text(done.videos, total.videos, 'video')] : []),
  ];
  return texts.join(and);
}
