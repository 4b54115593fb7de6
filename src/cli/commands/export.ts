import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { personNamed } from '../../sort/person-named';
import { ALBUM_PHASES, placedLine } from '../album-lines';
import { ExitCode, UsageError } from '../exit';
import { type Command, JOBS_OPTION, MAX_MEMORY_OPTION, withOptions } from '../options';
import { CommandOutput, OUTPUT_OPTIONS } from '../output';
import { PEOPLE_OPTION } from '../people-command';
import { problemLines, runStoppable } from '../report';
import { parseMaxMemory } from '../terminal/bytes';
import { count, printable } from '../terminal/text';

const options = {
  output: PEOPLE_OPTION,
  person: {
    type: 'string',
    array: true,
    describe: 'Whose photos: a number, a name, or the name of a folder; several: photos of any of them',
  },
  to: { type: 'string', describe: 'Folder to put them into' },
  files: {
    choices: ['copy', 'hardlink', 'symlink'] as const,
    default: 'copy' as const,
    describe: 'Copies, second names of the photos, or links',
  },
  crops: {
    type: 'boolean',
    default: false,
    describe: 'Their faces, too, cut out, in a folder "faces" there',
  },
  encodings: {
    type: 'boolean',
    default: false,
    describe: 'What their faces look like, too, in a file "faces.pickle" there: biometric data',
  },
  jobs: JOBS_OPTION,
  'max-memory': MAX_MEMORY_OPTION,
  ...OUTPUT_OPTIONS,
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Say whose photos with --person.')
      .usage(
        'Usage: $0 export --person <who> --to <folder> [options]\n\n' +
          'Copies all photos of a person into a folder, to give them away. Run again, it adds what is new. The photos stay as they ' +
          'are: who else is to be seen on them, where they were taken, and names that were written into them come along. Nothing ' +
          'else that is known of others does. It changes nothing in the folder of people, and also works while the page is open.',
      )
      .example('$0 export --person Anna --to for-anna', "Anna's photos")
      .example('$0 export --person Anna --person Ben --to wedding', 'photos with one of them, or both'),
  handler: (argv) => runStoppable((signal) => exportThem(argv, signal), 'What is there by then stays.'),
};

async function exportThem(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { person: who = [], to, json } = argv;
  if (who.length === 0) throw new UsageError('Say whose photos, e.g. --person Anna.');
  if (to === undefined) throw new UsageError('Say where to put them, e.g. --to for-anna.');
  // Loaded only now: "--help" must not wait for the image library.
  const { exportPerson } = require('../../album/export') as typeof import('../../album/export');
  const { openSorted } = require('../../sort/open') as typeof import('../../sort/open');
  const out = new CommandOutput('export', argv);
  try {
    const { people } = await openSorted(argv.output);
    const given = who.map((one) => personNamed(people, one).id);
    await people.close();
    const summary = await exportPerson({
      output: argv.output,
      people: [...new Set(given)],
      to,
      files: argv.files,
      crops: argv.crops,
      encodings: argv.encodings,
      jobs: argv.jobs,
      ...(argv.maxMemory !== undefined && { maxMemory: parseMaxMemory(argv.maxMemory) }),
      signal,
      onProgress: ({ phase, done, total }) => out.progress(ALBUM_PHASES[phase], done, total),
    });
    if (json) for (const problem of summary.problems) out.problem(problem);
    const { folder, photos, placed, renewed, there, crops, encodings, problems } = summary;
    out.done(
      summary,
      [
        placedLine(summary, to),
        ...(argv.crops ? [`${count(crops, 'face')} in ${printable(to)}/faces.`] : []),
        ...(encodings === undefined
          ? []
          : [`Encodings in ${printable(to)}/faces.pickle: by them, people are found again on other photos.`]),
        ...problemLines('Could not be used:', problems),
      ],
      {
        folder,
        photos,
        placed,
        renewed,
        there,
        crops,
        encodings: encodings ?? null,
        problems: problems.length,
      },
    );
    return problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}
