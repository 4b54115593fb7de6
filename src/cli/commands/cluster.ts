import { join } from 'node:path';
import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { ClusterFacesOptions, ClusterProgress } from '../../cluster';
import { CLUSTERS_JSON } from '../../result/names-in-result';
import { describeResult } from '../cluster-summary';
import { ExitCode, UsageError } from '../exit';
import { type Command, ENCODINGS_OPTION, JOBS_OPTION, withOptions } from '../options';
import { CommandOutput, OUTPUT_OPTIONS, type Phase } from '../output';
import { runStoppable } from '../report';
import { parseMaxMemory } from '../terminal/bytes';

const options = {
  encodings: ENCODINGS_OPTION,
  output: {
    alias: 'o',
    type: 'string',
    default: 'results/default_result',
    describe:
      'Folder to put the result into: a new one, or that of an earlier run, which is replaced; photos that are nowhere else are kept',
  },
  jobs: JOBS_OPTION,
  method: {
    choices: ['dbscan', 'linkage'] as const,
    default: 'dbscan' as const,
    describe:
      'How faces are grouped: dbscan, as the Python project does, or linkage, which keeps people apart better',
  },
  eps: {
    type: 'number',
    describe:
      'dbscan: how different two faces may be and still be the same person: lower if people are mixed, higher if one person is split. Default: 0.5',
  },
  threshold: {
    type: 'number',
    describe: 'linkage: the same for two groups of faces. Default: 0.56 with mirror encodings, else 0.61',
  },
  'keep-unclear': {
    type: 'boolean',
    default: false,
    describe:
      'linkage: let blurs, parts of faces and what hardly is a face make people, too; left out, they only join whom they are surely like',
  },
  'min-samples': {
    type: 'number',
    default: 5,
    describe: 'How many alike faces make a person; fewer finds people who are on few photos',
  },
  photos: {
    type: 'string',
    describe: 'Folder to look for the photos in, if they have been moved or "encode" was run elsewhere',
  },
  folders: {
    choices: ['labels', 'names'] as const,
    default: 'labels' as const,
    describe:
      "What the people's folders are called: labels, as in the Python project; or names, such as Anna (135) and Person 02 (77), for people who last, whose names and numbers are kept beside the encodings file",
  },
  files: {
    choices: ['hardlink', 'copy', 'symlink', 'none'] as const,
    default: 'hardlink' as const,
    describe:
      "How photos get into the people's folders; hard links take no space, and are copies where they can't be",
  },
  layout: {
    choices: ['photos', 'faces'] as const,
    default: 'photos' as const,
    describe: "What is in the people's folders: whole photos, or faces cut out of them",
  },
  csv: {
    type: 'boolean',
    default: false,
    describe: 'Write clusters.csv, too: a line for each face',
  },
  'no-gallery': {
    type: 'boolean',
    default: false,
    describe: 'Leave out the gallery and its small pictures: quicker, with many photos',
  },
  'montage-size': {
    type: 'string',
    default: '5x5',
    describe: 'How many faces are on an overview picture, side by side and one below the other',
  },
  tile: {
    type: 'number',
    default: 96,
    describe: 'How large each of them is, in pixels',
  },
  'montage-all': {
    type: 'boolean',
    default: false,
    describe: 'Draw all faces of each person, on as many overview pictures as it takes',
  },
  order: {
    choices: ['random', 'representative'] as const,
    default: 'random' as const,
    describe: 'Which faces come first there; representative: those nearest to the average of the person',
  },
  seed: {
    type: 'number',
    default: 0,
    describe: 'Another number draws other faces for the overview pictures',
  },
  'max-memory': {
    type: 'string',
    describe:
      'How much memory to use at most, e.g. 2GB, at least 256MB; fewer photos are then worked on at once. Default: half of what there is',
  },
  'max-pixels': {
    type: 'number',
    describe: 'Draw nothing of photos with more pixels than this. Default: 268 million',
  },
  ...OUTPUT_OPTIONS,
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(
      yargs,
      options,
      'Give the encodings file with --encodings, the folder for the result with --output.',
    )
      .usage(
        'Usage: $0 cluster [options]\n\n' +
          'Sorts the faces that "encode" has found into people. Each person gets a folder with all photos they are on ' +
          '(label0, label1, …) and an overview picture (montage/Face ID #0.jpg, …). Faces that are like too few others ' +
          'are in label-1. Your photos stay where they are. clusters.json says it all for other programs.',
      )
      .example('$0 cluster', 'sort what "encode" has just found')
      .example('$0 cluster --min-samples 2', 'also find people who are on 2 photos only')
      .example('$0 cluster --eps 0.45', 'stricter, when two people share a folder')
      .example('$0 cluster --method linkage', 'when people are mixed whatever you choose')
      .example('$0 cluster --folders names', 'people who keep their numbers and names in later runs')
      .example('$0 cluster -e old.pickle --photos photos -o people', 'use the file of the Python project'),
  handler: (argv) => runStoppable((signal) => cluster(argv, signal)),
};

