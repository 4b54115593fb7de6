import type { PhotoProblem } from '../base/photo-problem';
import { boolean, options as knownOptions, oneOf, path } from '../base/validate';
import { mustHaveExifTool } from '../metadata/exiftool';
import { SIDECAR_STYLES, type SidecarStyle } from '../metadata/sidecars';
import type { People } from '../people/people';
import type { SortProgress } from '../sort/arrange';
import { type FacesSource, type FoundFaces, readFoundFaces } from '../sort/found-faces';
import { checkSorted, notSorted, openSorted, withPeople } from '../sort/open';
import { EmbeddedPackets, type PacketStore, Sidecars } from './packet-store';
import { arrangeRewritten, noteAllRewritten } from './rewritten-photos';
import { TagRecords } from './tag-records';
import { taggedPhotos } from './tagged-photos';
import { type TagChange, Tagger } from './tagger';

export type { TagChange } from './tagger';

export interface TagPhotosOptions {
  /** Folder of the people. */
  readonly output: string;
  /**
   * How sidecars are called: `default`, `photo.jpg.xmp`, where digiKam, Immich, PhotoPrism and darktable look; `adobe`,
   * `photo.xmp`, where Lightroom does, for raw photos. Default `default`.
   */
  readonly sidecars?: SidecarStyle;
  /**
   * Whether to write into the photos themselves instead, by `exiftool`, which has to be installed; it keeps the photo of before
   * beside each, as `photo.jpg_original`. It takes 0.15 s of a core for each photo of 12 megapixels, and a little for the folder of people
   * to be brought up to date; nobody has to look for faces again. Sidecars stay as they are. Default `false`.
   */
  readonly embed?: boolean;
  /** Whether to take everything out again that earlier calls have written. Default `false`. */
  readonly remove?: boolean;
  /** Whether to say only what would be written. Default `false`. */
  readonly dryRun?: boolean;
  /** Stops the work at once; what was written by then stays, and the next call goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TagProgress) => void;
  /** Called for each photo that could not be tagged, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
}

/** How far {@link tagPhotos} is. */
export interface TagProgress {
  /** What is being done: reading what was found, looking for the photos, writing (`tags`); with `embed`, what follows of that. */
  readonly phase: 'tags' | SortProgress['phase'];
  /** How much of this phase is done, in units of `total`: photos, or 1. */
  readonly done: number;
  readonly total: number;
}

export interface TagSummary {
  /** Names that are on photos. */
  readonly names: number;
  /** Photos, or copies of photos, with somebody on them who has a name. */
  readonly photos: number;
  /** What was written, by names. */
  readonly changes: readonly TagChange[];
  /** Whether nothing was written, as was asked for. */
  readonly dryRun: boolean;
  /** Photos that could not be tagged. */
  readonly problems: readonly PhotoProblem[];
  /** How long it took. */
  readonly seconds: number;
  /** Folder of the people. */
  readonly output: string;
}

const OPTIONS: Readonly<Record<keyof TagPhotosOptions, true>> = {
  output: true,
  sidecars: true,
  embed: true,
  remove: true,
  dryRun: true,
  signal: true,
  onProgress: true,
  onProblem: true,
};

/**
 * Writes who is on photos where other programs look for it: into XMP sidecars beside the photos, as face regions (of the
 * Metadata Working Group, and Windows'), as digiKam's keywords `People/<name>`, and as IPTC's PersonInImage. Only people who have
 * a name and are not hidden are written; photos themselves are never touched.
 *
 * What others have written in a sidecar stays as it is, to the byte. What this has written follows the people: who was renamed
 * has the new name there after the next call, and nothing is written where all is right. It is on record in the data of the
 * folder: only by that can it be taken out again with `remove`, which leaves sidecars as they were before.
 *
 * What was done to the folder of people since the last run of {@link sortPhotos} is not looked at.
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO if no photos were sorted into `output`; FACE_LOCKED if another call is at work;
 *   FACE_PEOPLE_INVALID, FACE_RESULT_INVALID; FACE_ABORTED
 */
export async function tagPhotos(options: TagPhotosOptions): Promise<TagSummary> {
  const started = performance.now();
  const given = knownOptions('options', options, OPTIONS);
  const { output, signal, onProgress, onProblem } = given;
  path('output', output);
  const style = oneOf('sidecars', given.sidecars ?? 'default', SIDECAR_STYLES);
  const embed = boolean('embed', given.embed ?? false);
  const problems: PhotoProblem[] = [];
  const how: TagHow = {
    style,
    embed,
    remove: boolean('remove', given.remove ?? false),
    dryRun: boolean('dryRun', given.dryRun ?? false),
    signal,
    progress: (phase, done, total) => onProgress?.({ phase, done, total }),
    report: (problem) => {
      problems.push(problem);
      onProblem?.(problem);
    },
  };
  await checkSorted(output);
  const tagged = await (embed && !how.dryRun ? embedTags(output, how) : writeSidecars(output, how));
  const seconds = (performance.now() - started) / 1000;
  return { ...tagged, dryRun: how.dryRun, problems, seconds, output };
}

interface TagHow {
  readonly style: SidecarStyle;
  readonly embed: boolean;
  readonly remove: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  progress(phase: TagProgress['phase'], done: number, total: number): void;
  report(problem: PhotoProblem): void;
}

type Tagged = Pick<TagSummary, 'names' | 'photos' | 'changes'>;

async function writeSidecars(output: string, how: TagHow): Promise<Tagged> {
  const { people, ...sorted } = await openSorted(output);
  try {
    const store = how.embed ? new EmbeddedPackets() : new Sidecars(how.style);
    return await tagAll({ people, ...sorted }, store, how);
  } finally {
    await people.close();
  }
}

/** Photos become other ones, as to what they hold, and whatever is known of them has to follow. */
async function embedTags(output: string, how: TagHow): Promise<Tagged> {
  await mustHaveExifTool();
  return withPeople(output, 'tag', async ({ settings, ...opened }) => {
    if (settings === undefined) throw notSorted(output);
    const { people, folder, encodings } = opened;
    const store = new EmbeddedPackets();
    const tagged = await tagAll({ people, data: folder.data, encodings, settings }, store, how).finally(
      // Also of a run that is stopped.
      () => noteAllRewritten(folder.data, encodings, store),
    );
    await arrangeRewritten({ ...opened, settings }, new Set(store.rewritten.keys()), {
      output,
      ...(how.signal && { signal: how.signal }),
      onProgress: ({ phase, done, total }) => how.progress(phase, done, total),
    });
    return tagged;
  });
}

interface TagSource extends FacesSource {
  readonly people: People;
  readonly data: string;
}

async function tagAll(
  { people, data, ...source }: TagSource,
  store: PacketStore,
  how: TagHow,
): Promise<Tagged> {
  const { signal, progress, report, remove, dryRun } = how;
  // Nobody would be on any photo, as it seems, and all names be taken out.
  if (people.facesLost) throw people.facesLost;
  const records = await TagRecords.open(data, dryRun);
  try {
    progress('read', 0, 1);
    const found = await readFoundFaces(source, signal, report, (now, total) =>
      progress('locate', now, total),
    );
    await found.photos.findChanged(new Map(), signal);
    for (const [place, { imagePath }] of found.records.entries())
      store.know(imagePath, (found.faces[place] as FoundFaces['faces'][0]).photo);
    const failed = new Set(found.photos.problems().map((problem) => problem.path));
    const wanted = remove ? [] : taggedPhotos(people, found, failed);
    const tagger = new Tagger(records, store, dryRun, report);
    await tagger.run(wanted, failed, signal, (now, total) => progress('tags', now, total));
    const names = new Set(wanted.flatMap(({ faces }) => faces.map(({ name }) => name)));
    return { names: names.size, photos: wanted.length, changes: tagger.changes };
  } finally {
    await records.close();
  }
}
