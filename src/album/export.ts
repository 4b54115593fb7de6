import { join } from 'node:path';
import { boxOnPhoto } from '../base/box';
import { FaceError } from '../base/errors';
import { countFiles } from '../base/ids';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { Box, FaceRecord } from '../base/types';
import { boolean, integer, options as knownOptions, oneOf, oneOrMore, path } from '../base/validate';
import { readPhotoPaths, writeEncodings } from '../encodings/encodings';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import type { PersonId } from '../people/decisions';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { photoAt } from '../photos/given';
import { FilesDone } from '../photos/video/files-done';
import { frameIn } from '../photos/video/frame-path';
import { FileNames, LONGEST_ANYWHERE, portableName } from '../result/originals/file-names';
import type { PhotoFile } from '../result/originals/find';
import type { OnDone } from '../result/originals/label-folders';
import { PLACED, type Placed } from '../result/originals/place-photo';
import { allOfIt, around, cropJpeg } from '../result/pictures/pictures';
import { writeFileAtomically } from '../system/atomic-file';
import { forEachConcurrent, resolveJobs } from '../system/jobs';
import { checkMaxMemory } from '../system/machine-memory';
import { isThere } from '../system/real-path';
import { type AlbumPhoto, withAlbum } from './photos';
import { mustBeApart, type PlacedAlbum, placeAlbum } from './place';

export interface ExportPersonOptions {
  /** Folder of the people. */
  readonly output: string;
  /** Whose photos; of several, those of any of them. */
  readonly people: PersonId | readonly PersonId[];
  /** Folder to put the photos into; what is in it stays, as with `to` of `FindPhotosOptions`. */
  readonly to: string;
  /** How they get there, see `FileMode`. Default `copy`: what is given away is a file of its own. */
  readonly files?: Placed;
  /** Whether to put their faces, cut out of the photos, into a folder `faces` in it. Default `false`. */
  readonly crops?: boolean;
  /**
   * Whether to write their encodings to `faces.pickle` in it, a file as `encodeFaces` makes it, whose photos are called as in that
   * folder. These are biometric data: by them, the people are found again on other photos. Default `false`.
   */
  readonly encodings?: boolean;
  /** How many photos faces are cut out of at once; -1, the default, is the number of cores. */
  readonly jobs?: number;
  /** How much memory to take, see `EngineOptions`. */
  readonly maxMemory?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExportProgress) => void;
}

export interface ExportProgress {
  /** What is being done, in this order: looking for the photos, putting them into the folder, cutting out faces. */
  readonly phase: 'locate' | 'files' | 'faces';
  /** Of photos; a video is one. */
  readonly done: number;
  readonly total: number;
}

export interface ExportSummary extends PlacedAlbum {
  /** How many photos there are of them now; a video is one. */
  readonly photos: number;
  /** How many faces are cut out by now; 0 without `crops`. */
  readonly crops: number;
  /** Path of the file of encodings; `undefined` without `encodings`. */
  readonly encodings: string | undefined;
  /** How long it took. */
  readonly seconds: number;
}

const OPTIONS: Readonly<Record<keyof ExportPersonOptions, true>> = {
  output: true,
  people: true,
  to: true,
  files: true,
  crops: true,
  encodings: true,
  jobs: true,
  maxMemory: true,
  signal: true,
  onProgress: true,
};

/** In the folder that is given away. */
const CROPS_FOLDER = 'faces';
const ENCODINGS_FILE = 'faces.pickle';

/**
 * Puts the photos of people into a folder, to give them away: the photos as they are, with all that stands in their files (where they
 * were taken, names that were written into them), and, if so asked, the faces of these people and their encodings. Nothing else that is
 * known of others comes along, nor names; who else is to be seen on the photos is. Called again, it adds what is new.
 *
 * Looks only at the people folder, and also works while somebody works on it.
 * @throws FaceError FACE_INVALID_ARGUMENT for the number of nobody; FACE_IO if no photos were sorted into `output`, `to` can't be
 *   written or is in it, or holds another file of encodings; FACE_PEOPLE_INVALID, FACE_ABORTED; as `readEncodings`
 */
