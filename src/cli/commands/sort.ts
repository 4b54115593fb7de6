import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { DetectionMethod } from '../../base/types';
import type { EncodeProgress } from '../../encode/encode';
import type { EncodeForecast } from '../../encode/time-left';
import type { RawAndJpeg } from '../../photos/raw-and-jpeg';
import { ExitCode } from '../exit';
import { describeForecast, roughly } from '../forecast';
import { journalNotes } from '../journal-notes';
import {
  type Command,
  JOBS_OPTION,
  MAX_MEMORY_OPTION,
  MAX_PIXELS_OPTION,
  MODELS_OPTION,
  RAW_AND_JPEG_OPTION,
  VIDEO_OPTIONS,
  videoOf,
  withOptions,
} from '../options';
import { CommandOutput, OUTPUT_OPTIONS } from '../output';
import { tellDecided } from '../people-command';
import { errorText, howToGoOn, PEOPLE_FOLDER, runStoppable } from '../report';
import { SORT_PHASES } from '../sort-phases';
import { describeSorted, takenOverLine } from '../sort-summary';
import { STRICTNESS } from '../strictness';
import { ask, canAsk } from '../terminal/ask';
import { parseMaxMemory } from '../terminal/bytes';
import { doneText } from '../terminal/files';

const options = {
  output: {
    alias: 'o',
    type: 'string',
    default: PEOPLE_FOLDER,
    describe: 'Folder to make the folders of people in: a new one, or that of earlier runs',
  },
  'detection-method': {
    alias: 'd',
    choices: ['cnn', 'hog'] as const,
    describe:
      'How to look for faces: cnn finds more, hog is many times quicker. Default: as before; the first time cnn, and on a terminal you are asked if that takes long',
  },
  'detect-size': {
    type: 'number',
    example: 1600,
    describe:
      'Bring the longer side of large photos down to so many pixels before looking for faces; 0: look at them as they are, which also finds the smallest faces and takes many times as long. Default: as before; the first time 1600',
  },
  ...VIDEO_OPTIONS,
  strictness: {
    choices: ['strict', 'normal', 'loose'] as const,
    describe:
      'strict: rather two folders for one person than two people in one; loose: the reverse. Default: as before; the first time normal',
  },
  'min-photos': {
    type: 'number',
    example: 3,
    describe: 'On how many photos somebody has to be to get a folder. Default: as before; the first time 3',
  },
  files: {
    choices: ['hardlink', 'copy', 'symlink'] as const,
    describe:
      'How photos get into the folders; hard links take no space, and are copies where they can not be. Default: as before; the first time hardlink',
  },
  forget: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'A folder with photos of earlier runs that is not to be sorted any more',
  },
  known: {
    type: 'string',
    describe:
      'Folder with photos of people you know: a folder for each, named after them, or a photo for each. Who looks like them and has no name yet gets theirs',
  },
  'names-from-photos': {
    type: 'boolean',
    default: false,
    describe:
      'Take over the names that digiKam, Lightroom, Picasa and others have written into your photos, or into .xmp files beside them',
  },
  exclude: {
    type: 'string',
    array: true,
    nargs: 1,
    mayBeEmpty: true,
    describe:
      'Folders and photos to leave out: their names, * and ** for any part; may be given several times; "" for none. Default: as before',
  },
  'include-hidden': {
    type: 'boolean',
    describe: 'Search hidden folders, trash and thumbnails of other programs, too. Default: as before',
  },
  'raw-and-jpeg': {
    ...RAW_AND_JPEG_OPTION,
    describe: `${RAW_AND_JPEG_OPTION.describe}. Default: as before; the first time one`,
  },
  fresh: {
    type: 'boolean',
    default: false,
    describe: 'Look for faces on all photos anew; names and corrections stay',
  },
  regroup: {
    type: 'boolean',
    default: false,
    describe:
      'Find people anew, with new numbers, but for those whom you have named or corrected: after a change of --strictness or --min-photos, which else count for new photos',
  },
  'no-open': {
    type: 'boolean',
    default: false,
    describe: 'Do not offer to open the page in the browser',
  },
  jobs: JOBS_OPTION,
  'max-memory': MAX_MEMORY_OPTION,
  'max-pixels': MAX_PIXELS_OPTION,
  models: MODELS_OPTION,
  ...OUTPUT_OPTIONS,
} as const;

