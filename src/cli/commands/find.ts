import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { FoundPhoto, PhotosFound } from '../../album/find';
import { encodeFileName } from '../../system/file-name';
import { ALBUM_PHASES, placedLine } from '../album-lines';
import { ExitCode, UsageError } from '../exit';
import { important, type Line } from '../important';
import { type Command, withOptions } from '../options';
import { CommandOutput, outputOptions } from '../output';
import { PEOPLE_OPTION } from '../people-command';
import { problemLines, runStoppable } from '../report';
import { count, printable } from '../terminal/text';

const options = {
  output: PEOPLE_OPTION,
  from: { type: 'string', describe: 'Taken on this day or later: 2024-07-14, or 2024-07, or 2024' },
  until: { type: 'string', describe: 'Taken on this day or before' },
  to: { type: 'string', describe: 'Put the photos into this folder instead of listing them' },
  files: {
    choices: ['hardlink', 'copy', 'symlink'] as const,
    describe: 'With --to: second names of the photos (the default), copies, or links',
  },
  print0: {
    alias: '0',
    type: 'boolean',
    default: false,
    describe: 'End each path with a zero byte, for xargs -0',
  },
  ...outputOptions('the paths'),
} as const;
const QUERY = {
  isPlace: true,
  type: 'string',
  array: true,
  defaultDescription: 'anybody, and nobody',
  describe: "Who is on them, e.g. 'Anna & Ben & !Carl', 'Anna | Ben'",
} as const;

type Arguments = InferredOptionTypes<typeof options & { query: typeof QUERY }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, query: QUERY }, 'Put what you look for into quotes.')
      .positional('query', QUERY)
      .usage(
        'Usage: $0 find [query..] [options]\n\n' +
          'Finds photos and videos by who is on them, and by when they were taken, and lists their paths, one a line. Somebody is on a video ' +
          'if they are seen anywhere in it. People are meant by name, number, ' +
          'or the name of their folder; & means "and", | "or", ! "not"; parentheses put things together. It changes nothing, and also ' +
          'works while the page is open.',
      )
      .example('$0 find Anna Ben', 'photos with both')
      .example("$0 find 'Anna & Ben & !Carl' --from 2024-07 --until 2024-08", 'without Carl, in two months')
      .example("$0 find 'Anna | Ben' --to ~/both", 'put those with one of them into a folder')
      .example('$0 find --until 2010 -0 | xargs -0 ls -l', 'hand the photos on to another program'),
  handler: (argv) => runStoppable((signal) => find(argv, signal), ''),
};

async function find(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { from, until, to, json, quiet } = argv;
  const query = argv.query?.length ? argv.query.join(' ') : undefined;
  if (query === undefined && from === undefined && until === undefined) {
    throw new UsageError('Say whom to look for, or with --from or --until when the photos were taken.');
  }
  if (to === undefined && argv.files !== undefined) {
    throw new UsageError(
      '--files says how photos get into a folder: say which one with --to, e.g. --to ~/album.',
    );
  }
  // Loaded only now: "--help" must not wait for the image library.
  const { findPhotos } = require('../../album/find') as typeof import('../../album/find');
  const out = new CommandOutput('find', argv, process.stderr);
  try {
    const found = await findPhotos({
      output: argv.output,
      ...(query !== undefined && { query }),
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      ...(to !== undefined && { to }),
      ...(argv.files && { files: argv.files }),
      signal,
      onProgress: ({ phase, done, total }) => out.progress(ALBUM_PHASES[phase], done, total),
    });
    out.stop();
    const { photos, undated, placed, problems } = found;
    if (!json) {
      if (to === undefined) writePaths(photos, argv.print0);
      else if (!quiet && placed) process.stdout.write(`${placedLine(placed, to)}\n`);
    }
    for (const problem of problems) out.problem(problem);
    const fields = { photos, undated, placed: placed ?? null, problems: problems.length };
    out.done(found, describe(found), fields);
    return problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}

/** Programs get paths to the byte; on a terminal, what it would obey is shown. */
function writePaths(photos: readonly FoundPhoto[], print0: boolean): void {
  const end = Buffer.of(print0 ? 0 : 0x0a);
  const forPeople = Boolean(process.stdout.isTTY) && !print0;
  const bytes = ({ path }: FoundPhoto) => (forPeople ? Buffer.from(printable(path)) : encodeFileName(path));
  process.stdout.write(Buffer.concat(photos.flatMap((photo) => [bytes(photo), end])));
}

function describe({ photos, undated, problems }: PhotosFound): Line[] {
  const leftOut =
    undated > 0
      ? `; ${undated.toLocaleString('en')} left out that ${undated === 1 ? 'does' : 'do'} not say when ${undated === 1 ? 'it was' : 'they were'} taken`
      : '';
  const found = `${count(photos.length, 'photo')} found${leftOut}.`;
  return [
    // Else nobody would know why there are none.
    ...(photos.length === 0 && undated > 0 ? important([found]) : [found]),
    ...problemLines('Could not be used:', problems),
  ];
}
