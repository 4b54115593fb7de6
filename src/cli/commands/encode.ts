import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { PhotoProblem } from '../../base/photo-problem';
import type { EncodeFacesOptions, EncodeProgress, EncodeSummary } from '../../encode/encode';
import type { RawAndJpeg } from '../../photos/raw-and-jpeg';
import { describeResult } from '../encode-summary';
import { writeEvent } from '../events';
import { ExitCode, UsageError } from '../exit';
import { describeForecast } from '../forecast';
import { Important } from '../important';
import { journalNotes } from '../journal-notes';
import {
  type Command,
  ENCODINGS_OPTION,
  EXCLUDE_OPTION,
  INCLUDE_HIDDEN_OPTION,
  JOBS_OPTION,
  MAX_PIXELS_OPTION,
  MODELS_OPTION,
  RAW_AND_JPEG_OPTION,
  VIDEO_OPTIONS,
  videoOf,
  withOptions,
} from '../options';
import { CommandOutput, OUTPUT_OPTIONS, type Phase } from '../output';
import { PASSWORD_FILE_OPTION, queueServer } from '../queue-options';
import { howToGoOn, runStoppable } from '../report';
import { parseMaxMemory } from '../terminal/bytes';
import { doneText } from '../terminal/files';
import { commandName } from '../terminal/text';

const DEFAULT_DATASET = 'datasets/default_dataset';

const options = {
  dataset: {
    alias: 'i',
    type: 'string',
    array: true,
    // Not a default of yargs: it would not be told from what was given.
    defaultDescription: JSON.stringify(DEFAULT_DATASET),
    describe: 'The same as an option: -i photos, or -i photos more/albums',
  },
  encodings: { ...ENCODINGS_OPTION, describe: 'File to write what was found to' },
  detection_method: {
    alias: ['d', 'detection-method'],
    choices: ['cnn', 'hog'] as const,
    default: 'cnn' as const,
    describe: 'How to look for faces: cnn finds more, hog is many times faster',
  },
  jobs: {
    ...JOBS_OPTION,
    describe:
      'How many photos to work on at once; -1: as many as there are cores, or as a container is given time for',
  },
  upsample: {
    type: 'number',
    default: 1,
    describe:
      'How often to double the size of a photo first; 2 finds smaller faces and takes 4 times as long',
  },
  'detect-size': {
    type: 'number',
    example: 1600,
    describe:
      'Bring the longer side of large photos down to so many pixels, e.g. 1600, before looking for faces: many times faster, misses small faces. Default: photos are looked at as they are',
  },
  video: {
    ...VIDEO_OPTIONS.video,
    default: false,
    describe: 'Look for faces in videos, too: on a picture every few seconds. Needs ffmpeg',
  },
  'video-every': {
    ...VIDEO_OPTIONS['video-every'],
    describe:
      'Look for faces in videos, on a picture about every so many seconds, and at the beginnings of scenes. Default: with --video 3',
  },
  'num-jitters': {
    type: 'number',
    default: 1,
    describe:
      'How often to measure each face, slightly changed each time; more is slower and a little more exact',
  },
  mirror: {
    type: 'boolean',
    default: false,
    describe:
      'Also keep what each face looks like in a mirror: people are told apart better by cluster --method linkage; takes longer',
  },
  'max-memory': {
    type: 'string',
    describe:
      'How much memory to use at most, e.g. 2GB, at least 256MB; large photos are then done in smaller pieces. Default: half of what there is',
  },
  'max-pixels': MAX_PIXELS_OPTION,
  exclude: EXCLUDE_OPTION,
  'include-hidden': INCLUDE_HIDDEN_OPTION,
  'raw-and-jpeg': { ...RAW_AND_JPEG_OPTION, default: 'one' as const },
  fresh: {
    type: 'boolean',
    default: false,
    describe: 'Start over: forget what earlier runs have found, in other folders, too',
  },
  strict: {
    type: 'boolean',
    default: false,
    describe: 'Stop at the first photo that can not be read',
  },
  errors: {
    type: 'string',
    describe:
      'File to write a list to of the photos that could not be read, as they were met, for programs: JSON, one a line',
  },
  models: MODELS_OPTION,
  queue: {
    type: 'string',
    describe:
      'Share the work with other computers that run "worker": the address of a queue, redis://host, rediss://host or postgres://user@host/database',
  },
  send: {
    type: 'boolean',
    default: false,
    describe: 'With --queue: send the photos to workers, which need no folder with them then',
  },
  'no-work': {
    type: 'boolean',
    default: false,
    describe: 'With --queue: have all photos looked at by workers, none by this computer',
  },
  'password-file': PASSWORD_FILE_OPTION,
  ...OUTPUT_OPTIONS,
} as const;