/** What stands in no option. */
const PHOTOS = {
  isPlace: true,
  type: 'string',
  array: true,
  defaultDescription: 'none',
  describe:
    'Folders with photos, searched with all folders in them; those of earlier runs are looked at in any case',
} as const;

type Arguments = InferredOptionTypes<typeof options & { photos: typeof PHOTOS }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, photos: PHOTOS }, 'Give the folders with the photos first.')
      .positional('photos', PHOTOS)
      .usage(
        'Usage: $0 sort [photos..] [options]\n\n' +
          'Sorts photos into people: a folder for each, with all photos that they are on, and a page to look at everybody. Run it ' +
          'again when there are new photos: only these are looked at, and everybody keeps their number and name. Before that it ' +
          'looks at what you have done to the folder: a folder with another name names the person, a photo that was moved to ' +
          'another folder is that person, one that was deleted there is not, a folder that was deleted hides the person, and one ' +
          'that was put into another makes the two one. Your photos stay where they are, and nothing leaves this computer.',
      )
      .example('$0 sort photos', 'sort the photos in the folder "photos" into the folder "people"')
      .example('$0 photos', 'the same')
      .example('$0 sort', 'look again: at new photos, and at what you did to the folder "people"')
      .example(
        '$0 sort photos /media/disk/more -o family',
        'two folders with photos into the folder "family"',
      )
      .example('$0 sort videos --video', 'people in videos, too: their folders get the videos')
      .example(
        '$0 sort --known friends',
        'name people by the photos in "friends": anna.jpg, or a folder Anna',
      )
      .example('$0 sort --names-from-photos', 'take over names from digiKam and others')
      .example('$0 sort --strictness strict --regroup', 'when many people share folders')
      .epilogue(
        'Stopped or cut off, it goes on where it was when it is started again. All that it knows is in the folder ".data" beside ' +
          'the folders of people; with that folder deleted, it knows nothing any more.',
      ),
  handler: (argv) => {
    const run = new Run(argv);
    return runStoppable(
      (signal) => run.sort(signal),
      () => run.whenStopped(),
    );
  },
};

class Run {
  #last: EncodeProgress | undefined;

  constructor(private readonly argv: ArgumentsCamelCase<Arguments>) {}

