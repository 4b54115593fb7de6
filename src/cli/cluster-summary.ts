import { join } from 'node:path';
import type { ClusterSummary, Person } from '../cluster';
import type { LargeCluster } from '../clustering/advice';
import { personTitle } from '../people/names';
import { CLUSTERS_JSON, KEPT_FOLDER, labelFolder, MONTAGE_FOLDER } from '../result/names-in-result';
import type { FileMode } from '../result/originals/place-photo';
import { quoted } from '../system/shell';
import { type Important, important, type Line } from './important';
import { problemLines } from './report';
import { coloursFor, commandName, count, duration, printable, wrapped } from './terminal/text';

const PEOPLE_SHOWN = 20;

/**
 * What a user reads when `cluster` is done.
 * @param files how the photos were to get into the folders
 */
export function describeResult(summary: ClusterSummary, files: FileMode): Line[] {
  const { faces, photos, people, unclustered, unclear, problems, seconds, data } = summary;
  const output = printable(summary.output);
  const largest = [...people].sort((a, b) => b.photos - a.photos);
  const rest = people.length - PEOPLE_SHOWN;
  return [
    `${coloursFor(process.stdout).bold(count(people.length, 'person', 'people'))} among ${count(faces, 'face')} in ${count(photos, 'photo')}`,
    ...largest
      .slice(0, PEOPLE_SHOWN)
      .map(
        ({ label, faces, photos, distinctPhotos }) =>
          `  ${folderOf(data, label)}: ${count(photos, 'photo')}${distinctPhotos < photos ? ` (${distinctPhotos.toLocaleString('en')} different)` : ''}, ${count(faces, 'face')}`,
      ),
    ...(rest > 0 ? [`  … and ${count(rest, 'more', 'more')}`] : []),
    ...(unclustered > 0
      ? [
          `  ${folderOf(data, -1)}: ${count(unclustered, 'face')} like too few others${unclear > 0 ? `, ${unclear.toLocaleString('en')} of them too unclear to tell` : ''}`,
        ]
      : []),
    `Time:      ${duration(seconds)}`,
    ...folderLines(summary, files, output),
    ...keptLines(summary, output),
    `Overviews: ${join(output, MONTAGE_FOLDER)}`,
    `Data:      ${join(output, CLUSTERS_JSON)}`,
    ...galleryLines(summary),
    ...problemLines('Not found, or not drawn:', problems),
    ...advice(summary),
  ];
}

/** What a person's folder is called, or would be. */
function folderOf({ people, unclustered, lastingLabels }: ClusterSummary['data'], label: number): string {
  if (!lastingLabels) return labelFolder(label);
  const { folder = null, name = null } =
    label < 0 ? unclustered : (people.find((one) => one.label === label) ?? {});
  return printable(folder ?? (label < 0 ? 'Not sorted' : personTitle(label, name ?? undefined)));
}

/** Where the people's folders are, and what is in them. */
function folderLines({ files, data }: ClusterSummary, wanted: FileMode, output: string): string[] {
  const folders = join(output, data.lastingLabels ? '<name> (<photos>)' : 'label<N>');
  const { hardlink, copy, symlink } = files;
  if (hardlink > 0) {
    return [
      `Photos:    ${folders}`,
      ...wrapped(
        `           ${count(hardlink, 'hard link')}: no space taken, but an edit in place changes the original`,
        ' '.repeat(11),
      ),
      ...(copy > 0 ? [`           ${count(copy, 'copy', 'copies')}, where there could be no link`] : []),
    ];
  }
  if (copy > 0) {
    const why = wanted === 'hardlink' ? ', as there can be no links from here to where the photos are' : '';
    return wrapped(`Photos:    ${folders} (${count(copy, 'copy', 'copies')}${why})`, ' '.repeat(11));
  }
  if (symlink > 0) return [`Photos:    ${folders} (${count(symlink, 'link')} to where the photos are now)`];
  const crops = [...data.people, data.unclustered].some(({ faces }) => faces.some(({ crop }) => crop));
  return crops ? [`Faces:     ${folders}`] : [];
}

