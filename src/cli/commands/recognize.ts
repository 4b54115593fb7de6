import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { nameCell, pathCell } from '../../base/csv';
import type { RecognizedPhoto, RecognizeProgress, RecognizeSummary } from '../../recognize/recognize';
import { encodeFileName } from '../../system/file-name';
import { writeEvent } from '../events';
import { ExitCode } from '../exit';
import type { Line } from '../important';
import {
  type Command,
  EXCLUDE_OPTION,
  INCLUDE_HIDDEN_OPTION,
  JOBS_OPTION,
  MAX_MEMORY_OPTION,
  MODELS_OPTION,
  PLACES,
  withOptions,
} from '../options';
import { CommandOutput, outputOptions, type Phase } from '../output';
import { problemLines, runStoppable, warningLines } from '../report';
import { parseMaxMemory } from '../terminal/bytes';
import { count, printable } from '../terminal/text';

const options = {
  tolerance: {
    type: 'number',
    default: 0.6,
    describe: 'How far a face may be from a known one to be the same person; less is stricter',
  },
  margin: {
    type: 'number',
    default: 0.05,
    describe:
      'How much farther the second likeliest person has to be; else the face is nobody. 0: take the likeliest',
  },
  'detection-method': {
    alias: 'd',
    choices: ['hog', 'cnn'] as const,
    default: 'hog' as const,
    describe: 'How to look for faces: cnn finds more, hog is many times quicker',
  },
  'detect-size': {
    type: 'number',
    default: 1600,
    describe:
      'Bring the longer side of large photos down to so many pixels before looking for faces; 0: look at them as they are',
  },
  exclude: EXCLUDE_OPTION,
  'include-hidden': INCLUDE_HIDDEN_OPTION,
  jobs: JOBS_OPTION,
  'max-memory': MAX_MEMORY_OPTION,
  models: MODELS_OPTION,
  ...outputOptions('who is on the photos'),
} as const;

/** What stands in no option. */
const KNOWN = {
  isPlace: true,
  type: 'string',
  demandOption: true,
  describe:
    'Folder with photos of people you know: a folder for each, named after them, or a photo for each, named after them',
} as const;
const PHOTOS = {
  ...PLACES,
  demandOption: true,
  describe: 'Folders with photos, searched with all folders in them, or single photos',
} as const;

type Arguments = InferredOptionTypes<typeof options & { known: typeof KNOWN; unknown: typeof PHOTOS }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(
      yargs,
      { ...options, known: KNOWN, unknown: PHOTOS },
      'Give the folder with known people first, then the photos.',
    )
      .positional('known', KNOWN)
      .positional('unknown', PHOTOS)
      .usage(
        'Usage: $0 recognize <known> <unknown..> [options]\n\n' +
          'Says who is on photos, by photos of people you know: a line for each face, with the photo, the name, and how far the face ' +
          'is from the nearest known person (0 is the same picture; from 0.6 on it is somebody else). A face of nobody you know is ' +
          'unknown_person; a photo without a face has the line no_persons_found. Several photos of a person, with one face each, ' +
          'make it surer. Nothing is written, and nothing leaves this computer.',
      )
      .example(
        '$0 recognize known photos',
        'who is on the photos in "photos"; "known" holds anna.jpg, or a folder Anna',
      )
      .example('$0 recognize known party.jpg --tolerance 0.5', 'be stricter')
      .example('$0 recognize known photos -d cnn > who.csv', 'find more faces; a table for a spreadsheet')
      .epilogue(
        'The first two columns are those of the command of the Python library face_recognition; docs/migration.md says where they differ.',
      ),
  handler: (argv) => runStoppable((signal) => recognize(argv, signal), 'The photos above are done.'),
};

const PHASES: Readonly<Record<RecognizeProgress['phase'], Phase>> = {
  known: { name: 'known', title: 'Looking at those you know', unit: 'photo' },
  recognize: { name: 'recognize', title: 'Looking for them', unit: 'photo' },
};

async function recognize(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { recognizePhotos } =
    require('../../recognize/recognize') as typeof import('../../recognize/recognize');
  const out = new CommandOutput('recognize', argv, process.stderr);
  try {
    const summary = await recognizePhotos({
      known: argv.known,
      photos: argv.unknown,
      tolerance: argv.tolerance,
      margin: argv.margin,
      method: argv.detectionMethod as 'hog' | 'cnn',
      detectSize: argv.detectSize as number,
      jobs: argv.jobs,
      includeHidden: argv.includeHidden as boolean,
      exclude: argv.exclude ?? [],
      ...(argv.maxMemory !== undefined && { maxMemory: parseMaxMemory(argv.maxMemory as string) }),
      ...(argv.models !== undefined && { models: argv.models }),
      signal,
      onPhoto: (photo) => tell(photo, argv.json, out),
      onProgress: ({ phase, done, total }) => out.progress(PHASES[phase], done, total),
      onProblem: (problem) => out.problem(problem),
    });
    const { seconds, problems, warnings, ...fields } = summary;
    out.done(summary, describe(summary), { ...fields, problems: problems.length });
    return problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}

/** As the command of face_recognition does, and how far the nearest person is. */
function tell({ path, faces }: RecognizedPhoto, json: boolean, out: CommandOutput): void {
  if (json) {
    writeEvent({
      event: 'photo',
      path,
      faces: faces.map(({ name, nearest, second, ...face }) => ({
        ...face,
        name: name ?? null,
        nearest: nearest ?? null,
        second: second ?? null,
      })),
    });
    return;
  }
  const lines = faces.map(({ name, distance }) =>
    [pathCell(path), nameCell(name ?? 'unknown_person'), distance.toFixed(4)].join(','),
  );
  if (lines.length === 0) lines.push(`${pathCell(path)},no_persons_found,`);
  // On a terminal, the bar would be in their way, and what names hold must not be obeyed; elsewhere names are what they are.
  const shown = process.stdout.isTTY ? lines.map(printable) : lines;
  if (process.stdout.isTTY) out.stop();
  process.stdout.write(encodeFileName(`${shown.join('\n')}\n`));
}

function describe({ photos, faces, recognized, problems, warnings }: RecognizeSummary): Line[] {
  return [
    `${count(faces, 'face')} on ${count(photos, 'photo')}, ${recognized.toLocaleString('en')} of them of people you know`,
    ...problemLines('Could not be used:', problems),
    ...warningLines(warnings),
  ];
}
