import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { ClusteringTrial } from '../../clustering/trials';
import type { EncodingsInfo, EncodingsInfoProgress } from '../../info';
import { quoted } from '../../system/shell';
import { ExitCode } from '../exit';
import { type Command, ENCODINGS_OPTION, JOBS_OPTION, withOptions } from '../options';
import { CommandOutput, type Phase } from '../output';
import { inPictures, runStoppable } from '../report';
import { bytesText } from '../terminal/bytes';
import { bar, curve } from '../terminal/charts';
import { tableLines } from '../terminal/table';
import { coloursFor, commandName, count, printable, wrapped } from '../terminal/text';

const options = {
  encodings: ENCODINGS_OPTION,
  eps: {
    type: 'number',
    default: 0.5,
    describe: 'Try "cluster" with this, too',
  },
  'min-samples': {
    type: 'number',
    default: 5,
    describe: 'How many alike faces make a person in what is tried',
  },
  all: {
    type: 'boolean',
    default: false,
    describe: 'Compare each face with each, however many there are',
  },
  copies: {
    type: 'boolean',
    default: false,
    describe: 'List the photos that show the same picture in different sizes or formats, and nothing else',
  },
  jobs: JOBS_OPTION,
  json: {
    type: 'boolean',
    default: false,
    describe: 'Write it as JSON, for other programs',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give one encodings file.')
      .usage(
        'Usage: $0 info [FILE] [options]\n\n' +
          'Shows how many faces and photos are in a file that "encode" has written, or in a folder that "sort" has made, how alike the faces are, what ' +
          '"cluster" would find with which options, and which of them to use. Nothing is changed.',
      )
      .example('$0 info', 'look at what "encode" has just found')
      .example('$0 info old.pickle --eps 0.45', 'and at what a comparison of your choice would find')
      .example('$0 info people --copies', 'pictures that are there in several sizes or formats'),
  handler: (argv) => runStoppable((signal) => info(argv, signal), ''),
};

const PHASES: Readonly<Record<EncodingsInfoProgress['phase'], Phase>> = {
  read: { name: 'read', title: 'Reading the faces', unit: '' },
  pairs: { name: 'pairs', title: 'Measuring distances', unit: '' },
  neighbors: { name: 'neighbors', title: 'Looking for the nearest', unit: '' },
  cluster: { name: 'cluster', title: 'Trying to cluster', unit: '' },
};

async function info(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  if (argv.copies) return listCopies(argv, signal);
  const { describeEncodings } = require('../../info') as typeof import('../../info');
  const { encodingsAt } = require('../../sort/open') as typeof import('../../sort/open');
  // The answer is one JSON document, not a sequence of events.
  const out = new CommandOutput('info', { quiet: argv.json, json: false });
  try {
    const described = await describeEncodings({
      encodings: await encodingsAt(argv.encodings),
      eps: argv.eps,
      minSamples: argv.minSamples as number,
      all: argv.all,
      jobs: argv.jobs,
      signal,
      onProgress: ({ phase, done }) => out.progress(PHASES[phase], done, 1),
    });
    out.stop();
    const lines = argv.json
      ? [JSON.stringify(described, null, 2)]
      : describe(described, process.stdout.columns ?? 80, argv.eps);
    process.stdout.write(`${lines.join('\n')}\n`);
    return ExitCode.ok;
  } finally {
    out.stop();
  }
}

async function listCopies(
  { encodings, json }: ArgumentsCamelCase<Arguments>,
  signal: AbortSignal,
): Promise<number> {
  const { findPhotoCopies } = require('../../encode/copies') as typeof import('../../encode/copies');
  const { encodingsAt } = require('../../sort/open') as typeof import('../../sort/open');
  const copies = await findPhotoCopies({ encodings: await encodingsAt(encodings), signal });
  const lines = json
    ? [JSON.stringify(copies, null, 2)]
    : copies.length === 0
      ? ['No picture is there in several sizes or formats.']
      : copies.flatMap((paths, i) => [...(i > 0 ? [''] : []), ...paths.map(printable)]);
  process.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.ok;
}

/** Lines for people, none longer than `columns` as far as file names allow. */
function describe(described: EncodingsInfo, columns: number, eps: number): string[] {
  const { faces, photos, file, bytes, dimensions, origin } = described;
  const bold = coloursFor(process.stdout).bold;
  const numpy = origin.numpy === null ? '' : `, arrays of NumPy ${origin.numpy}`;
  const writer =
    origin.writer === 'python'
      ? `Python (pickle protocol ${origin.protocol}${numpy})`
      : `face-cluster-native (pickle protocol ${origin.protocol}, for any NumPy)`;
  const perPhoto = photos > 0 ? `, ${(faces / photos).toFixed(1)} on a photo with faces` : '';
  return [
    bold(`${count(faces, 'face')} in ${inPictures(described)}${perPhoto}`),
    `File:       ${printable(file)} (${bytesText(bytes)})`,
    `Written by: ${writer}`,
    `Each face:  ${dimensions} numbers`,
    ...facesPerPhoto(described, columns),
    ...distances(described, columns, eps),
    ...kDistances(described, columns, eps),
    ...trials(described, columns),
  ];
}

/** Charts are no wider: the eye can't follow longer lines. */
const WIDEST = 60;
const MOST_ROWS = 8;
const CURVE_ROWS = 10;
/** With less between the lowest value and the highest, there is no curve to see. */
const SMALLEST_RANGE = 0.005;
/** A part of all pairs that can hardly be seen beside the largest ones. */
const SELDOM = 0.02;

function facesPerPhoto({ facesPerPhoto, photos, frames }: EncodingsInfo, columns: number): string[] {
  if (photos === 0) return [];
  const rows = facesPerPhoto.slice(0, MOST_ROWS).map((n, i) => ({ name: `${i + 1}`, n }));
  const rest = facesPerPhoto.slice(MOST_ROWS).reduce((sum, n) => sum + n, 0);
  if (rest > 0) rows.push({ name: `${MOST_ROWS + 1} or more`, n: rest });
  return [
    '',
    'Faces on a photo:',
    ...barRows(rows, columns, (n) => count(n, frames > 0 ? 'picture' : 'photo')),
  ];
}

function distances({ distances, faces }: EncodingsInfo, columns: number, eps: number): string[] {
  const { pairs, sampled, bins, binWidth } = distances;
  if (pairs === 0) return [];
  const first = bins.findIndex((n) => n > 0);
  const rows = bins.slice(first).map((n, i) => {
    const from = (first + i) * binWidth;
    const marked = Math.floor(eps / binWidth + 1e-9) === first + i ? ` < --eps ${eps}` : '';
    return { name: `${from.toFixed(2)} to ${(from + binWidth).toFixed(2)}`, n, marked };
  });
  // Among many people so few pairs are of one person that they would not be seen.
  const alike = bins.slice(0, Math.floor(eps / binWidth + 1e-9));
  const seldom = alike.length > 0 && alike.every((n) => n < SELDOM * pairs);
  const which = sampled
    ? `${count(pairs, 'pair')} drawn from all of ${faces.toLocaleString('en')} faces`
    : `all ${count(pairs, 'pair')}`;
  return [
    '',
    ...wrapped(`How different two faces are (${which}${seldom ? '; bars: logarithmic' : ''}):`, '', columns),
    ...barRows(rows, columns, (n) => percent(n / pairs), seldom ? Math.log1p : undefined),
    ...wrapped(
      'A hill at the left is pairs of one person, the large one at the right is different people; --eps belongs ' +
        'where the one ends and the other begins.',
      '',
      columns,
    ),
  ];
}

function kDistances({ kDistances, faces }: EncodingsInfo, columns: number, eps: number): string[] {
  if (!kDistances) return [];
  const { k, percentiles, withinEps } = kDistances;
  const [low, high] = [percentiles[0] as number, percentiles.at(-1) as number];
  const width = Math.max(10, Math.min(WIDEST, columns - 10));
  const title = `Distance of each face to the ${ordinal(k)} nearest other one, sorted (all ${count(faces, 'face')}):`;
  if (high - low < SMALLEST_RANGE)
    return ['', ...wrapped(title, '', columns), `  ${low.toFixed(3)} for all of them`];
  // Enough that no two rows have the same label.
  const digits = Math.max(2, Math.ceil(-Math.log10((high - low) / CURVE_ROWS)));
  return [
    '',
    ...wrapped(title, '', columns),
    ...curve(percentiles, width, CURVE_ROWS, (value) => `  ${value.toFixed(digits)}`),
    ...wrapped(
      `--eps belongs where the curve turns up. With ${eps}, ${percent(withinEps / faces)} of the faces have ${k} others that near.`,
      '',
      columns,
    ),
  ];
}

function trials({ trials, file, faces }: EncodingsInfo, columns: number): string[] {
  if (!trials) {
    const what = `What "cluster" would find is left out: comparing ${count(faces, 'face')} takes a while.`;
    return ['', ...wrapped(`${what} For that: --all`, '', columns)];
  }
  const minSamples = trials[0]?.parameters.minSamples;
  const title = `What "cluster" would find with --min-samples ${minSamples}, from strict to loose (several: people who look like several in one):`;
  return ['', ...wrapped(title, '', columns), ...trialTable(trials), ...advice(trials, file, faces, columns)];
}

function trialTable(trials: readonly ClusteringTrial[]): string[] {
  const head = ['', 'people', 'largest', 'unsorted', 'several'];
  const rows = trials.map(({ parameters, people, largest, unclustered, several, recommended }) => [
    `${recommended ? '>' : ' '} ${optionsOf(parameters)}`,
    ...[people, largest, unclustered, several].map((n) => n.toLocaleString('en')),
  ]);
  return tableLines([head, ...rows]);
}

function optionsOf(parameters: ClusteringTrial['parameters']): string {
  return parameters.method === 'dbscan'
    ? `--eps ${parameters.eps}`
    : `--method linkage --threshold ${parameters.threshold}`;
}

/** Which of them to use, why, and how. */
function advice(trials: readonly ClusteringTrial[], file: string, faces: number, columns: number): string[] {
  const best = trials.find(({ recommended }) => recommended);
  if (!best) return faces === 0 ? [] : ['Nobody is found with any of these: fewer --min-samples may help.'];
  const { parameters, toLookAfter } = best;
  const why =
    `Try the marked one. It leaves the fewest faces to look after: ${toLookAfter.toLocaleString('en')} of ` +
    `${faces.toLocaleString('en')}, clear but unsorted, or with people who look like several. What is looser than its method's ` +
    'default is marked only if nobody is found otherwise: it often mixes people unseen.';
  const minSamples = parameters.minSamples === 5 ? '' : ` --min-samples ${parameters.minSamples}`;
  const command = `${commandName()} cluster -e ${quoted(printable(file))} ${optionsOf(parameters)}${minSamples}`;
  return [...wrapped(why, '', columns), `  ${command}`];
}

function barRows(
  rows: readonly { readonly name: string; readonly n: number; readonly marked?: string }[],
  columns: number,
  value: (n: number) => string,
  scale: (n: number) => number = (n) => n,
): string[] {
  const most = scale(Math.max(1, ...rows.map(({ n }) => n)));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const textWidth = Math.max(...rows.map(({ n, marked }) => value(n).length + (marked?.length ?? 0)));
  const width = Math.max(5, Math.min(WIDEST, columns - nameWidth - textWidth - 6));
  return rows.map(({ name, n, marked = '' }) => {
    const drawn = bar(scale(n) / most, width);
    return `  ${name.padStart(nameWidth)} ${drawn}${drawn === '' ? '' : ' '}${value(n)}${marked}`;
  });
}

function percent(fraction: number): string {
  const digits = fraction >= 0.001 || fraction === 0 ? 1 : fraction >= 0.0001 ? 2 : 3;
  return fraction > 0 && fraction < 0.00001 ? 'below 0.001 %' : `${(100 * fraction).toFixed(digits)} %`;
}

function ordinal(n: number): string {
  const tens = Math.floor(n / 10) % 10;
  return `${n}${(tens !== 1 && { 1: 'st', 2: 'nd', 3: 'rd' }[n % 10]) || 'th'}`;
}
