import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { boxOnPhoto } from '../base/box';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { groupBy } from '../base/maps';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import { boolean, options as knownOptions, oneOf, path } from '../base/validate';
import { noteRewritten } from '../encode/journal/rewritten';
import { readEmbedded } from '../metadata/embedded';
import { mustHaveExifTool } from '../metadata/exiftool';
import type { NamedRegion, StoredPicture } from '../metadata/names-in-xmp';
import { type Retagged, retag } from '../metadata/retag';
import { SIDECAR_STYLES, type SidecarStyle } from '../metadata/sidecars';
import { type PhotoTags, Unsuitable } from '../metadata/tags';
import { storedArea } from '../metadata/turned';
import type { PersonId } from '../people/decisions';
import { tidyName } from '../people/faults';
import type { People } from '../people/people';
import { isImageName } from '../photos/formats/formats';
import { KEPT_FOLDER } from '../result/names-in-result';
import { addFacesAgain } from '../sort/added-faces';
import { type ArrangeOptions, arrange, type SortProgress } from '../sort/arrange';
import { type FacesSource, type FoundFaces, readFoundFaces } from '../sort/found-faces';
import { checkSorted, notSorted, type Opened, openSorted, withPeople } from '../sort/open';
import type { SortSettings } from '../sort/settings';
import { fsPath } from '../system/file-name';
import { failingTo } from '../system/io-error';
import { forEachConcurrent } from '../system/jobs';
import { isThere } from '../system/real-path';
import { sha256, sha256OfFile } from '../system/sha256';
import { EmbeddedPackets, type PacketStore, Sidecars } from './packet-store';
import { TagRecords } from './tag-records';

