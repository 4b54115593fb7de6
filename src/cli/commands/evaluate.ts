import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { EvaluateSummary } from '../../evaluate/evaluate-photos';
import type { RawAndJpeg } from '../../photos/raw-and-jpeg';
import { describeEvaluation, describeRun } from '../evaluation-summary';
import { ExitCode } from '../exit';
import { describeForecast } from '../forecast';
import { journalNotes } from '../journal-notes';
import {
  type Command,
  ENCODINGS_OPTION,
  EXCLUDE_OPTION,
  INCLUDE_HIDDEN_OPTION,
  JOBS_OPTION,
  MAX_MEMORY_OPTION,
  MAX_PIXELS_OPTION,
  MODELS_OPTION,
  PLACES,
  RAW_AND_JPEG_OPTION,
  withOptions,
} from '../options';
import { CommandOutput, outputOptions, type Phase } from '../output';
import { howToGoOn, runStoppable } from '../report';
import { SORT_PHASES } from '../sort-phases';
import { parseMaxMemory } from '../terminal/bytes';

const DEFAULT_ENCODINGS = 'evaluate/encodings.pickle';

const options = {
  truth: {
    choices: ['photos', 'folders'] as const,
    describe:
      'What says who is who. photos: names in the photos or in files beside them, as other programs write them; folders: each is named after a person. Default: photos, and folders if there are no names',
  },
  encodings: {
    ...ENCODINGS_OPTION,
    // Not a default of yargs: it would not be told from what was given.
    default: undefined,
    defaultDescription: JSON.stringify(DEFAULT_ENCODINGS),
    describe:
      'File to keep what was found in, for the next time; that of "encode" for the same photos will do',
  },
  'detection-method': {
    alias: 'd',
    choices: ['cnn', 'hog'] as const,
    default: 'cnn' as const,
    describe: 'How to look for faces: cnn finds more, hog is many times quicker',
  },
  'detect-size': {
    type: 'number',
    default: 1600,
    describe:
      'Bring the longer side of large photos down to so many pixels before looking for faces, as "sort" does; 0: look at them as they are',
  },
  'min-samples': {
    type: 'number',
    default: 5,
    describe: 'How many alike faces make a person in "cluster" (dbscan)',
  },
  exclude: EXCLUDE_OPTION,
  'include-hidden': INCLUDE_HIDDEN_OPTION,
  'raw-and-jpeg': { ...RAW_AND_JPEG_OPTION, default: 'one' as const },
  fresh: {
    type: 'boolean',
    default: false,
    describe: 'Look for faces on all photos anew',
  },
  jobs: JOBS_OPTION,
  'max-memory': MAX_MEMORY_OPTION,
  'max-pixels': MAX_PIXELS_OPTION,
  models: MODELS_OPTION,
  ...outputOptions('how well they are told apart'),
} as const;

/** What stands in no option. */
const PHOTOS = {
  ...PLACES,
  describe: 'Folders with photos of people whose names are known',
} as const;

type Arguments = InferredOptionTypes<typeof options & { photos: typeof PHOTOS }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, photos: PHOTOS }, 'Give the folders with the photos first.')
      .positional('photos', { ...PHOTOS, demandOption: true })
      .usage(
        'Usage: $0 evaluate <photos..> [options]\n\n' +
          'Measures how well this program tells the people on your photos apart, and how strict it should be for them. For that it ' +
          'has to know who is who: by names that other programs have written into the photos or beside them, or by folders that ' +
          'are named after people (photos/Anna/1.jpg). It groups the faces without the names, in the ways of "sort" and "cluster", and compares. ' +
          'The photos are not changed, and nothing leaves this computer.',
      )
      .example('$0 evaluate photos', 'by the names in the photos, or by the folders in "photos"')
      .example('$0 evaluate lfw -d hog', 'on Labeled Faces in the Wild, quickly')
      .example(
        '$0 evaluate photos -e encodings/encodings.pickle --detect-size 0',
        'with what "encode photos" has found',
      ),
  handler: (argv) => {
    const run = new Run(argv);
    return runStoppable(
      (stop) => run.evaluate(stop),
      `What was found so far is kept. ${howToGoOn(argv.fresh)}`,
    );
  },
};

const PHASES: Readonly<Record<'names' | 'cluster', Phase>> = {
  names: { name: 'names', title: 'Reading names', unit: 'photo' },
  cluster: SORT_PHASES.cluster,
};

class Run {
  constructor(private readonly argv: ArgumentsCamelCase<Arguments>) {}

  async evaluate(stop: AbortSignal): Promise<number> {
    const out = new CommandOutput('evaluate', this.argv);
    try {
      const summary = await this.#evaluate(stop, out);
      const { encode, problems, seconds, ...fields } = summary;
      out.answer(describeEvaluation(summary));
      out.done({ seconds, warnings: encode.warnings }, describeRun(summary), {
        ...fields,
        encodings: encode.encodings,
        problems: problems.length,
      });
      return problems.length > 0 ? ExitCode.problems : ExitCode.ok;
    } catch (error) {
      out.failed(error);
      throw error;
    }
  }

  async #evaluate(stop: AbortSignal, out: CommandOutput): Promise<EvaluateSummary> {
    // Loaded only now: "--help" must not wait for the image library.
    const { evaluatePhotos } =
      require('../../evaluate/evaluate-photos') as typeof import('../../evaluate/evaluate-photos');
    const { argv } = this;
    let encoding = true;
    stop.addEventListener('abort', () => {
      if (encoding) out.note('Finishing the photos in hand; once more to stop at once.');
    });
    return evaluatePhotos({
      photos: argv.photos ?? [],
      encodings: argv.encodings ?? DEFAULT_ENCODINGS,
      // Its own file is of whatever was measured last.
      dropOthers: argv.encodings === undefined,
      ...(argv.truth && { truth: argv.truth }),
      method: argv.detectionMethod as 'cnn' | 'hog',
      detectSize: argv.detectSize as number,
      minSamples: argv.minSamples as number,
      includeHidden: argv.includeHidden as boolean,
      exclude: argv.exclude ?? [],
      rawAndJpeg: argv.rawAndJpeg as RawAndJpeg,
      fresh: argv.fresh,
      jobs: argv.jobs,
      ...(argv.maxMemory !== undefined && {
        maxMemory: parseMaxMemory(argv.maxMemory as string),
      }),
      ...(argv.maxPixels !== undefined && { maxPixels: argv.maxPixels as number }),
      ...(argv.models !== undefined && { models: argv.models }),
      stop,
      onJournal: (report) => {
        for (const note of journalNotes(report)) out.note(note);
      },
      onProgress: ({ phase, done, total, encode }) => {
        if (phase !== 'encode' || !encode) {
          encoding = false;
          out.progress(PHASES[phase as 'names' | 'cluster'], done, total);
          return;
        }
        out.encoding(SORT_PHASES.encode, encode);
      },
      ...(!argv.quiet && {
        onForecast: (forecast) =>
          out.forecast(forecast, describeForecast(forecast, argv.detectionMethod as 'cnn' | 'hog')),
      }),
      onProblem: (problem) => out.problem(problem),
    });
  }
}
