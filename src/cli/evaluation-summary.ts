import type { EvaluateSummary } from '../evaluate/evaluate-photos';
import type { EvaluatedClustering } from '../evaluate/thresholds';
import { quoted } from '../system/shell';
import type { Line } from './important';
import { leftOutLines, problemLines, warningLines } from './report';
import { STRICTNESS } from './strictness';
import { tableLines } from './terminal/table';
import { coloursFor, commandName, count, duration, printable, wrapped } from './terminal/text';

/** So many people are named. */
const SHOWN = 5;
/** A smaller difference of F is chance more often than not. */
const WORTH_CHANGING = 0.005;
/** Of fewer faces, what one of them does to F is more than most settings differ by. */
const ENOUGH_FACES = 100;

/** How well people are told apart, as a user reads it. */
export function describeEvaluation(summary: EvaluateSummary): string[] {
  const columns = Math.min(80, process.stdout.columns ?? 80);
  return [
    ...truthLines(summary, columns),
    ...methodLines(summary, 'dbscan', `cluster (dbscan, --min-samples ${minSamplesOf(summary)})`),
    ...methodLines(
      summary,
      'linkage',
      `sort (linkage, ${summary.mirrored ? 'with' : 'without'} mirror images; groups of any size)`,
    ),
    '',
    ...wrapped(
      'Of each face: how much of its group is the same person (precision), how much of that person is in its group (recall), and both in ' +
        'one number (F), as the mean of all faces (B-cubed). Of each pair: how many of those put together are one person, how many of one person are put ' +
        'together. A face in no group is a group of its own. > has the best F.',
      '',
      columns,
    ),
    '',
    ...conclusions(summary).flatMap((sentence) => wrapped(sentence, '', columns)),
    ...commandLines(summary),
  ];
}

/** What a user reads after that of how `evaluate` went. */
export function describeRun({ encode, problems, seconds }: EvaluateSummary): Line[] {
  return [
    '',
    `Time:      ${duration(seconds)}`,
    `Encodings: ${printable(encode.encodings)}`,
    ...leftOutLines(encode.leftOut, 'Left out:  ', 'only photos are looked at here'),
    ...problemLines('Could not be used:', problems),
    ...warningLines(encode.warnings),
  ];
}

function knownFaces({ people }: EvaluateSummary): number {
  return people.reduce((sum, { faces }) => sum + faces, 0);
}

function truthLines(summary: EvaluateSummary, columns: number): string[] {
  const { faces, people, photos, truth } = summary;
  const known = knownFaces(summary);
  const source =
    truth === 'photos' ? 'the names in the photos and beside them' : 'the folders that they are in';
  const named = people.slice(0, SHOWN).map(({ name, faces }) => `${printable(name)} (${faces})`);
  const rest = people.length - named.length;
  const others = faces - known;
  const head = `${count(known, 'face')} of ${count(people.length, 'person', 'people')}`;
  return [
    `${coloursFor(process.stdout).bold(head)} known by ${source}`,
    ...wrapped(`  ${named.join(', ')}${rest > 0 ? ` and ${count(rest, 'other')}` : ''}`, '  ', columns),
    ...(others > 0
      ? wrapped(
          `  and ${count(others, 'other face')} on these ${count(photos, 'photo')}: grouped along, but in no figure, as nobody says who ${others === 1 ? 'it is' : 'they are'}`,
          '    ',
          columns,
        )
      : []),
    ...(truth === 'photos' ? wrapped(OWN_NAMES, '  ', columns) : []),
  ];
}

/** They would be measured by themselves. */
const OWN_NAMES =
  '  Names that "tag" has written are judgements of this program: where these are in the photos, the figures say nothing.';

const HEAD = ['precision', 'recall', 'F'];

function methodLines(
  { settings, mirrored }: EvaluateSummary,
  method: EvaluatedClustering['parameters']['method'],
  title: string,
): string[] {
  const own = settings.filter(({ parameters }) => parameters.method === method);
  const figures = own.map(({ bcubed, pairwise, clusters }) => [
    ...[bcubed, pairwise].flatMap(({ precision, recall, f1 }) => [precision, recall, f1].map(figure)),
    clusters.toLocaleString('en'),
  ]);
  const isAs = (a: number, b: number) => figures[a]?.join() === figures[b]?.join();
  const rows = own.flatMap((one, i) => {
    const word = wordFor(one, mirrored);
    // Rows between two that are the same say nothing.
    if (!one.best && word === '' && isAs(i, i - 1) && isAs(i, i + 1)) return [];
    const name = `${one.best ? '>' : ' '} ${strictnessOf(one).toFixed(2)} ${word}`.trimEnd();
    return [[name, ...(figures[i] as string[])]];
  });
  const option = method === 'dbscan' ? '--eps' : '--threshold';
  const table = tableLines([[`  ${option}`.padEnd(16), ...HEAD, ...HEAD, 'groups'], ...rows]);
  return ['', title, `${' '.repeat(18)}${'each face'.padEnd(26)}each pair`, ...table];
}

