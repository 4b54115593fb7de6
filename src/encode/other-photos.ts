import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FaceError, type FaceErrorCode, messageOf } from '../base/errors';
import { readPhotoPaths } from '../encodings/encodings';
import { fileOfPath } from '../photos/video/frame-path';
import { fsPath } from '../system/file-name';
import { forEachConcurrent } from '../system/jobs';
import { isThere, realPath } from '../system/real-path';
import { sha256OfFile } from '../system/sha256';
import type { Journal } from './journal/journal';
import { journalPath } from './journal/paths';
import { sizeIn } from './journal/photo-state';

/*
 * What a run must not take out of an encodings file without a word. A photo that is gone from where the run looks was removed
 * by its owner, and drops out. One that was elsewhere has not been looked for: the run was pointed to other folders, perhaps
 * by mistake, and would replace hours of work.
 */

/** What it means that a file is no encodings file. */
const NOT_ENCODINGS = new Set<FaceErrorCode>([
  'FACE_ENCODINGS_INVALID',
  'FACE_PICKLE_INVALID',
  'FACE_PICKLE_UNSAFE',
]);

/** Questions put to the file system at once. */
const LOOKS_AT_ONCE = 32;

/** The photos that an encodings file names, and videos of which it names frames, seen from a run that is to replace it. */
export interface PhotosOfBefore {
  /** Those in none of the inputs. */
  readonly elsewhere: readonly string[];
  /** Number of those that are in one of the inputs and were not found any more. */
  readonly gone: number;
}

const NONE: PhotosOfBefore = { elsewhere: [], gone: 0 };

/**
 * Looks at the photos that an encodings file names, before a run replaces it; there are none if there is no file. Takes one look at each folder, and 4 seconds and 0.2 GB for a file of a million faces.
 * @param inputs folders and photos
 * @param found the photos and videos in them
 * @param fresh whether the user wants to start over
 * @throws FaceError FACE_ENCODINGS_OTHER_PHOTOS if some are elsewhere, and there is no journal to know them by, or if an
 *   input has none of its photos any more, as a disk that is not there (unless `fresh`); FACE_ENCODINGS_INVALID if the file has no journal and is no encodings file, but some other work of
 *   somebody's; FACE_IO, FACE_OUT_OF_MEMORY, FACE_ABORTED
 */
export async function photosOfBefore(
  encodings: string,
  inputs: readonly string[],
  found: readonly string[],
  fresh: boolean,
  signal: AbortSignal | undefined,
): Promise<PhotosOfBefore> {
  const { size } = await stat(encodings).catch(() => ({ size: 0 }));
  if (size === 0) return NONE;
  const hasJournal = await isThere(await journalPath(encodings));
  let photos: ReadonlySet<string>;
  try {
    photos = new Set(Array.from(await readPhotoPaths(encodings, { signal }), fileOfPath));
  } catch (error) {
    if (!(error instanceof FaceError && NOT_ENCODINGS.has(error.code))) throw error;
    // A damaged one of ours: what it held is in the journal.
    if (hasJournal) return NONE;
    throw new FaceError(
      'FACE_ENCODINGS_INVALID',
      `${messageOf(error)} It is where the encodings are to go, and was left as it is.`,
      { cause: error, path: encodings, remedy: 'Choose another file, or move it away.' },
    );
  }
  const there = new Set(found.map((photo) => resolve(photo)));
  if (!fresh) checkStillThere(encodings, inputs, photos, there);
  let gone = 0;
  const reach = await Reach.of(inputs);
  const elsewhere: string[] = [];
  await forEachConcurrent([...photos], LOOKS_AT_ONCE, signal, async (photo) => {
    const where = await reach.find(photo);
    if (where === 'inside') {
      if (!there.has(resolve(photo))) gone++;
      // Of "encode photos/*.jpg" one that was removed is neither: what is given then is all the others.
    } else if (where === 'elsewhere' || (await isThere(photo))) elsewhere.push(photo);
  });
  if (elsewhere.length > 0 && !hasJournal && !fresh) throw wouldDrop(encodings, elsewhere);
  return { elsewhere, gone };
}

/**
 * Makes sure that no input has lost all of its photos: that is a disk that is not there more often than a wish.
 * @throws FaceError FACE_ENCODINGS_OTHER_PHOTOS
 */
function checkStillThere(
  encodings: string,
  inputs: readonly string[],
  before: ReadonlySet<string>,
  there: ReadonlySet<string>,
): void {
  const were = Array.from(before, (photo) => resolve(photo));
  const are = [...there];
  for (const input of inputs) {
    const isIn = (photo: string) => photo.startsWith(`${resolve(input)}${sep}`);
    if (are.some(isIn)) continue;
    const count = were.filter(isIn).length;
    if (count === 0) continue;
    throw new FaceError(
      'FACE_ENCODINGS_OTHER_PHOTOS',
      `${encodings} has the faces of ${count === 1 ? 'a photo' : `${count.toLocaleString('en')} photos`} in ${input}, where ` +
        'there is none any more, and would lose them. Is a disk missing? Nothing was changed. If they are to go, delete ' +
        'the encodings file (what is known of each photo stays in its journal), or start over with --fresh (fresh: true).',
    );
  }
}