/** What stands in no option. */
const PHOTOS = {
  type: 'string',
  array: true,
  defaultDescription: JSON.stringify(DEFAULT_DATASET),
  describe: 'Folders with photos, searched with all folders in them, or single photos',
} as const;

type Arguments = InferredOptionTypes<typeof options & { photos: typeof PHOTOS }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, photos: PHOTOS }, 'Give the folders with the photos first.')
      .positional('photos', PHOTOS)
      .usage(
        'Usage: $0 encode [photos..] [options]\n\n' +
          'Looks for faces in all photos of a folder, or of several. Each face is measured: 128 numbers that are close to each other ' +
          'for photos of one person. They are written to a file, which "cluster" then sorts into people. ' +
          'The photos are not changed, and nothing leaves this computer, unless you share the work by --queue.',
      )
      .example('$0 encode photos', 'find the faces in the folder "photos"')
      .example('$0 encode photos more/albums', 'the same in two folders')
      .example(
        '$0 encode photos -d hog',
        'the same, many times faster; misses faces that are turned or small',
      )
      .example(
        '$0 encode photos --detect-size 1600',
        'large photos many times faster; misses the smallest faces on them',
      )
      .example('$0 encode photos --upsample 2', 'also find the small faces in the background')
      .example('$0 encode photos --video', 'also look for faces in videos')
      .example('$0 encode photos --mirror', 'also measure what each face looks like in a mirror')
      .example('$0 encode photos -e family.pickle', 'choose the file to write to')
      .example(
        '$0 encode photos --queue redis://nas',
        'together with other computers, see docs/many-machines.md',
      )
      .example(
        "$0 encode photos --exclude '*.gif' --exclude screenshots",
        'leave out GIFs, and folders of that name',
      )
      .epilogue(
        'A run that was stopped, or the power cut, goes on where it was when it is started again; one that is repeated ' +
          'works on photos that are new or changed only. What is known is kept beside the file, in "<file>.journal".',
      ),
  handler: (argv) => {
    const run = new Run(argv);
    return runStoppable(
      (signal) => run.encode(signal),
      () => run.whenStopped(),
    );
  },
};

class Run {
  readonly #problems: PhotoProblem[] = [];
  #last: EncodeProgress | undefined;

  constructor(private readonly argv: ArgumentsCamelCase<Arguments>) {}

  async encode(stop: AbortSignal): Promise<number> {
    const out = new CommandOutput('encode', this.argv);
    stop.addEventListener('abort', () =>
      out.note('Finishing the photos in hand; once more to stop at once.'),
    );
    try {
      const summary = await this.#encode(stop, out);
      const { seconds, problems, warnings, ...fields } = summary;
      out.done(summary, describeResult(summary, this.argv.mirror), { ...fields, problems: problems.length });
      return problems.length > 0 ? ExitCode.problems : ExitCode.ok;
    } catch (error) {
      out.failed(error);
      throw error;
    }
  }

