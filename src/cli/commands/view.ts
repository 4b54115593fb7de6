import { existsSync } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { FaceError, messageOf } from '../../base/errors';
import { DATA_FOLDER, GALLERY_FOLDER, GALLERY_PAGE, PAGE_FOLDER } from '../../result/names-in-result';
import type { PeoplePage } from '../../web/people-page';
import { hasDisplay, openInBrowser, PrivateLink } from '../browser';
import { writeEvent } from '../events';
import { ExitCode } from '../exit';
import { Important, important } from '../important';
import {
  type Command,
  JOBS_OPTION,
  MAX_MEMORY_OPTION,
  MAX_PIXELS_OPTION,
  MODELS_OPTION,
  withOptions,
} from '../options';
import { CommandOutput, outputOptions } from '../output';
import { ofPeople, PEOPLE_FOLDER, runStoppable } from '../report';
import { SORT_PHASES } from '../sort-phases';
import { parseMaxMemory } from '../terminal/bytes';
import { commandName, count, printable } from '../terminal/text';

const options = {
  port: {
    type: 'number',
    example: 8080,
    describe: 'Port of the page on this computer. Default: a free one',
  },
  'no-open': {
    type: 'boolean',
    default: false,
    describe: 'Do not open the browser: print the address of the page only',
  },
  jobs: JOBS_OPTION,
  'max-memory': MAX_MEMORY_OPTION,
  'max-pixels': MAX_PIXELS_OPTION,
  models: MODELS_OPTION,
  ...outputOptions('the address'),
} as const;

/** What stands in no option. */
const OUTPUT = {
  isPlace: true,
  type: 'string',
  defaultDescription: '"people", or "results/default_result" if that alone is there',
  describe: 'Folder that "sort" or "cluster" has made',
} as const;

type Arguments = InferredOptionTypes<typeof options & { output: typeof OUTPUT }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, output: OUTPUT }, 'Give one folder.')
      .positional('output', OUTPUT)
      .usage(
        'Usage: $0 view [output] [options]\n\n' +
          'Opens the page with the people in your web browser, to look at them, and to say who they are. What you decide there is ' +
          'kept at once; the folders follow when you click "Apply to folders", or when you close the page. It is there as long as ' +
          'this command runs, for you on this computer alone, and nothing leaves it. Of what "cluster" has made, or while another ' +
          'program works on the folder, it opens the file index.html, which is for looking.',
      )
      .example('$0 view people', 'look at the people in the folder "people", and name them')
      .example('$0 view people --no-open --port 8080', 'over ssh: see docs/people.md'),
  handler: (argv) =>
    runStoppable((signal) => view(argv.output ?? defaultOutput(), argv, signal), WHEN_STOPPED),
};

/** Nothing was decided by then, or what was is kept, which has been said. */
const WHEN_STOPPED = '';

/** What `sort` makes unless told otherwise, or what `cluster` does if that alone is there. */
function defaultOutput(): string {
  const clustered = 'results/default_result';
  return !existsSync(join(PEOPLE_FOLDER, DATA_FOLDER)) && existsSync(clustered) ? clustered : PEOPLE_FOLDER;
}

/** How the page is served, and what is said meanwhile. */
export type ViewArguments = Pick<
  ArgumentsCamelCase<Arguments>,
  'port' | 'noOpen' | 'jobs' | 'maxMemory' | 'maxPixels' | 'models' | 'quiet' | 'json'
>;

/**
 * Shows the page of a result or of a people folder: serves the latter until it is closed.
 * @param stop ends that, too
 * @throws FaceError FACE_IO, and what `servePeople` throws
 */