  async sort(stop: AbortSignal): Promise<number> {
    const { argv } = this;
    // Loaded only now: "--help" must not wait for the image library.
    const { sortPhotos } = require('../../sort/sort') as typeof import('../../sort/sort');
    const out = new CommandOutput('sort', argv);
    // While faces are looked for, photos in hand are finished; after that nothing is lost by stopping at once.
    const atOnce = new AbortController();
    let encoding = true;
    stop.addEventListener('abort', () => {
      if (encoding) out.note('Finishing the photos in hand; once more to stop at once.');
      else atOnce.abort(stop.reason);
    });
    const question = new AbortController();
    const takenOver: string[] = [];
    try {
      const { strictness, detectionMethod, detectSize, minPhotos, files } = argv;
      const summary = await sortPhotos({
        ...(argv.photos && { photos: argv.photos }),
        output: argv.output,
        ...(argv.forget && { forget: argv.forget }),
        ...(argv.known !== undefined && { known: argv.known }),
        namesFromPhotos: argv.namesFromPhotos as boolean,
        ...(detectionMethod && { method: detectionMethod as DetectionMethod }),
        ...(detectSize !== undefined && { detectSize: detectSize as number }),
        ...videoOf(argv),
        ...(strictness && { threshold: STRICTNESS[strictness] }),
        ...(minPhotos !== undefined && { minPhotos: minPhotos as number }),
        ...(files && { files }),
        ...(argv.includeHidden !== undefined && { includeHidden: argv.includeHidden as boolean }),
        ...(argv.exclude && { exclude: argv.exclude.filter((pattern) => pattern !== '') }),
        ...(argv.rawAndJpeg && { rawAndJpeg: argv.rawAndJpeg as RawAndJpeg }),
        fresh: argv.fresh,
        regroup: argv.regroup,
        jobs: argv.jobs,
        ...(argv.maxMemory !== undefined && {
          maxMemory: parseMaxMemory(argv.maxMemory as string),
        }),
        ...(argv.maxPixels !== undefined && { maxPixels: argv.maxPixels as number }),
        ...(argv.models !== undefined && { models: argv.models }),
        signal: atOnce.signal,
        stop,
        onJournal: (report) => {
          for (const note of journalNotes(report)) out.note(note);
        },
        onProgress: ({ phase, done, total, encode }) => {
          if (encode) {
            if (phase === 'encode') this.#last = encode;
            out.encoding(SORT_PHASES[phase], encode);
            return;
          }
          if (phase === 'videos') {
            out.progress(SORT_PHASES.videos, done, total);
            return;
          }
          encoding = false;
          question.abort();
          if (stop.aborted) atOnce.abort(stop.reason);
          out.progress(SORT_PHASES[phase], done, total);
        },
        ...(!argv.quiet && {
          onForecast: (forecast) => {
            if (!isAsked(forecast))
              out.forecast(forecast, describeForecast(forecast, detectionMethod ?? 'cnn'));
          },
        }),
        ...(canAsk(argv) && { choose: (forecast) => askWhich(forecast, out, question.signal) }),
        onProblem: (problem) => out.problem(problem),
        onTakenOver: (taken) => {
          if (argv.json) out.note(takenOverLine(taken));
          else takenOver.push(takenOverLine(taken));
        },
      });
      out.done(summary, describeSorted(summary, argv.output), {
        people: summary.people,
        faces: summary.faces,
        photos: summary.encode.photos,
        videos: summary.encode.videos,
        unsorted: summary.unsorted,
        unclear: summary.unclear,
        hidden: summary.hidden,
        changes: summary.changes,
        takenOver: summary.takenOver,
        folder: summary.folder,
        copies: summary.encode.copies,
        problems: summary.problems.length,
        output: summary.output,
        page: summary.page,
      });
      if (canAsk(argv) && !argv.noOpen && summary.people.length > 0) await offerPage(argv, stop);
      return summary.problems.length > 0 ? ExitCode.problems : ExitCode.ok;
    } catch (error) {
      tellDecided(out, argv.output, takenOver);
      out.failed(error);
      throw error;
    } finally {
      question.abort();
    }

    function isAsked(forecast: EncodeForecast): boolean {
      return canAsk(argv) && argv.detectionMethod === undefined && forecast.instead.length > 0;
    }
  }

  /** What it means for the user that the command was stopped. */
  whenStopped(): string {
    if (!this.#last) return 'Nothing was changed.';
    return `${doneText(this.#last.files)} are looked at, and that is kept. ${howToGoOn(this.argv.fresh)}`;
  }
}

/** Which detector to take, by how long it takes. Rejects if there is no answer. */
async function askWhich(
  { secondsLeft, instead }: EncodeForecast,
  out: CommandOutput,
  signal: AbortSignal,
): Promise<DetectionMethod> {
  const quick = instead.find(({ method }) => method === 'hog');
  if (!quick) return 'cnn';
  out.note(
    `Looking thoroughly takes about ${roughly(secondsLeft)} more; quickly, without faces that are turned, about ${roughly(quick.secondsLeft)}. ` +
      'For quick, type q and Enter; else it goes on.',
  );
  const answer = await ask('', signal);
  return /^q/i.test(answer.trim()) ? 'hog' : 'cnn';
}

async function offerPage(argv: ArgumentsCamelCase<Arguments>, stop: AbortSignal): Promise<void> {
  const answer = await ask('\nOpen the page in your browser? [Y/n] ', stop).catch(() => 'n');
  if (/^n/i.test(answer.trim())) return;
  const { view } = require('./view') as typeof import('./view');
  await view(argv.output, { ...argv, port: undefined }, stop).catch((error) =>
    process.stderr.write(`${errorText(error)}\n`),
  );
}
