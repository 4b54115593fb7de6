import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaceOnPhoto, PersonId, StoredFace } from '../people/decisions';
import { compareFaces, faceKey, isFaceOnPhoto, restoreFace, storeFace } from '../people/faces';
import { isPersonId, isStoredFace } from '../people/faults';
import { damaged, headerOf, linesOf } from '../people/lines';
import { writeFileAtomically } from '../system/atomic-file';
import { failingTo } from '../system/io-error';
import { readTextIfThere } from '../system/read-text';

const FORMAT = 'face-cluster-native forgotten faces';
const VERSION = 1;

/**
 * Where forgotten faces were, in the folder of data: photo and place alone, by which no later run finds them again. It says neither
 * whose they were nor how they look, and all are in one order, so that it does not tell which of them were one person's.
 */
function forgottenPath(data: string): string {
  return join(data, 'forgotten.jsonl');
}

/** In the folder of data while people are being forgotten: their numbers. */
function markerPath(data: string): string {
  return join(data, 'forgetting.json');
}

/**
 * The faces that are forgotten.
 * @throws FaceError FACE_PEOPLE_INVALID with the number of a line that is damaged: else they would be found again; FACE_IO
 */
export async function readForgotten(data: string): Promise<FaceOnPhoto[]> {
  const path = forgottenPath(data);
  const text = await readTextIfThere(path);
  if (text === undefined) return [];
  const lines = linesOf(text, path);
  headerOf(lines.next().value, path, FORMAT, VERSION);
  return Array.from(lines, ({ number, value }) => {
    const face = isStoredFace(value) ? restoreFace(value) : undefined;
    if (!face || !isFaceOnPhoto(face)) throw damaged(path, number, 'is no face');
    return face;
  });
}

/** Adds faces to those that are forgotten. @throws FaceError as {@link readForgotten} */
export async function addForgotten(data: string, faces: readonly FaceOnPhoto[]): Promise<void> {
  const before = await readForgotten(data);
  const all = new Map([...before, ...faces].map((face) => [faceKey(face), face]));
  if (all.size === before.length) return;
  const lines: (StoredFace | object)[] = [
    { format: FORMAT, version: VERSION },
    ...[...all.values()].sort(compareFaces).map(storeFace),
  ];
  await writeFileAtomically(forgottenPath(data), 'file of forgotten faces', (handle) =>
    handle.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  );
}

/** Notes that people are being forgotten, whatever happens from now on. @throws FaceError FACE_IO */
export async function beginForgetting(data: string, numbers: readonly PersonId[]): Promise<void> {
  await writeFileAtomically(markerPath(data), 'note of who is forgotten', (handle) =>
    handle.writeFile(`${JSON.stringify(numbers)}\n`),
  );
}

/** The numbers of those who are being forgotten; `undefined`: nobody is. @throws FaceError FACE_IO, FACE_PEOPLE_INVALID */
export async function underWay(data: string): Promise<PersonId[] | undefined> {
  const path = markerPath(data);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const [line] = linesOf(text, path, REMEDY);
  const numbers = line?.value;
  if (Array.isArray(numbers) && numbers.every(isPersonId)) return numbers;
  throw damaged(path, 1, 'is no list of people', REMEDY);
}

const REMEDY = 'Delete it, and forget these people once more.';

/** Notes that all that was to be forgotten is. @throws FaceError FACE_IO */
export async function endForgetting(data: string): Promise<void> {
  const path = markerPath(data);
  await rm(path, { force: true }).catch(failingTo(`remove ${path}`));
}