/** What the earlier result had alone. */
function keptLines({ kept }: ClusterSummary, output: string): Important[] {
  if (kept.length === 0) return [];
  const which =
    kept.length === 1
      ? 'a photo of the earlier result that is no longer where it was, or was changed there: move it to where it belongs, or delete it'
      : `${count(kept.length, 'photo')} of the earlier result that are no longer where they were, or were changed there: move them to where they belong, or delete them`;
  return important(wrapped(`Kept:      ${join(output, KEPT_FOLDER)} (${which})`, ' '.repeat(11)));
}

function galleryLines({ gallery, output }: ClusterSummary): string[] {
  if (gallery === undefined) return [];
  return [
    `Gallery:   ${printable(gallery)}`,
    `           to look at it: ${commandName()} view ${quoted(output)}`,
  ];
}

function advice(summary: ClusterSummary): string[] {
  const { faces, people, data } = summary;
  const { parameters } = data;
  const { minSamples } = parameters;
  if (people.length > 0) {
    return [
      ...copiesAdvice(summary),
      ...largeAdvice(summary),
      ...severalAdvice(summary),
      ...unclearAdvice(summary),
      ...mirrorAdvice(summary),
      ...memoryAdvice(summary),
      ...unclusteredAdvice(summary),
    ];
  }
  if (faces === 0)
    return [
      '',
      ...wrapped('The encodings file holds no faces. "encode" finds more with "--upsample 2" or "-d cnn".'),
    ];
  return [
    '',
    `No ${minSamples} faces are alike. Try:`,
    ...(minSamples > 2 ? ['  --min-samples 2   to find people who are on 2 photos only'] : []),
    ...looserAdvice(parameters),
  ];
}

/** How much stricter or looser to try. */
const STEP = 0.04;
/** With less, even the photos of one person are not alike. */
const STRICTEST = 0.3;

function hundredths(value: number): number {
  return Math.round(100 * value) / 100;
}

function stricterAdvice({ parameters, lastingLabels }: ClusterSummary['data']): string[] {
  // Nobody who lasts is parted by it.
  if (lastingLabels) return [];
  const [option, strictness] =
    parameters.method === 'linkage' ? ['threshold', parameters.threshold] : ['eps', parameters.eps];
  const stricter = hundredths(strictness - STEP);
  return [
    ...(stricter < STRICTEST ? [] : [`  --${option} ${stricter}   to be stricter about who is alike`]),
    ...(parameters.method === 'dbscan' ? ['  --method linkage   which keeps people apart better'] : []),
  ];
}

function looserAdvice(parameters: ClusterSummary['data']['parameters']): string[] {
  if (parameters.method === 'linkage') {
    return [
      `  --threshold ${hundredths(parameters.threshold + STEP)}  to let the faces of one person differ more`,
    ];
  }
  return parameters.eps < 0.6 ? ['  --eps 0.55        to let the faces of one person differ more'] : [];
}

/** Names the people whom copies of the same photos have made. */
function copiesAdvice({ people, data }: ClusterSummary): string[] {
  const copied = people.filter(({ onlyCopies }) => onlyCopies);
  if (copied.length === 0) return [];
  return [
    '',
    ...wrapped(
      `Made by copies of the same photos: ${namesOf(data, copied)}. Without the copies there are fewer than ${count(data.parameters.minSamples, 'face')}.`,
    ),
  ];
}

function namesOf(data: ClusterSummary['data'], people: readonly Pick<Person, 'label'>[]): string {
  const names = people.slice(0, PEOPLE_SHOWN).map(({ label }) => folderOf(data, label));
  const rest = people.length - names.length;
  return names.join(', ') + (rest > 0 ? ` and ${count(rest, 'more', 'more')}` : '');
}