async function cluster(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { clusterFaces } = require('../../cluster') as typeof import('../../cluster');
  const out = new CommandOutput('cluster', argv);
  try {
    const summary = await clusterFaces({
      encodings: argv.encodings,
      output: argv.output,
      jobs: argv.jobs,
      method: argv.method,
      ...(argv.eps !== undefined && { eps: argv.eps }),
      ...(argv.threshold !== undefined && { threshold: argv.threshold }),
      ...(argv.keepUnclear && { keepUnclear: true }),
      minSamples: argv.minSamples as number,
      seed: argv.seed,
      folders: argv.folders,
      files: argv.files,
      layout: argv.layout,
      csv: argv.csv,
      gallery: !argv.noGallery,
      montage: montageOptions(argv),
      ...(argv.photos !== undefined && { photos: argv.photos }),
      ...(argv.maxMemory !== undefined && {
        maxMemory: parseMaxMemory(argv.maxMemory as string),
      }),
      ...(argv.maxPixels !== undefined && { maxPixels: argv.maxPixels as number }),
      signal,
      onProgress: ({ phase, done, total, ...counts }) => out.progress(PHASES[phase], done, total, counts),
      onProblem: (problem) => out.problem(problem),
    });
    out.done(summary, describeResult(summary, argv.files), {
      faces: summary.faces,
      photos: summary.photos,
      people: summary.people.length,
      onlyCopies: summary.people.filter(({ onlyCopies }) => onlyCopies).length,
      unclustered: summary.unclustered,
      ...(summary.changes && { changes: summary.changes }),
      several: summary.people.flatMap(({ label, several }) => (several ? [{ label, ...several }] : [])),
      unclear: summary.unclear,
      mirrored: summary.mirrored,
      nearestOnly: summary.nearestOnly,
      large: summary.large ?? null,
      problems: summary.problems.length,
      files: summary.files,
      kept: summary.kept.length,
      output: summary.output,
      data: join(summary.output, CLUSTERS_JSON),
      gallery: summary.gallery ?? null,
    });
    return summary.problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}

function montageOptions(argv: ArgumentsCamelCase<Arguments>): NonNullable<ClusterFacesOptions['montage']> {
  const size = /^(\d{1,5})[x×](\d{1,5})$/i.exec(argv.montageSize as string);
  if (!size) {
    throw new UsageError(
      `--montage-size needs two numbers, e.g. --montage-size 8x6, but received ${argv.montageSize}.`,
    );
  }
  return {
    columns: Number(size[1]),
    rows: Number(size[2]),
    tile: argv.tile,
    order: argv.order,
    all: argv.montageAll as boolean,
  };
}

const PHASES: Readonly<Record<ClusterProgress['phase'], Phase>> = {
  check: { name: 'check', title: 'Looking at the folder for the result', unit: '' },
  read: { name: 'read', title: 'Reading the faces', unit: '' },
  locate: { name: 'locate', title: 'Looking for the photos', unit: 'photo' },
  identify: { name: 'identify', title: 'Telling the photos apart', unit: '' },
  cluster: { name: 'cluster', title: 'Comparing the faces', unit: '' },
  advice: { name: 'advice', title: 'Looking for advice', unit: '' },
  files: { name: 'files', title: 'Filling the folders', unit: 'file' },
  faces: { name: 'faces', title: 'Cutting out the faces', unit: 'photo' },
  montage: { name: 'montage', title: 'Drawing', unit: 'overview picture' },
  finish: { name: 'finish', title: 'Putting the result into its place', unit: '' },
};
