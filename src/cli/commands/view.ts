import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { InferredOptionTypes } from 'yargs';
import { FaceError, messageOf } from '../../base/errors';
import { DATA_FOLDER, GALLERY_FOLDER, GALLERY_PAGE, PAGE_FOLDER } from '../../result/names-in-result';
import { quoted } from '../../system/shell';
import { ExitCode } from '../exit';
import { type Command, withOptions } from '../options';
import { runStoppable } from '../report';
import { commandName, printable } from '../terminal/text';

const options = {
  output: {
    type: 'string',
    defaultDescription: '"people" if that is there, else "results/default_result"',
    describe: 'Folder that "sort" or "cluster" has made',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** How long a browser that can't be started may take to say so. */
const PATIENCE_MS = 3000;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give one folder.')
      .positional('output', options.output)
      .usage(
        'Usage: $0 view [output]\n\n' +
          'Opens the page that "sort" or "cluster" has made, <output>/index.html, in your web browser. It is a file like any ' +
          'other: it needs no network, and you can open it by double-clicking it, too.',
      )
      .example('$0 view people', 'look at the people in the folder "people"'),
  handler: (argv) => runStoppable(() => view(argv.output ?? defaultOutput())),
};

/** What `sort` makes unless told otherwise, or else what `cluster` does. */
function defaultOutput(): string {
  return existsSync(join('people', DATA_FOLDER)) ? 'people' : 'results/default_result';
}

/** Opens the page of a result or of a people folder. @throws FaceError FACE_IO */
export async function view(output: string): Promise<number> {
  // Links from the page lead to where it really is, and browsers take what is behind a link for a place of its own.
  const folder = await realpath(output).catch(() => resolve(output));
  // That of people is where it can be replaced as a whole.
  const ofPeople = join(folder, DATA_FOLDER, PAGE_FOLDER);
  const page = join(existsSync(ofPeople) ? ofPeople : folder, GALLERY_PAGE);
  await checkGallery(output, page);
  process.stdout.write(`${printable(page)}\n`);
  if (!hasDisplay()) throw notOpened('there is no display here, as over ssh');
  try {
    // Loaded only now: most commands open nothing. It is an ES module, which can't be required everywhere.
    const { default: open } = await import('open');
    const failure = await earlyFailure(await open(page));
    if (failure !== undefined) throw failure;
  } catch (cause) {
    throw notOpened(messageOf(cause), cause);
  }
  return ExitCode.ok;
}

async function checkGallery(output: string, page: string): Promise<void> {
  try {
    await access(page);
    await access(join(page, '..', GALLERY_FOLDER));
  } catch (cause) {
    if (['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException).code ?? '')) {
      throw new FaceError(
        'FACE_IO',
        `The folder ${output} may not be read by you: what "cluster" makes is for the user alone who ran it.`,
        { cause, path: output, remedy: 'Look at it as that user, or have its permissions changed.' },
      );
    }
    throw new FaceError('FACE_IO', `There is no page to look at in the folder ${output}.`, {
      cause,
      path: output,
      remedy: `Sort photos into it first: ${commandName()} sort photos -o ${quoted(output)}`,
    });
  }
}

/** Whether a browser has a screen to be seen on. Windows and macOS always have one; Windows lends its own to Linux in it. */
function hasDisplay({ env, platform } = process): boolean {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/**
 * What went wrong with the program that opens files, if it says so soon. It ends at once where it hands the page to a
 * browser that runs, and with the browser where it has to start one: nobody waits for that.
 */
async function earlyFailure(opener: ChildProcess): Promise<Error | undefined> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    if (opener.exitCode === null) await once(opener, 'exit', { signal: patience.signal });
  } catch (error) {
    if (!patience.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return opener.exitCode
    ? new Error(`no browser could be started (exit code ${opener.exitCode})`)
    : undefined;
}

function notOpened(reason: string, cause?: unknown): FaceError {
  const remedy =
    'Open the file named above in a web browser; to look at it on another computer, take the whole folder there.';
  return new FaceError('FACE_IO', `The page could not be opened: ${reason}.`, { cause, remedy });
}