function minSamplesOf({ settings }: EvaluateSummary): number | undefined {
  return settings.find(({ parameters }) => parameters.method === 'dbscan')?.parameters.minSamples;
}

function strictnessOf({ parameters }: EvaluatedClustering): number {
  return parameters.method === 'dbscan' ? parameters.eps : parameters.threshold;
}

/** What `sort` calls a threshold, or that it is the default. */
function wordFor(one: EvaluatedClustering, mirrored: boolean): string {
  const word =
    one.parameters.method === 'linkage' && mirrored
      ? Object.entries(STRICTNESS).find(([, threshold]) => threshold === strictnessOf(one))?.[0]
      : undefined;
  return word ?? (one.usual ? 'default' : '');
}

function figure(share: number | null): string {
  return share === null ? '-' : share.toFixed(3);
}

/** What it comes to, in plain words. */
function conclusions(summary: EvaluateSummary): string[] {
  const { settings, people, mirrored } = summary;
  const usual = settings.find((one) => one.usual && one.parameters.method === 'linkage');
  if (!usual) return [];
  return [
    ...(people.length === 1
      ? ['All known faces are of one person, so nothing here says how well people are told apart.']
      : []),
    ...togetherLines(usual.pairwise),
    ...(knownFaces(summary) < ENOUGH_FACES
      ? [
          `These are few faces: of fewer than ${ENOUGH_FACES}, most of what one number has over another is chance, so nothing is advised.`,
        ]
      : mirrored
        ? [strictnessAdvice(settings)]
        : []),
  ];
}

function togetherLines({ precision, recall }: EvaluatedClustering['pairwise']): string[] {
  return [
    precision === null
      ? '"sort" puts no two of these faces together.'
      : precision === 1
        ? 'Whenever "sort" puts two of these faces together, they are one person.'
        : `Of 100 pairs of faces that "sort" puts together, ${ofHundred(precision)} are one person.`,
    recall === null
      ? 'Everybody has one face, so that there is nothing to put together.'
      : recall === 1
        ? 'It puts all faces of each person together.'
        : `Of 100 pairs of faces that are one person, it puts ${ofHundred(recall)} together.`,
  ];
}

/** What is not all of them is never 100, and what is something never 0. */
function ofHundred(share: number): string {
  const rounded = Math.round(100 * share);
  if (share < 1 && rounded === 100) return 'more than 99';
  return share > 0 && rounded === 0 ? 'fewer than 1' : `${rounded}`;
}

function strictnessAdvice(settings: readonly EvaluatedClustering[]): string {
  const f = (threshold: number) =>
    settings.find((one) => one.parameters.method === 'linkage' && strictnessOf(one) === threshold)?.bcubed
      .f1 ?? 0;
  const normal = f(STRICTNESS.normal);
  const [word, better] = (['strict', 'loose'] as const)
    .map((word) => [word, f(STRICTNESS[word])] as const)
    .reduce((best, one) => (one[1] > best[1] ? one : best));
  return better - normal >= WORTH_CHANGING
    ? `With --strictness ${word} it does better on them: F ${figure(better)} instead of ${figure(normal)}.`
    : 'Neither --strictness strict nor loose does better on them.';
}

/** What to type for `cluster` where another number than the default is worth it. */
function commandLines(summary: EvaluateSummary): string[] {
  if (knownFaces(summary) < ENOUGH_FACES) return [];
  const { settings, encode } = summary;
  const own = settings.filter(({ parameters }) => parameters.method === 'dbscan');
  const [best, usual] = [own.find((one) => one.best), own.find((one) => one.usual)];
  if (!best || !usual || (best.bcubed.f1 ?? 0) - (usual.bcubed.f1 ?? 0) < WORTH_CHANGING) return [];
  const { minSamples } = best.parameters;
  const more = minSamples === 5 ? '' : ` --min-samples ${minSamples}`;
  return [
    `"cluster" does better on them with --eps ${strictnessOf(best)}:`,
    `  ${commandName()} cluster -e ${quoted(printable(encode.encodings))} --eps ${strictnessOf(best)}${more}`,
  ];
}
