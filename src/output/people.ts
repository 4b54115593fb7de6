import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../errors';
import { ioError } from '../io/io-error';
import { forEachConcurrent } from '../jobs';
import { type MontageTile, writeMontage } from '../montage';
import { SplitMix64, sample } from '../random';
import type { FaceRecord } from '../types';
import type { PhotoSet } from './photo-set';
import { copyPhoto, FileNames, type PhotoFile } from './photos';

/** The faces of one person, or for label -1 of none; in the order of the encodings file. */
export interface PersonFaces {
  readonly label: number;
  readonly faces: readonly FaceRecord[];
}

/** Is told how much is done, first with 0. */
type OnDone = (done: number, total: number) => void;

/** Copying waits for the disk, not for a core; more than this gains nothing. */
const COPIES_AT_ONCE = 8;

/** As in the Python project. */
const GRID = { columns: 5, rows: 5 };

/** Faces drawn beyond those that fit, in case the photos of some turn out to be damaged. */
const SPARE = 25;

/** Fills `<result>/label<N>/` with the photos of each person. */
export async function copyPhotos(
  result: string,
  people: readonly PersonFaces[],
  photos: PhotoSet,
  signal: AbortSignal | undefined,
  onDone: OnDone,
): Promise<void> {
  const copies: { readonly imagePath: string; readonly file: PhotoFile; readonly to: string }[] = [];
  for (const { label, faces } of people) {
    const folder = await makeFolder(result, `label${label}`);
    const names = new FileNames();
    const listed = new Set<string>();
    for (const { imagePath } of faces) {
      const file = photos.file(imagePath);
      if (!file || listed.has(file.path)) continue;
      listed.add(file.path);
      copies.push({ imagePath, file, to: join(folder, names.take(file.path)) });
    }
  }
  let done = 0;
  onDone(done, copies.length);
  await forEachConcurrent(copies, COPIES_AT_ONCE, signal, async ({ imagePath, file, to }) => {
    try {
      await copyPhoto(file, to);
    } catch (error) {
      // Only what is wrong with the photo; a full disk ends the job.
      if (!(error instanceof FaceError && error.code === 'FACE_IMAGE_NOT_FOUND')) throw error;
      photos.fail(imagePath, error);
    }
    onDone(++done, copies.length);
  });
}

/** Fills `<result>/montage/` with a picture of some of each person's faces. */
export async function drawMontages(
  result: string,
  people: readonly PersonFaces[],
  photos: PhotoSet,
  options: { readonly seed: number; readonly jobs: number; readonly signal: AbortSignal | undefined },
  onDone: OnDone,
): Promise<void> {
  const folder = await makeFolder(result, 'montage');
  let done = 0;
  onDone(done, people.length);
  await forEachConcurrent(people, options.jobs, options.signal, async ({ label, faces }, _, signal) => {
    const tiles = faces.flatMap(({ imagePath, loc }): MontageTile[] => {
      const file = photos.file(imagePath);
      return file ? [{ imagePath, loc, image: file.path }] : [];
    });
    if (tiles.length > 0) {
      // Each person has a sequence of their own: it does not change when other people come or go.
      const random = new SplitMix64((BigInt(options.seed) << 32n) + BigInt(label + 1));
      const drawn = sample(tiles, GRID.columns * GRID.rows + SPARE, random);
      const file = join(folder, label < 0 ? 'Unknown Faces.jpg' : `Face ID #${label}.jpg`);
      const report = await writeMontage(file, drawn, { ...GRID, signal });
      for (const { tile, error } of report.problems) photos.fail(tile.imagePath, error);
    }
    onDone(++done, people.length);
  });
}

async function makeFolder(result: string, name: string): Promise<string> {
  const folder = join(result, name);
  await mkdir(folder).catch((error: unknown) => {
    throw ioError(`make the folder ${name} in the result`, error);
  });
  return folder;
}
