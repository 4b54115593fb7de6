import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { QueueWorkerProgress } from '../../queue/worker';
import { endThoughHeld } from '../../system/end-though-held';
import { writeEvent } from '../events';
import { ExitCode, UsageError } from '../exit';
import { Important } from '../important';
import {
  type Command,
  JOBS_OPTION,
  MAX_MEMORY_OPTION,
  MAX_PIXELS_OPTION,
  MODELS_OPTION,
  withOptions,
} from '../options';
import { CommandOutput, OUTPUT_OPTIONS } from '../output';
import { PASSWORD_FILE_OPTION, queueServer } from '../queue-options';
import { runStoppable } from '../report';
import { parseMaxMemory } from '../terminal/bytes';
import { count, duration } from '../terminal/text';

const options = {
  queue: {
    type: 'string',
    describe: 'Address of the queue: redis://host, rediss://host with TLS, or postgres://user@host/database',
  },
  photos: {
    type: 'string',
    describe:
      'The folder with the photos, by the name that it has on this computer. Without it, only photos that are sent are looked at',
  },
  jobs: {
    ...JOBS_OPTION,
    describe:
      'How many photos to work on at once; -1: as many as there are cores, or as a container is given time for',
  },
  'password-file': PASSWORD_FILE_OPTION,
  'max-memory': MAX_MEMORY_OPTION,
  'max-pixels': {
    ...MAX_PIXELS_OPTION,
    describe: 'Do not help with photos of more pixels than this. Default: 268 million',
  },
  models: MODELS_OPTION,
  ...OUTPUT_OPTIONS,
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the folder with the photos with --photos.')
      .usage(
        'Usage: $0 worker --queue <address> [options]\n\n' +
          'Looks at photos for "encode --queue" on another computer, until it is stopped. It takes some photos at a time from the ' +
          'queue, and puts onto it what is on them; nothing is written here. Photos are read from the folder that you name, and from ' +
          'nowhere else, or are sent, if the other computer does so.',
      )
      .example(
        '$0 worker --queue redis://nas --photos /mnt/photos',
        'help with the photos of a shared folder',
      )
      .example('$0 worker --queue redis://nas', 'help where photos are sent')
      .epilogue(
        'Ctrl-C finishes the photos in hand and ends; once more to end at once. docs/many-machines.md says how to set up a queue, and ' +
          'how many computers help.',
      ),
  handler: (argv) => {
    const run = new Run(argv);
    return runStoppable((stop) => run.work(stop), '');
  },
};

/** How often there is a word of how far it is, at most. */
const TOLD_EVERY_MS = 10_000;
const EVENT_EVERY_MS = 500;

class Run {
  #told = Number.NEGATIVE_INFINITY;

  constructor(private readonly argv: ArgumentsCamelCase<Arguments>) {}

  async work(stop: AbortSignal): Promise<number> {
    const { argv } = this;
    if (argv.queue === undefined) throw new UsageError('Give the address of the queue with --queue.');
    const server = queueServer(argv.queue, argv.passwordFile as string | undefined);
    const out = new CommandOutput('worker', argv);
    stop.addEventListener('abort', () =>
      out.note('Finishing the photos in hand; once more to stop at once.'),
    );
    try {
      // Loaded only now: "--help" must not wait for the image library.
      const { runQueueWorker } = require('../../queue/worker') as typeof import('../../queue/worker');
      const { answersAgain } = require('../../queue/trouble') as typeof import('../../queue/trouble');
      const summary = await runQueueWorker({
        ...server,
        jobs: argv.jobs,
        ...(argv.photos !== undefined && { photos: argv.photos }),
        ...(argv.maxMemory !== undefined && {
          maxMemory: parseMaxMemory(argv.maxMemory as string),
        }),
        ...(argv.maxPixels !== undefined && { maxPixels: argv.maxPixels as number }),
        ...(argv.models !== undefined && { models: argv.models }),
        stop,
        onReady: (worker) => {
          if (argv.json) writeEvent({ event: 'worker', ...worker });
          const { host, pid, program, instructions, jobs } = worker;
          out.comment(
            `Worker ${host} (process ${pid}): ${program}, ${count(jobs, 'photo')} at once, ${instructions}. ` +
              `Waiting for work on ${worker.server}; Ctrl-C ends it.`,
          );
        },
        onRun: (event) => {
          if (argv.json) writeEvent({ event: 'run', ...event });
          if (event.what === 'joined') out.comment(`Helping ${event.host} (run ${event.run}).`);
          if (event.what === 'left') out.comment(`The run of ${event.host} is over for this worker.`);
          if (event.what === 'refused')
            out.comment(new Important(`Can't help ${event.host} (run ${event.run}): ${event.reason}`));
        },
        onProgress: (progress) => this.#tell(progress, out),
        onTrouble: (error) => out.note(new Important(error.message)),
        onServerBack: (server) => out.note(new Important(answersAgain(server))),
      });
      const { seconds, photos, faces, refused } = summary;
      out.done(
        { seconds },
        [
          `${count(faces, 'face')} in ${count(photos, 'photo')}${refused > 0 ? `; ${count(refused, 'photo')} could not be looked at` : ''}`,
          `Time:      ${duration(seconds)}`,
        ],
        { photos, faces, refused },
      );
      return ExitCode.ok;
    } catch (error) {
      out.failed(error);
      const { SilentShare } = require('../../queue/photo-share') as typeof import('../../queue/photo-share');
      // Whoever stops it while that is asked for its real path has the same.
      if (error instanceof SilentShare || stop.aborted) endThoughHeld();
      throw error;
    }
  }

  #tell(progress: QueueWorkerProgress, out: CommandOutput): void {
    const now = performance.now();
    if (now - this.#told < (this.argv.json ? EVENT_EVERY_MS : TOLD_EVERY_MS)) return;
    this.#told = now;
    const { photos, faces, refused, perSecond } = progress;
    if (this.argv.json) writeEvent({ event: 'worked', photos, faces, refused, perSecond });
    out.comment(`${count(photos, 'photo')}, ${count(faces, 'face')}, ${perSecond.toFixed(1)} a second`);
  }
}
