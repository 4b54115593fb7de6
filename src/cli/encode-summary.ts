import type { EncodeSummary } from '../encode/encode';
import type { FileCount } from '../encode/file-count';
import { quoted } from '../system/shell';
import type { Line } from './important';
import { ENCODINGS_OPTION } from './options';
import { copiesLines, inPictures, leftOutLines, picturesRead, problemLines, warningLines } from './report';
import { allFiles, filesText } from './terminal/files';
import { coloursFor, commandName, count, duration, printable, wrapped } from './terminal/text';

/**
 * What a user reads when `encode` is done.
 * @param mirror whether mirror images were measured, too
 */
export function describeResult(summary: EncodeSummary, mirror: boolean): Line[] {
  const { photos, faces, frames, photosKnown, files, problems, warnings, seconds } = summary;
  const found = `${count(faces, 'face')} in ${inPictures(picturesRead(summary))}`;
  const without = allFiles(files.withoutFace) > 0 ? ` (${filesText(files.withoutFace)} without a face)` : '';
  const failed = failedText(files.failed);
  const done = photos - photosKnown;
  const rate = `${(done / Math.max(seconds, 0.001)).toFixed(1)} photos${frames > 0 ? ' and frames' : ''} a second`;
  return [
    ...wrapped(`${found}${without}${failed}`).map((line) =>
      line.replace(found, coloursFor(process.stdout).bold),
    ),
    ...(allFiles(files.known) > 0
      ? [
          `Known:     ${filesText(files.known)}, from before or as copies of others; ${doneNow(files.done)} done now`,
        ]
      : []),
    ...(allFiles(files.measured) > 0
      ? [
          `Mirrored:  ${filesText(files.measured)} known from before, of which only the mirror images were measured`,
        ]
      : []),
    ...(summary.photosGone > 0
      ? [
          `Gone:      ${count(summary.photosGone, 'photo')} of before, and the faces on ${summary.photosGone === 1 ? 'it' : 'them'}`,
        ]
      : []),
    `Time:      ${duration(seconds)}${done > 0 ? ` (${rate})` : ''}`,
    `Encodings: ${printable(summary.encodings)}`,
    ...copiesLines(summary.copies, summary.encodings, 'Copies:    '),
    ...leftOutLines(summary.leftOut, 'Left out:  '),
    ...problemLines('Could not be read:', problems),
    ...warningLines(warnings),
    '',
    ...(faces > 0
      ? [
          'Next, sort the faces into people:',
          `  ${commandName()} cluster${encodingsOption(summary.encodings)}${mirror ? ' --method linkage' : ''}`,
        ]
      : wrapped(
          'No faces were found, so the file holds an empty list. "--upsample 2" finds smaller faces, "-d cnn" more of them.',
        )),
  ];
}

/** What to add to a command so that it takes this file: nothing if it does so anyway. */
function encodingsOption(file: string): string {
  return file === ENCODINGS_OPTION.default ? '' : ` --encodings ${quoted(printable(file))}`;
}

/** `12 photos and some frames of 1 video could not be read`, to follow on what could be; nothing if all could. */
function failedText({ photos, videos }: FileCount): string {
  const texts = [
    ...(photos > 0 ? [count(photos, 'photo')] : []),
    ...(videos > 0 ? [`some frames of ${count(videos, 'video')}`] : []),
  ];
  return texts.length > 0 ? `; ${texts.join(' and ')} could not be read` : '';
}

/** What it takes to say how many of what was named before. */
function doneNow(done: FileCount): string {
  return done.videos > 0 ? filesText(done) : done.photos.toLocaleString('en');
}
