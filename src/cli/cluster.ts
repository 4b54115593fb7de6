import { join } from 'node:path';
import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from 'yargs';
import type { ClusterProgress, ClusterSummary } from '../cluster';
import { ExitCode } from './exit';
import { withOptions } from './options';
import { type Progress, showProgress } from './progress';
import { problemLines, runStoppable } from './report';
import { coloursFor, count, duration, printable } from './text';

const PEOPLE_SHOWN = 20;

const options = {
  encodings: {
    alias: 'e',
    type: 'string',
    default: 'encodings/encodings.pickle',
    describe: 'File that "encode", or encode_faces.py, has written',
    requiresArg: true,
  },
  output: {
    alias: 'o',
    type: 'string',
    default: 'results/default_result',
    describe: 'Folder to put the result into: a new one, or that of an earlier run, which is replaced',
    requiresArg: true,
  },
  jobs: {
    alias: 'j',
    type: 'number',
    default: -1,
    describe: 'How many things to do at once; -1: as many as there are cores',
    requiresArg: true,
  },
  eps: {
    type: 'number',
    default: 0.5,
    describe:
      'How different two faces may be and still be the same person: lower if people are mixed, higher if one person is split',
    requiresArg: true,
  },
  'min-samples': {
    type: 'number',
    default: 5,
    describe: 'How many alike faces make a person; fewer finds people who are on few photos',
    requiresArg: true,
  },
  seed: {
    type: 'number',
    default: 0,
    describe: 'Another number draws other faces for the overview pictures',
    requiresArg: true,
  },
  photos: {
    type: 'string',
    describe: 'Folder to look for the photos in, if they have been moved or "encode" was run elsewhere',
    requiresArg: true,
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const clusterCommand: CommandModule<object, Arguments> = {
  command: 'cluster',
  describe: 'Step 2: sort the faces into people, one folder of photos for each',
  builder: (yargs) =>
    withOptions(
      yargs,
      options,
      'Give the encodings file with --encodings, the folder for the result with --output.',
    )
      .usage(
        'Usage: $0 cluster [options]\n\n' +
          'Sorts the faces that "encode" has found into people. Each person gets a folder with copies of all photos they ' +
          'are on (label0, label1, …) and an overview picture (montage/Face ID #0.jpg, …). Faces that are like too few ' +
          'others are in label-1. Your photos stay where they are.',
      )
      .example('$0 cluster', 'sort what "encode" has just found')
      .example('$0 cluster --min-samples 2', 'also find people who are on 2 photos only')
      .example('$0 cluster --eps 0.45', 'stricter, when two people share a folder')
      .example('$0 cluster -e old.pickle --photos photos -o people', 'use the file of the Python project'),
  handler: (argv) => runStoppable((signal) => cluster(argv, signal)),
};

async function cluster(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { clusterFaces } = require('../cluster') as typeof import('../cluster');
  const progress = new PhaseProgress();
  try {
    const summary = await clusterFaces({
      encodings: argv.encodings,
      output: argv.output,
      jobs: argv.jobs,
      eps: argv.eps,
      minSamples: argv.minSamples as number,
      seed: argv.seed,
      ...(argv.photos !== undefined && { photos: argv.photos }),
      signal,
      onProgress: (event) => progress.update(event),
    });
    progress.stop();
    process.stdout.write(`${describeResult(summary, argv).join('\n')}\n`);
    return summary.problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } finally {
    progress.stop();
  }
}

const PHASES: Readonly<Record<ClusterProgress['phase'], readonly [title: string, unit: string]>> = {
  read: ['Reading the faces', ''],
  locate: ['Looking for the photos', 'photo'],
  cluster: ['Comparing the faces', ''],
  copy: ['Copying', 'photo'],
  montage: ['Drawing', 'overview picture'],
};

class PhaseProgress {
  #phase: ClusterProgress['phase'] | undefined;
  #shown: Progress | undefined;

  update({ phase, done, total }: ClusterProgress): void {
    if (phase !== this.#phase) {
      this.stop();
      this.#phase = phase;
      this.#shown = showProgress(...PHASES[phase]);
    }
    this.#shown?.update(done, total);
  }

  stop(): void {
    this.#shown?.stop();
    this.#shown = undefined;
  }
}

function describeResult(summary: ClusterSummary, argv: ArgumentsCamelCase<Arguments>): string[] {
  const { faces, photos, people, unclustered, problems, seconds } = summary;
  const output = printable(summary.output);
  const largest = [...people].sort((a, b) => b.photos - a.photos);
  const rest = people.length - PEOPLE_SHOWN;
  return [
    `${coloursFor(process.stdout).bold(count(people.length, 'person', 'people'))} among ${count(faces, 'face')} in ${count(photos, 'photo')}`,
    ...largest
      .slice(0, PEOPLE_SHOWN)
      .map(
        ({ label, faces, photos }) => `  label${label}: ${count(photos, 'photo')}, ${count(faces, 'face')}`,
      ),
    ...(rest > 0 ? [`  … and ${count(rest, 'more', 'more')}`] : []),
    ...(unclustered > 0 ? [`  label-1: ${count(unclustered, 'face')} like too few others`] : []),
    `Time:      ${duration(seconds)}`,
    `Photos:    ${join(output, 'label<N>')}`,
    `Overviews: ${join(output, 'montage')}`,
    ...problemLines('Could not be used:', problems),
    ...advice(summary, argv),
  ];
}

function advice({ faces, people }: ClusterSummary, argv: ArgumentsCamelCase<Arguments>): string[] {
  if (people.length > 0) return [];
  if (faces === 0)
    return ['', 'The encodings file holds no faces. "encode" finds more with "--upsample 2" or "-d cnn".'];
  const minSamples = argv.minSamples as number;
  return [
    '',
    `No ${minSamples} faces are alike. Try:`,
    ...(minSamples > 2 ? ['  --min-samples 2   to find people who are on 2 photos only'] : []),
    ...(argv.eps < 0.6 ? ['  --eps 0.55        to let the faces of one person differ more'] : []),
  ];
}