/** Names the people who look like several, those on most photos first. */
function severalAdvice({ people, large, gallery, data }: ClusterSummary): string[] {
  // Of a large cluster that looks mixed it has been said, with what to try.
  const said = large?.mixed ? large : undefined;
  const found = people.filter(({ label, several }) => several && label !== said?.label);
  if (found.length === 0) return [];
  found.sort((a, b) => b.photos - a.photos);
  const stricter = said?.tryEps === undefined ? stricterAdvice(data) : [];
  const look = gallery === undefined ? '' : ' Look at them in the gallery';
  const toDo = stricter.length === 0 ? look && `${look}.` : look ? `${look}, or try:` : ' Try:';
  return [
    '',
    ...wrapped(
      `Perhaps several people in one: ${namesOf(data, found)}. Their faces differ as those of different people do, or two of them are on one photo.${toDo}`,
    ),
    ...stricter,
  ];
}

function largeAdvice({ large, data }: ClusterSummary): string[] {
  if (!large) return [];
  const { label, percent, tryEps } = large;
  return [
    '',
    ...wrapped(`${folderOf(data, label)} holds ${percent} % of all faces. ${largeClusterText(large)}`),
    ...(tryEps === undefined ? [] : [`  --eps ${tryEps}   to be stricter about who is alike`]),
  ];
}

/** Names the people who are made of faces that say nothing. */
function unclearAdvice({ data }: ClusterSummary): string[] {
  const found = data.people.filter(
    ({ faces }) => 2 * faces.filter(({ unclear }) => unclear).length > faces.length,
  );
  if (found.length === 0) return [];
  const remedy =
    data.parameters.method === 'linkage'
      ? 'Without "--keep-unclear" they are left out.'
      : '"--method linkage" leaves them out.';
  return [
    '',
    ...wrapped(
      `Mostly blurs, parts of faces, or what hardly is one, so nobody in particular: ${namesOf(data, found)}. ${remedy}`,
    ),
  ];
}

function mirrorAdvice({ faces, mirrored, data }: ClusterSummary): string[] {
  if (data.parameters.method !== 'linkage' || mirrored === faces) return [];
  const of =
    mirrored === 0
      ? 'No mirror images were'
      : `Of ${count(faces, 'face')} only ${count(mirrored, 'mirror image was', 'mirror images were')}`;
  return [
    '',
    ...wrapped(
      `${of} measured. "encode --mirror", with the rest as before, measures what is missing; people are then told apart better.`,
    ),
  ];
}

function memoryAdvice({ nearestOnly }: ClusterSummary): string[] {
  if (nearestOnly === 0) return [];
  return [
    '',
    ...wrapped(
      `There was not enough memory for all pairs of faces that are somewhat alike: each was compared with the ${nearestOnly.toLocaleString('en')} nearest, which is enough for most. --max-memory allows for more.`,
    ),
  ];
}

function unclusteredAdvice({ faces, unclustered, data }: ClusterSummary): string[] {
  const { minSamples } = data.parameters;
  if (2 * unclustered <= faces || minSamples <= 2) return [];
  return [
    '',
    'Most faces are like too few others. Try:',
    '  --min-samples 2   to find people who are on 2 photos only, too',
  ];
}

/** What to think of a cluster with more than a third of all faces; what to try comes behind it, if there is something. */
export function largeClusterText({ mixed, tried, tryEps }: LargeCluster): string {
  const looks = mixed
    ? 'They differ more than those of one person do: several people have run together.'
    : 'They are as alike as those of one person, so it may be somebody who is on most photos.';
  if (tryEps !== undefined) return mixed ? `${looks} Try:` : `${looks} If not, try:`;
  if (!mixed) return looks;
  return tried
    ? `${looks} No --eps was found that keeps them apart.`
    : `${looks} A smaller --eps may keep them apart.`;
}