export interface TagPhotosOptions {
  /** Folder of the people. */
  readonly output: string;
  /**
   * How sidecars are called: `default`, `photo.jpg.xmp`, where digiKam, Immich, PhotoPrism and darktable look; `adobe`,
   * `photo.xmp`, where Lightroom does. Default `default`.
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

/** A file that {@link tagPhotos} has written, or would have. */
export interface TagChange {
  readonly photo: string;
  /** The sidecar, or the photo. */
  readonly file: string;
  /** `changed`: it was there before, and what others have written in it stays as it is. */
  readonly change: 'created' | 'changed' | 'deleted';
  /** Who is on the photo, by that. */
  readonly names: readonly string[];
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

/** What {@link untagPeople} has done. @internal */
export interface Untagged {
  /** Sidecars and photos that still have a name of theirs, as they can't be written. */
  readonly left: readonly string[];
  /** What photos were that are other ones now, as to what they hold. */
  readonly rewritten: ReadonlySet<PhotoId>;
}

/**
 * Takes the names of people who are to be forgotten out of all that {@link tagPhotos} has written; what it has written of others
 * stays. It is not on record any more then, also where it could not be taken out.
 * @param found the faces of the folder
 * @throws FaceError FACE_LOCKED, FACE_RESULT_INVALID, FACE_IO, FACE_ABORTED
 * @internal
 */
export async function untagPeople(
  { people, data, encodings }: Pick<TagSource, 'people' | 'data' | 'encodings'>,
  found: FoundFaces,
  persons: ReadonlySet<PersonId>,
  signal: AbortSignal | undefined,
): Promise<Untagged> {
  const numbers = new Set(people.numbersOf([...persons]));
  const names = people
    .decisions()
    .flatMap((made) =>
      made.do === 'name' && numbers.has(made.person) ? [made.name, tidyName(made.name)] : [],
    );
  const records = await TagRecords.open(data, false);
  const embedded = new EmbeddedPackets();
  const sidecars = new Sidecars('default');
  try {
    const files = records.mentioning(names);
    if (files.size === 0) return { left: [], rewritten: new Set() };
    for (const [place, { imagePath }] of found.records.entries())
      embedded.know(imagePath, (found.faces[place] as FoundFaces['faces'][0]).photo);
    await found.photos.findChanged(new Map(), signal);
    const failed = new Set(found.photos.problems().map((problem) => problem.path));
    const others = taggedPhotos(people, found, failed, persons);
    const photos = new Map(others.map((photo) => [photo.imagePath, photo]));
    const left = new Set<string>();
    await forEachConcurrent(files, embedded.atOnce, signal, async ([file, imagePath], _, stopped) => {
      const store = sidecars.has(file) ? sidecars : embedded;
      const tagger = new Tagger(records, store, false, () => left.add(file));
      await tagger.again(file, photos.get(imagePath) ?? { path: imagePath, imagePath }, stopped);
    });
    // Somebody else may have that name, too.
    const named = new Set(people.list().flatMap(({ id, name }) => (persons.has(id) ? [] : (name ?? []))));
    const theirs = names.filter((name) => !named.has(name));
    for (const file of files.keys()) if (records.mentions(file, theirs)) left.add(file);
    await records.forget(left);
    return { left: [...left].sort(), rewritten: new Set(embedded.rewritten.keys()) };
  } finally {
    await noteAllRewritten(data, encodings, embedded).finally(() => records.close(true));
  }
}

/** Has whatever is known of photos follow them. */
async function noteAllRewritten(
  data: string,
  encodings: string,
  { rewritten }: EmbeddedPackets,
): Promise<void> {
  await noteRewritten(encodings, rewritten);
  const ids = [...rewritten].map(([id, photos]) => [id, photos.map(({ content }) => content)] as const);
  await addFacesAgain(data, new Map(ids));
}

/**
 * Brings the folder of people up to photos that were written into. What it had of them before is no last copy of anything: the same
 * photos are there, and beside them what they were before anything was written.
 * @param rewritten what these photos were
 * @internal
 */
export async function arrangeRewritten(
  opened: Opened<SortSettings>,
  rewritten: ReadonlySet<PhotoId>,
  options: ArrangeOptions,
): Promise<void> {
  if (rewritten.size === 0) return;
  const { folder, output } = await arrange(opened, options);
  for (const { file } of folder.kept) {
    const path = join(output, file);
    if (!rewritten.has(await sha256OfFile(path).catch(failingTo(`read ${path}`)))) continue;
    await rm(fsPath(path)).catch(failingTo(`remove ${path}`));
  }
  // It stays if something is in it.
  if (folder.kept.length > 0) await rmdir(join(output, KEPT_FOLDER)).catch(() => {});
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
  let done = false;
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
    done = true;
    const names = new Set(wanted.flatMap(({ faces }) => faces.map(({ name }) => name)));
    return { names: names.size, photos: wanted.length, changes: tagger.changes };
  } finally {
    await records.close(done);
  }
}

/** A photo with people on it who have names. */
interface TaggedPhoto {
  /** Where it was found. */
  readonly path: string;
  /** As the encodings file has it. */
  readonly imagePath: string;
  readonly faces: readonly { readonly name: string; readonly box: FaceRecord['loc'] }[];
  /** What is known of the picture; `undefined` if it has to be looked at. */
  readonly upright: StoredPicture | undefined;
}

/** Who is on which photos, of those that are there. */
function taggedPhotos(
  people: People,
  found: FoundFaces,
  failed: ReadonlySet<string>,
  without: ReadonlySet<PersonId> = new Set(),
): TaggedPhoto[] {
  const named = new Map(
    people
      .list()
      .flatMap(({ id, name, hidden }) =>
        name === undefined || hidden || without.has(id) ? [] : [[id, name]],
      ),
  );
  const who = people.whoAre(found.faces).people;
  const places = groupBy(
    [...found.records.keys()].filter((place) => named.has(who[place] as number)),
    (place) => (found.records[place] as FaceRecord).imagePath,
  );
  return [...places].flatMap(([imagePath, own]) => {
    const file = found.photos.file(imagePath);
    // A frame of a video has a place in it, which no sidecar can say.
    if (!file || failed.has(imagePath) || !isImageName(file.path)) return [];
    const id: PhotoId | undefined = found.faces[own[0] as number]?.photo;
    const facts = found.photos.encodedFacts(imagePath, id);
    const faces = own.map((place) => ({
      name: named.get(who[place] as number) as string,
      box: (found.records[place] as FaceRecord).loc,
    }));
    const { width, height, orientation } = facts ?? { width: 0, height: 0, orientation: null };
    const upright = orientation === null ? undefined : { width, height, orientation };
    return [{ path: file.path, imagePath, faces, upright }];
  });
}

/** Pictures that are upright as soon as they are decoded: only their files know how they are stored. */
const HEIF = /\.(heic|heif|hif|avif)$/i;

/** What is to be in a photo's packet. @throws FaceError as `readEmbedded`; FACE_IMAGE_DECODE */
async function tagsOf({ path, faces, upright }: TaggedPhoto, signal: AbortSignal): Promise<PhotoTags> {
  const now =
    upright && !HEIF.test(path) ? upright : turnedPicture(path, (await readEmbedded(path, signal)).picture);
  const { width, height, orientation } = now;
  const regions: NamedRegion[] = faces.flatMap(({ name, box }) => {
    const seen = boxOnPhoto(box, now);
    return seen ? [{ name, area: storedArea(seen, orientation, width, height) }] : [];
  });
  return { picture: swapped(now), regions };
}

function turnedPicture(path: string, picture: StoredPicture | undefined): StoredPicture {
  if (picture) return swapped(picture);
  throw new FaceError('FACE_IMAGE_DECODE', `How the photo "${path}" is turned can't be told.`, {
    path,
    remedy: 'Run "sort" again, with --fresh.',
  });
}

/** The size of the upright picture from that of the stored one, and back. */
function swapped({ width, height, orientation }: StoredPicture): StoredPicture {
  return orientation < 5 ? { width, height, orientation } : { width: height, height: width, orientation };
}

/** Brings packets up to who is on their photos. */
class Tagger {
  readonly #changes: TagChange[] = [];