/**
 * Makes sure that photos which are elsewhere, see {@link photosOfBefore}, were only moved: that the run has found them, under the same name and with the same
 * content. If it has found most of them, one of their folders that is nowhere any more was removed on the way.
 * @throws FaceError FACE_ENCODINGS_OTHER_PHOTOS
 */
export async function checkMoved(
  elsewhere: readonly string[],
  found: readonly string[],
  encodings: string,
  journal: Journal,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (elsewhere.length === 0) return;
  const there = await signsOf(found, elsewhere, journal, signal);
  const moved = new Set<string>();
  const missing: string[] = [];
  for (const photo of elsewhere) {
    const sign = signOf(photo, journal);
    if (sign !== undefined && there.has(sign)) moved.add(dirname(photo));
    else missing.push(photo);
  }
  // A copy of one of them is not the collection.
  const mostMoved = 2 * missing.length < elsewhere.length;
  const dropped: string[] = [];
  await forEachConcurrent(missing, LOOKS_AT_ONCE, signal, async (photo) => {
    if (!mostMoved || !moved.has(dirname(photo)) || (await isThere(photo))) dropped.push(photo);
  });
  if (dropped.length > 0) throw wouldDrop(encodings, dropped);
}

/**
 * What a photo is known again by elsewhere, as the journal has it: its name and size. All photos of a collection that was
 * moved would take long to read; only one whose size the journal does not have is known by its content.
 */
function signOf(photo: string, journal: Journal): string | undefined {
  const known = journal.lastSeen(photo);
  return known && `${known.state === undefined ? known.content : sizeIn(known.state)} ${basename(photo)}`;
}

/** The signs of all photos in `found` that may be among `wanted`. */
async function signsOf(
  found: readonly string[],
  wanted: readonly string[],
  journal: Journal,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const names = new Set(wanted.map((photo) => basename(photo)));
  const unsized = wanted.filter((photo) => journal.lastSeen(photo)?.state === undefined);
  const toRead = new Set(unsized.map((photo) => basename(photo)));
  const signs = new Set<string>();
  await forEachConcurrent(found, LOOKS_AT_ONCE, signal, async (photo) => {
    const name = basename(photo);
    if (!names.has(name)) return;
    // One that can't be read is reported when its turn comes.
    const stats = await stat(fsPath(photo)).catch(() => undefined);
    if (stats) signs.add(`${stats.size} ${name}`);
    const content = toRead.has(name) ? await sha256OfFile(photo).catch(() => undefined) : undefined;
    if (content !== undefined) signs.add(`${content} ${name}`);
  });
  return signs;
}

function wouldDrop(encodings: string, photos: readonly string[]): FaceError {
  const count =
    photos.length === 1 ? '1 photo that is' : `${photos.length.toLocaleString('en')} photos that are`;
  const remedy =
    'Give the other folders as well, or choose another encodings file. If this one is not needed any more, delete it, ' +
    'or start over with --fresh (fresh: true).';
  return new FaceError(
    'FACE_ENCODINGS_OTHER_PHOTOS',
    `${encodings} has the faces of ${count} not in what was given, and would lose them; the first is "${photos.toSorted()[0]}". ` +
      'Nothing was changed.',
    { path: encodings, remedy },
  );
}

/** `inside`: in an input, or one itself; `beside`: in the folder that one is in, but not given. */
type Where = 'inside' | 'beside' | 'elsewhere';

/** Where photos are, seen from what a run was given. */
class Reach {
  /** The folders that the inputs are in. As `inputs` both as they were given and without links. */
  readonly #around: ReadonlySet<string>;
  readonly #folders = new Map<string, Promise<{ readonly where: Where; readonly real: string }>>();

  private constructor(private readonly inputs: ReadonlySet<string>) {
    this.#around = new Set([...inputs].map(dirname));
  }

  static async of(inputs: readonly string[]): Promise<Reach> {
    const places = await Promise.all(
      inputs.map(async (input) => {
        const path = resolve(input);
        return [path, await realPlace(path), join(await realPlace(dirname(path)), basename(path))];
      }),
    );
    return new Reach(new Set(places.flat()));
  }

  async find(photo: string): Promise<Where> {
    const path = resolve(photo);
    const name = dirname(path);
    const folder = this.#folders.get(name) ?? this.#look(name);
    this.#folders.set(name, folder);
    const { where, real } = await folder;
    const isInput = this.inputs.has(path) || this.inputs.has(join(real, basename(path)));
    return isInput ? 'inside' : where;
  }

  async #look(folder: string): Promise<{ readonly where: Where; readonly real: string }> {
    const real = await realPlace(folder);
    if (this.#covers(folder) || this.#covers(real)) return { where: 'inside', real };
    return { where: this.#around.has(folder) || this.#around.has(real) ? 'beside' : 'elsewhere', real };
  }

  #covers(folder: string): boolean {
    if (this.inputs.has(folder)) return true;
    const parent = dirname(folder);
    return parent !== folder && this.#covers(parent);
  }
}

/** `path` without links on the way, as far as it is there. */
async function realPlace(path: string): Promise<string> {
  const real = await realPath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const parent = dirname(path);
  return parent === path ? path : join(await realPlace(parent), basename(path));
}