export async function exportPerson(options: ExportPersonOptions): Promise<ExportSummary> {
  const started = performance.now();
  const { output, to, signal, onProgress } = knownOptions('options', options, OPTIONS);
  const given = oneOrMore('people', options.people, (name, value) => integer(name, value, 1));
  const files = oneOf('files', options.files ?? 'copy', PLACED);
  const crops = boolean('crops', options.crops ?? false);
  const withEncodings = boolean('encodings', options.encodings ?? false);
  const jobs = resolveJobs(options.jobs ?? -1);
  const maxMemory = checkMaxMemory(options.maxMemory);
  const folder = await mustBeApart(path('to', to), output);
  const encodings = join(folder, ENCODINGS_FILE);
  if (withEncodings) await mustBeOwnEncodings(encodings);
  const report = (phase: ExportProgress['phase']) => (done: number, total: number) =>
    onProgress?.({ phase, done, total });
  return withAlbum(output, async (album) => {
    // They have to be somebody.
    album.people.numbersOf(given);
    const own = new Set<number>(given);
    const photos = (await album.photos(signal, report('locate')))
      .map((photo) => ({ ...photo, faces: photo.faces.filter(({ person }) => own.has(person)) }))
      .filter(({ faces }) => faces.length > 0);
    const there = photos.filter(({ file }) => file);
    const put = await placeAlbum(folder, there, album.former, files, signal, report('files'));
    const exported = there.flatMap((photo) => {
      const name = put.names.get(photo.id);
      return name === undefined ? [] : [{ ...photo, name }];
    });
    const cut = crops
      ? await cutOut(exported, join(folder, CROPS_FOLDER), {
          jobs,
          maxMemory,
          signal,
          onDone: report('faces'),
        })
      : { faces: 0, problems: [] };
    if (withEncodings) {
      const records = exported.flatMap(({ name, path, faces }) => {
        const imagePath = name + (frameIn(path)?.name ?? '');
        return faces.map(({ box, encoding }): FaceRecord => ({ imagePath, loc: box, encoding }));
      });
      await writeEncodings(encodings, records, { signal });
    }
    const { placed, renewed, there: before } = put;
    return {
      folder,
      placed,
      renewed,
      there: before,
      photos: countFiles(exported.map(({ id }) => id)),
      crops: cut.faces,
      encodings: withEncodings ? encodings : undefined,
      problems: [...photos.flatMap(({ problem }) => problem ?? []), ...put.problems, ...cut.problems],
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** A photo in the folder that is given away. */
interface ExportedPhoto extends Pick<AlbumPhoto, 'path' | 'file' | 'faces'> {
  /** What it is called there. */
  readonly name: string;
}

/**
 * Cuts faces out of photos, each into a file that is called by its photo and where it is there; those that are there already stay.
 * @returns how many are there now, and which photos could not be used
 * @throws FaceError FACE_IO, FACE_ABORTED
 */
async function cutOut(
  photos: readonly ExportedPhoto[],
  folder: string,
  {
    jobs,
    maxMemory,
    signal,
    onDone,
  }: {
    readonly jobs: number;
    readonly maxMemory: number;
    readonly signal: AbortSignal | undefined;
    readonly onDone: OnDone;
  },
): Promise<{ readonly faces: number; readonly problems: readonly PhotoProblem[] }> {
  const pipeline = new PhotoPipeline(jobs, processBudget(maxMemory, jobs));
  const problems = new Map<ExportedPhoto, PhotoProblem>();
  let faces = 0;
  const files = new FilesDone(
    photos.map(({ name }) => name),
    onDone,
  );
  await forEachConcurrent(photos, 2 * jobs, signal, async (photo, _, aborted) => {
    const missing: { readonly box: Box; readonly to: string }[] = [];
    for (const { box } of photo.faces) {
      const to = join(folder, cropName(photo, box));
      if (await isThere(to)) faces++;
      else missing.push({ box, to });
    }
    if (missing.length > 0) {
      const file = photo.file as PhotoFile;
      const cut = await cropsOf(file, missing, pipeline, aborted).catch((error: unknown) =>
        problemOf(photo.path, error, file.path),
      );
      if ('code' in cut) problems.set(photo, cut);
      else {
        for (const { to, bytes } of cut) {
          await writeFileAtomically(to, 'picture', (handle) => handle.writeFile(bytes), false);
          faces++;
        }
      }
    }
    files.add(photo.name);
  });
  return { faces, problems: photos.flatMap((photo) => problems.get(photo) ?? []) };
}

/** `a.heic face 12-34.jpg`: with the ending, as the JPEG of it has the same face at the same place. */
function cropName({ name, path }: ExportedPhoto, { left, top }: Box): string {
  const photo = portableName(name + (frameIn(path)?.name ?? ''));
  return new FileNames().take(`${photo}.jpg`, ` face ${left}-${top}`, '.jpg', LONGEST_ANYWHERE);
}

/** @throws FaceError if the photo can't be used */
async function cropsOf(
  { picture: photo, size }: PhotoFile,
  wanted: readonly { readonly box: Box; readonly to: string }[],
  pipeline: PhotoPipeline,
  signal: AbortSignal,
): Promise<{ readonly to: string; readonly bytes: Uint8Array }[]> {
  const read = await pipeline.read(photoAt(photo, size), signal);
  try {
    const opened = await read.open(DEFAULT_MAX_PIXELS, signal);
    return await pipeline.run(opened, allOfIt, signal, async (image) => {
      const onPhoto = wanted.filter(({ box }) => boxOnPhoto(box, image));
      return Promise.all(
        onPhoto.map(async ({ box, to }) => ({ to, bytes: await cropJpeg(image, around(box)) })),
      );
    });
  } finally {
    read.release();
  }
}

/** @throws FaceError FACE_IO if there is something else that it would replace */
async function mustBeOwnEncodings(file: string): Promise<void> {
  if (!(await isThere(file))) return;
  const photos = await readPhotoPaths(file).catch(() => undefined);
  // Those of `encode` name folders, too.
  if (photos && [...photos].every((photo) => !/[/\\]/.test(photo))) return;
  const remedy = 'Choose another folder, or move it away.';
  throw new FaceError('FACE_IO', `${file} is there, and was not made by an earlier export. ${remedy}`, {
    path: file,
    remedy,
  });
}