  constructor(
    private readonly records: TagRecords,
    private readonly store: PacketStore,
    private readonly dryRun: boolean,
    private readonly report: (problem: PhotoProblem) => void,
  ) {}

  get changes(): readonly TagChange[] {
    return [...this.#changes].sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  /**
   * @param failed photos that are away or were changed: what is in their sidecars stays
   * @throws FaceError FACE_ABORTED; what concerns more than one photo
   */
  async run(
    photos: readonly TaggedPhoto[],
    failed: ReadonlySet<string>,
    signal: AbortSignal | undefined,
    onDone: (done: number, total: number) => void,
  ): Promise<void> {
    const byFile = new Map<string, TaggedPhoto>();
    for (const photo of photos) {
      await this.#trying(photo.path, async () => {
        const file = await this.store.fileOf(photo.path);
        const other = byFile.get(file);
        if (other) throw sameSidecar(photo.path, other.path, file);
        byFile.set(file, photo);
      });
    }
    const known = this.records.files();
    const former = [...known].filter(
      ([file, photo]) => this.store.has(file) && !byFile.has(file) && !failed.has(photo),
    );
    const total = byFile.size + former.length;
    let done = 0;
    onDone(done, total);
    await forEachConcurrent(byFile, this.store.atOnce, signal, async ([file, photo], _, stopped) => {
      await this.#trying(photo.path, async () => {
        const tags = await tagsOf(photo, stopped);
        await this.#bringUpToDate(file, photo, tags);
      });
      onDone(++done, total);
    });
    await forEachConcurrent(former, this.store.atOnce, signal, async ([file, photo]) => {
      await this.#trying(photo, () =>
        this.#bringUpToDate(file, { path: photo, imagePath: photo }, undefined),
      );
      onDone(++done, total);
    });
  }

  /** Brings a file up to who is on its photo, of which it may have others by now. */
  async again(
    file: string,
    photo: TaggedPhoto | Pick<TaggedPhoto, 'path' | 'imagePath'>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#trying(photo.path, async () => {
      const tags = 'faces' in photo ? await tagsOf(photo, signal) : undefined;
      await this.#bringUpToDate(file, photo, tags);
    });
  }

  async #trying(photo: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.report(problemOf(photo, error));
    }
  }

  async #bringUpToDate(
    file: string,
    { path: photo, imagePath }: Pick<TaggedPhoto, 'path' | 'imagePath'>,
    tags: PhotoTags | undefined,
  ): Promise<void> {
    const bytes = await this.store.read(file);
    // What is not there may be on a disk that is away.
    if (!bytes && !tags && !(await isThere(dirname(file)))) return;
    const earlier = this.records.of(file, bytes ? sha256(bytes) : '');
    const now = retagged(file, bytes, earlier, tags);
    const isRight = now.bytes === bytes;
    if (!isRight) {
      const change = now.bytes ? (bytes ? 'changed' : 'created') : 'deleted';
      const names = [...new Set(tags?.regions.map(({ name }) => name))];
      this.#changes.push({ photo, file, change, names });
    }
    if (this.dryRun) return;
    await this.records.note(file, imagePath, now.record);
    if (!isRight) await this.store.write(file, { photo, imagePath, isNew: bytes === undefined }, now.bytes);
  }
}

/** @throws FaceError FACE_IO if it can't be tagged */
function retagged(file: string, ...args: Parameters<typeof retag>): Retagged {
  try {
    return retag(...args);
  } catch (error) {
    if (!(error instanceof Unsuitable)) throw error;
    const remedy = 'Move it away, or put it right in the program that wrote it.';
    throw new FaceError('FACE_IO', `"${file}" was left as it is: ${error.message}. ${remedy}`, {
      path: file,
      remedy,
    });
  }
}

function sameSidecar(photo: string, other: string, file: string): FaceError {
  const remedy = 'Give each photo a sidecar of its own, with --sidecar default (sidecars: "default").';
  return new FaceError(
    'FACE_IO',
    `"${photo}" would have the sidecar "${file}", as "${other}" has. ${remedy}`,
    {
      path: photo,
      remedy,
    },
  );
}