export async function view(output: string, argv: ViewArguments, stop: AbortSignal): Promise<number> {
  const out = new CommandOutput('view', argv);
  const started = performance.now();
  try {
    const { said, left } = await show(output, argv, stop, out);
    const seconds = (performance.now() - started) / 1000;
    const lines = [...said.map(printable), ...important(left.map(printable))];
    if (argv.json || lines.length > 0) out.done({ seconds }, lines, { output, said: [...said, ...left] });
    return ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}

/** What was done to the folders, see `PeoplePage.close`. */
type Applied = Awaited<ReturnType<PeoplePage['close']>>;
const NOTHING: Applied = { said: [], left: [] };

/** @returns what was done to the folders */
async function show(
  output: string,
  argv: ViewArguments,
  stop: AbortSignal,
  out: CommandOutput,
): Promise<Applied> {
  // Links from the page lead to where it really is, and browsers take what is behind a link for a place of its own.
  const folder = await realpath(output).catch(() => resolve(output));
  if (!existsSync(join(folder, DATA_FOLDER))) {
    await showFile(output, join(folder, GALLERY_PAGE), argv);
    return NOTHING;
  }
  const shown = new Serving(output, argv, out);
  const page = await shown.start(stop);
  if (page) return shown.untilClosed(page, stop);
  // That of people is where it can be replaced as a whole.
  await showFile(output, join(folder, DATA_FOLDER, PAGE_FOLDER, GALLERY_PAGE), argv);
  return NOTHING;
}

/** A people folder whose page is served. */
class Serving {
  /** Before the page is there and after its end; meanwhile it says itself what is being done. */
  #inTerminal = true;

  constructor(
    private readonly output: string,
    private readonly argv: ViewArguments,
    private readonly out: CommandOutput,
  ) {}

  /** @returns `undefined` if the folder can be looked at alone, which is said */
  async start(stop: AbortSignal): Promise<PeoplePage | undefined> {
    const { argv, out } = this;
    // Of the opening alone: when the page was there, stopping is ending in good order.
    const opening = new AbortController();
    const onStop = () => opening.abort(stop.reason);
    stop.addEventListener('abort', onStop);
    // Loaded only now: "--help" must not wait for the server and the image library.
    const { isForLooking, servePeople } =
      require('../../web/people-page') as typeof import('../../web/people-page');
    try {
      return await servePeople({
        output: this.output,
        ...(argv.port !== undefined && { port: argv.port as number }),
        jobs: argv.jobs,
        ...(argv.maxMemory !== undefined && {
          maxMemory: parseMaxMemory(argv.maxMemory as string),
        }),
        ...(argv.maxPixels !== undefined && { maxPixels: argv.maxPixels as number }),
        ...(argv.models !== undefined && { models: argv.models }),
        signal: opening.signal,
        onProgress: ({ phase, done, total }) => {
          if (this.#inTerminal) out.progress(SORT_PHASES[phase], done, total);
        },
        onTrouble: (error) => out.note(new Important(`A request could not be answered: ${describe(error)}`)),
      });
    } catch (error) {
      if (!isForLooking(error)) throw error;
      out.stop();
      out.note(
        new Important(
          `${error.message} So this is the page as it was last written, to look at: nothing can be changed on it.`,
        ),
      );
      return undefined;
    } finally {
      stop.removeEventListener('abort', onStop);
    }
  }

  /** @returns what was done to the folders */
  async untilClosed(page: PeoplePage, stop: AbortSignal): Promise<Applied> {
    const { argv, out } = this;
    out.stop();
    this.#inTerminal = false;
    const stopped = new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
    if (argv.json) writeEvent({ event: 'page', address: page.address });
    else process.stdout.write(`${page.address}\n`);
    const link = await this.#open(page);
    page.opened.then(() => link?.remove());
    const by = await Promise.race([page.closed.then(() => 'tab'), stopped.then(() => 'stop')]);
    await link?.remove();
    this.#inTerminal = true;
    const { unapplied } = page;
    if (unapplied > 0) {
      const closed = by === 'tab' ? 'The page was closed. ' : '';
      out.note(
        `${closed}The folders are brought up to what you decided; to leave that to the next "sort", press Ctrl-C${by === 'tab' ? '' : ' once more'}.`,
      );
    }
    const leave = new AbortController();
    // At the first Ctrl-C, the page is closed; this one comes after it was, or ends the process at once.
    if (by === 'tab') stop.addEventListener('abort', () => leave.abort(stop.reason), { once: true });
    try {
      const applied = await page.close({ signal: leave.signal });
      if (applied.said.length > 0) return applied;
      return { said: ['Nothing was left to do: the folders show all that was decided.'], left: [] };
    } catch (error) {
      out.note(
        new Important(
          `${count(unapplied, 'decision')} ${unapplied === 1 ? 'is' : 'are'} kept. To bring the folders up to them: ${sortCommand(this.output)}`,
        ),
      );
      throw error;
    }
  }

  /** Opens the page in the browser, or says how to. */
  async #open({ address, output }: PeoplePage): Promise<PrivateLink | undefined> {
    const { argv, out } = this;
    const end = 'To end, close it there, or press Ctrl-C here.';
    if (argv.noOpen) {
      out.note(`Open this address in a web browser on this computer. ${end}`);
      return undefined;
    }
    if (!hasDisplay()) {
      const { port } = new URL(address);
      out.note(
        new Important(
          `There is no display here, as over ssh: open this address in a web browser on this computer; or on the one that you came from, after "ssh -L ${port}:127.0.0.1:${port}" to here. ${end}`,
        ),
      );
      return undefined;
    }
    const link = await PrivateLink.make(address, join(output, DATA_FOLDER));
    try {
      // WSL's browser is that of Windows, which has an own name for each file; users of Linux in it there are no others.
      await openInBrowser(process.env.WSL_DISTRO_NAME ? address : link.path);
      out.note(`The page opens in your web browser; if it does not, open this address there. ${end}`);
      return link;
    } catch (cause) {
      await link.remove();
      out.note(
        new Important(
          `The page could not be opened: ${messageOf(cause)}. Open this address in a web browser. ${end}`,
        ),
      );
      return undefined;
    }
  }
}

function describe(error: unknown): string {
  return process.env.FACE_DEBUG === '1' && error instanceof Error ? `${error.stack}` : messageOf(error);
}

function sortCommand(output: string, photos = ''): string {
  return `${commandName()} sort${photos}${ofPeople(output)}`;
}

/** Shows a page that is a file. @throws FaceError FACE_IO */
async function showFile(output: string, page: string, { noOpen, json }: ViewArguments): Promise<void> {
  await checkGallery(output, page);
  if (json) writeEvent({ event: 'page', address: page });
  else process.stdout.write(`${printable(page)}\n`);
  if (noOpen) return;
  if (!hasDisplay()) throw notOpened('there is no display here, as over ssh');
  try {
    await openInBrowser(page);
  } catch (cause) {
    throw notOpened(messageOf(cause), cause);
  }
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
      remedy: `Sort photos into it first: ${sortCommand(output, ' photos')}`,
    });
  }
}

function notOpened(reason: string, cause?: unknown): FaceError {
  const remedy =
    'Open the file named above in a web browser; to look at it on another computer, take the whole folder there.';
  return new FaceError('FACE_IO', `The page could not be opened: ${reason}.`, { cause, remedy });
}
