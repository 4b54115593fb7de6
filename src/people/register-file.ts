import { basename } from 'node:path';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import type { Box } from '../base/types';
import { writeFileAtomically } from '../system/atomic-file';
import { readTextIfThere } from '../system/read-text';
import type { PersonId, StoredFace } from './decisions';
import {
  compareFaces,
  isBox,
  isFaceOnPhoto,
  type KnownFace,
  restoreBox,
  restoreFace,
  storeBox,
  storeFace,
} from './faces';
import { isPersonId, isStoredFace } from './faults';
import { damaged, headerOf, linesOf } from './lines';
import type { Register } from './register';

const FORMAT = 'face-cluster-native faces of people';
const VERSION = 1;

/** A line of the file. */
interface StoredKnownFace extends StoredFace {
  readonly was?: readonly PhotoId[];
  readonly first?: StoredFace['box'];
  readonly person?: PersonId;
  readonly instead?: readonly PersonId[];
  readonly gone?: true;
}

/** Faces that are put into one piece of text. */
const BATCH = 1000;

/** Where what the runs have found is, beside the decisions. */
export function facesPath(path: string): string {
  return `${path}.faces`;
}

/** @throws FaceError FACE_IO; what was there before is still there then */
export async function writeRegister(path: string, { next, absorbed, faces }: Register): Promise<void> {
  await writeFileAtomically(path, 'file of faces', async (handle) => {
    const header = { format: FORMAT, version: VERSION, next, absorbed: [...absorbed], faces: faces.length };
    await handle.appendFile(`${JSON.stringify(header)}\n`);
    for (let from = 0; from < faces.length; from += BATCH) {
      const lines = faces.slice(from, from + BATCH).map((face) => `${JSON.stringify(storeKnown(face))}\n`);
      await handle.appendFile(lines.join(''));
    }
  });
}

function storeKnown(face: KnownFace): StoredKnownFace {
  const { was, first, person, instead, gone } = face;
  return {
    ...storeFace(face),
    ...(was && { was }),
    ...(first && { first: storeBox(first) }),
    ...(person !== undefined && { person }),
    ...(instead && { instead }),
    ...(gone && { gone }),
  };
}

/**
 * @returns `undefined` if there is no file; if it is damaged, a FaceError FACE_PEOPLE_INVALID with the number of a line
 * @throws FaceError FACE_IO; FACE_PEOPLE_INVALID if it is a newer version's
 */
export async function readRegister(path: string): Promise<Register | FaceError | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const decisions = basename(path).replace(/\.faces$/, '');
  const remedy = `Delete it: people are found again by the faces in ${decisions}.`;
  try {
    return registerIn(text, path, remedy);
  } catch (error) {
    if (error instanceof FaceError && error.remedy === remedy) return error;
    throw error;
  }
}

function registerIn(text: string, path: string, remedy: string): Register {
  const lines = linesOf(text, path, remedy);
  const { next, absorbed, faces: count } = headerOf(lines.next().value, path, FORMAT, VERSION, remedy);
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(isPersonId);
  // One more than the largest number there is, if that is taken.
  const isNext = Number.isInteger(next) && ((next as number) === 1 || isPersonId((next as number) - 1));
  if (!isNext || !Array.isArray(absorbed) || !absorbed.every(isPair)) {
    throw damaged(path, 1, 'lacks who there is', remedy);
  }
  const faces: KnownFace[] = [];
  for (const { number, value } of lines) {
    const face = restoreKnown(value);
    if (!face) throw damaged(path, number, 'is no face', remedy);
    faces.push(face);
  }
  if (faces.length !== count) {
    throw damaged(path, 1, `speaks of ${count} faces, but there are ${faces.length}`, remedy);
  }
  return { next: next as PersonId, absorbed: new Map(absorbed), faces: faces.sort(compareFaces) };
}

/** `undefined` if it is no face. */
function restoreKnown(value: unknown): KnownFace | undefined {
  const { was, first, person, instead, gone, ...rest } = (value ?? {}) as StoredKnownFace;
  if (!isStoredFace(rest) || (first !== undefined && !isStoredFace({ ...rest, box: first })))
    return undefined;
  const face = restoreFace(rest);
  const firstBox: Box | undefined = first && restoreBox(first);
  const people = [...(person === undefined ? [] : [person]), ...(Array.isArray(instead) ? instead : [])];
  const fits =
    isBox(face.box) &&
    (firstBox === undefined || isBox(firstBox)) &&
    (was === undefined || (Array.isArray(was) && was.every((photo) => isFaceOnPhoto({ ...face, photo })))) &&
    people.every(isPersonId) &&
    (instead === undefined || (Array.isArray(instead) && instead.length > 0 && person !== undefined)) &&
    (gone === undefined || gone === true);
  return fits
    ? {
        ...face,
        ...(was && { was }),
        ...(firstBox && { first: firstBox }),
        ...(person !== undefined && { person }),
        ...(instead && { instead }),
        ...(gone && { gone }),
      }
    : undefined;
}
