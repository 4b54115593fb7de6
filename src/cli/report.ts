import { Parser } from 'yargs/helpers';
import { FaceError, messageOf } from '../base/errors';
import type { PhotoProblem, PhotoWarning } from '../base/photo-problem';
import { ArgumentError } from '../base/validate';
import type { EncodeSummary } from '../encode/encode';
import type { LeftOut } from '../photos/left-out';
import { quoted } from '../system/shell';
import { ExitCode, exitCodeOf } from './exit';
import { type Important, important } from './important';
import { endByHangUp, listenForStop } from './stop';
import { coloursFor, commandName, count, printable, wrapped } from './terminal/text';

const PROBLEMS_SHOWN = 10;

/** Where commands look for people unless told otherwise. */
export const PEOPLE_FOLDER = 'people';

/** Options that are called otherwise than the library's arguments, not just spelt otherwise. */
const OPTION_NAMES: Readonly<Record<string, string>> = {
  method: 'detection_method',
  columns: 'montage-size',
  rows: 'montage-size',
  'video.every': 'video-every',
};

/**
 * Runs a command's work: signals abort it, its result becomes the exit code, and an error is told in words. The process
 * then ends by itself: nothing is cut short.
 * @param work returns the exit code
 * @param whenStopped what to tell a user who has stopped it
 */
export async function runStoppable(
  work: (signal: AbortSignal) => Promise<number>,
  whenStopped: string | (() => string) = 'Nothing was written.',
): Promise<void> {
  const stop = listenForStop();
  try {
    process.exitCode = await work(stop.signal);
  } catch (error) {
    reportError(error, stop.by, typeof whenStopped === 'string' ? whenStopped : whenStopped());
  } finally {
    stop.release();
  }
  if (stop.by === 'SIGHUP') endByHangUp();
}

/** What a command that is to be typed next needs to work on the same people. @param output their folder */
export function ofPeople(output: string): string {
  return output === PEOPLE_FOLDER ? '' : ` -o ${quoted(printable(output))}`;
}

/** What to do to go on with what was stopped. @param fresh whether that was to start over: to do it again would do so again */
export function howToGoOn(fresh: boolean): string {
  return `Run the same command again${fresh ? ', without --fresh,' : ''} to go on.`;
}

/**
 * Tells the user on stderr what went wrong and sets the exit code. The stack is shown only with FACE_DEBUG=1.
 * @param whenStopped what it means that the command was stopped, if that is how it ended
 */
export function reportError(error: unknown, stoppedBy?: NodeJS.Signals, whenStopped = ''): void {
  process.exitCode = exitCodeOf(error, stoppedBy);
  const err = coloursFor(process.stderr);
  const message = errorText(error);
  if (error instanceof FaceError && error.code === 'FACE_ABORTED') {
    process.stderr.write(`${`${err.yellow('Stopped.')} ${whenStopped}`.trimEnd()}\n`);
  } else {
    process.stderr.write(`${err.red('Error:')} ${message}\n`);
  }
  if (process.exitCode === ExitCode.usage) {
    process.stderr.write(`For help: ${commandName()} --help, or ${commandName()} <command> --help\n`);
  } else if (!(error instanceof FaceError)) {
    process.stderr.write('This should not happen. Please report it with what FACE_DEBUG=1 shows.\n');
  }
  if (process.env.FACE_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

/** What went wrong, for the terminal: our own messages may have several lines; what file names bring along can't do more than add one. */
export function errorText(error: unknown): string {
  return withOptionNames(error).split('\n').map(printable).join('\n');
}

/** The error's message; arguments are named as the user has typed them: `--min-samples`, not `minSamples`. */
function withOptionNames(error: unknown): string {
  if (!(error instanceof ArgumentError)) return messageOf(error);
  const { argument } = error;
  return error.messageNaming(`--${OPTION_NAMES[argument] ?? Parser.decamelize(argument, '-')}`);
}

/** `12 photos and 40 frames of 3 videos`: what faces were looked for on, and read. */
export function inPictures({
  photos,
  frames,
  videos,
}: Pick<EncodeSummary, 'photos' | 'frames' | 'videos'>): string {
  if (videos === 0) return count(photos, 'photo');
  const ofVideos = `${count(frames, 'frame')} of ${count(videos, 'video')}`;
  return photos > frames ? `${count(photos - frames, 'photo')} and ${ofVideos}` : ofVideos;
}

/** Those of a run that were read. */
export function picturesRead({
  photos,
  photosFailed,
  frames,
  videos,
  files,
}: EncodeSummary): Pick<EncodeSummary, 'photos' | 'frames' | 'videos'> {
  return { photos: photos - photosFailed, frames: frames - (photosFailed - files.failed.photos), videos };
}

/** The lines that name the first problems and count the rest; none if there are none. */
export function problemLines(title: string, problems: readonly Pick<PhotoProblem, 'reason'>[]): Important[] {
  if (problems.length === 0) return [];
  const rest = problems.length - PROBLEMS_SHOWN;
  return important([
    '',
    title,
    ...problems.slice(0, PROBLEMS_SHOWN).flatMap(({ reason }) => wrapped(`  ${printable(reason)}`, '    ')),
    ...(rest > 0 ? [`  … and ${count(rest, 'more', 'more')}`] : []),
  ]);
}

/** The lines that name photos that were used although something is wrong; none if there are none. */
export function warningLines(warnings: readonly PhotoWarning[]): Important[] {
  return problemLines('Used all the same:', warnings);
}

/**
 * How many pictures there are more than once.
 * @param where what to give `info`: a file of encodings or a folder of people, as the user calls it
 */
export function copiesLines(copies: EncodeSummary['copies'], where: string, title: string): string[] {
  if (copies.length === 0) return [];
  const photos = copies.reduce((sum, { length }) => sum + length, 0);
  return wrapped(
    `${title}${count(copies.length, 'picture')} ${copies.length === 1 ? 'is' : 'are'} there in several sizes or formats, as ${count(photos, 'photo')}. ` +
      `To see which: ${commandName()} info ${quoted(printable(where))} --copies`,
    ' '.repeat(title.length),
  );
}

/** What was not looked at, in words; nothing if that is nothing. @param ofVideos see `describeLeftOut` */
export function leftOutLines(leftOut: LeftOut, title: string, ofVideos?: string): string[] {
  // Loaded only now: most commands leave nothing out.
  const { describeLeftOut } =
    require('../photos/describe-left-out') as typeof import('../photos/describe-left-out');
  const indent = ' '.repeat(title.length);
  return describeLeftOut(leftOut, ofVideos).flatMap((phrase, i) =>
    wrapped(`${i === 0 ? title : indent}${printable(phrase)}`, `${indent}  `),
  );
}