  async #encode(stop: AbortSignal, out: CommandOutput): Promise<EncodeSummary> {
    const { argv } = this;
    const encodeFaces = encoderFor(argv, out);
    if (argv.errors !== undefined) {
      const { checkWritable } = require('../../system/writable') as typeof import('../../system/writable');
      const { checkReplaceable } = require('../errors-file') as typeof import('../errors-file');
      await checkWritable(argv.errors);
      await checkReplaceable(argv.errors);
      if (resolve(argv.errors) === resolve(argv.encodings)) {
        throw new UsageError(
          '--errors and --encodings name the same file. Give the list of errors another name.',
        );
      }
    }
    try {
      return await encodeFaces({
        dataset: inputsOf(argv),
        includeHidden: argv.includeHidden as boolean,
        exclude: argv.exclude ?? [],
        rawAndJpeg: argv.rawAndJpeg as RawAndJpeg,
        encodings: argv.encodings,
        method: argv.detection_method,
        jobs: argv.jobs,
        upsample: argv.upsample,
        ...(argv.detectSize !== undefined && { detectSize: argv.detectSize as number }),
        ...videoOf({ ...argv, video: argv.video || undefined }),
        numJitters: argv.numJitters as number,
        mirror: argv.mirror,
        ...(argv.maxMemory !== undefined && {
          maxMemory: parseMaxMemory(argv.maxMemory as string),
        }),
        ...(argv.maxPixels !== undefined && { maxPixels: argv.maxPixels as number }),
        ...(argv.models !== undefined && { models: argv.models }),
        fresh: argv.fresh,
        strict: argv.strict,
        stop,
        onJournal: (report) => {
          for (const note of journalNotes(report)) out.note(note);
        },
        onVideo: ({ done, total }) => out.progress(VIDEOS, done, total),
        onProgress: (progress) => {
          this.#last = progress;
          out.encoding(PHASE, progress);
        },
        // Without somebody to tell, nothing is to be found out.
        ...(!argv.quiet && {
          onForecast: (forecast) => out.forecast(forecast, describeForecast(forecast, argv.detection_method)),
        }),
        onProblem: (problem) => {
          this.#problems.push(problem);
          out.problem(problem);
        },
      });
    } finally {
      if (argv.errors !== undefined) {
        const { writeErrorsFile } = require('../errors-file') as typeof import('../errors-file');
        await writeErrorsFile(argv.errors, this.#problems);
      }
    }
  }

  /** What it means for the user that the command was stopped. */
  whenStopped(): string {
    if (!this.#last) return 'Nothing was written.';
    return `${doneText(this.#last.files)} are done and kept. ${howToGoOn(this.argv.fresh)}`;
  }
}

/** How often there is an event that says how fast workers are, at most. */
const WORKERS_EVERY_MS = 2_000;

/** What finds the faces: this computer, or several. Loaded only now: "--help" must not wait for the image library. */
function encoderFor(
  argv: ArgumentsCamelCase<Arguments>,
  out: CommandOutput,
): (options: EncodeFacesOptions) => Promise<EncodeSummary> {
  const { queue, send } = argv;
  if (queue === undefined) {
    const without = { '--send': send, '--no-work': argv.noWork, '--password-file': argv.passwordFile };
    for (const [name, value] of Object.entries(without)) {
      if (value) throw new UsageError(`${name} means something only together with --queue.`);
    }
    return (require('../../encode/encode') as typeof import('../../encode/encode')).encodeFaces;
  }
  const server = queueServer(queue, argv.passwordFile as string | undefined);
  const { encodeFacesOnQueue } =
    require('../../queue/encode-on-queue') as typeof import('../../queue/encode-on-queue');
  let told = Number.NEGATIVE_INFINITY;
  return ({ onForecast: _, ...options }) =>
    encodeFacesOnQueue({
      ...options,
      ...server,
      send,
      work: !argv.noWork,
      onNote: (message, isTrouble) => out.note(isTrouble ? new Important(message) : message),
      onWorkers: (workers) => {
        const now = performance.now();
        if (!argv.json || argv.quiet || now - told < WORKERS_EVERY_MS) return;
        told = now;
        writeEvent({ event: 'workers', workers });
      },
    });
}

/** @throws UsageError if none was given, and the default is not there */
function inputsOf(argv: Partial<Arguments>): string[] {
  // yargs has nothing against an option that takes several values and is given none.
  if (argv.dataset?.length === 0) throw new UsageError('--dataset needs a value.');
  const inputs = [...(argv.dataset ?? []), ...(argv.photos ?? [])];
  if (inputs.length > 0) return inputs;
  if (existsSync(DEFAULT_DATASET)) return [DEFAULT_DATASET];
  throw new UsageError(
    `Give the folder with your photos: ${commandName()} encode <folder>. (Without one it would be ${DEFAULT_DATASET}, ` +
      'which is not there.)',
  );
}

const VIDEOS: Phase = { name: 'videos', title: 'Looking through the videos', unit: 'video' };
const PHASE: Phase = { name: 'encode', title: 'Encoding', unit: 'photo' };
