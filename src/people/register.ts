import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../system/atomic-file';
import { ioError } from '../system/io-error';
import type { PersonId, StoredFace } from './decisions';
import { compareFaces, type KnownFace, restoreFace, storeFace } from './faces';
import { damaged, headerOf, linesOf } from './lines';

/** What the groupings of all runs have come to, whatever was decided. */
export interface Register {
  /** Beyond the number of everybody that a grouping has made. */
  readonly next: PersonId;
  /** Whom a grouping has found to be whom: nothing is thrown away by that, so a decision can bring them back. */
  readonly absorbed: ReadonlyMap<PersonId, PersonId>;
  /** In the order of photos and boxes. */
  readonly faces: readonly KnownFace[];
}

export const EMPTY_REGISTER: Register = { next: 1, absorbed: new Map(), faces: [] };

const FORMAT = 'face-cluster-native faces of people';
const VERSION = 1;

/** A line of the file. */
interface StoredKnownFace extends StoredFace {
  readonly person?: PersonId;
  readonly gone?: true;
}

/** Faces that are put into one piece of text. */
const BATCH = 1000;

/** @throws FaceError FACE_IO; what was there before is still there then */
export async function writeRegister(path: string, { next, absorbed, faces }: Register): Promise<void> {
  await writeFileAtomically(path, 'file of faces', async (handle) => {
    const header = { format: FORMAT, version: VERSION, next, absorbed: [...absorbed], faces: faces.length };
    await handle.appendFile(`${JSON.stringify(header)}\n`);
    for (let from = 0; from < faces.length; from += BATCH) {
      const lines = faces.slice(from, from + BATCH).map((face) => {
        const { person, gone } = face;
        const stored: StoredKnownFace = {
          ...storeFace(face),
          ...(person !== undefined && { person }),
          ...(gone && { gone }),
        };
        return `${JSON.stringify(stored)}\n`;
      });
      await handle.appendFile(lines.join(''));
    }
  });
}

/**
 * @returns an empty one if there is no file
 * @throws FaceError FACE_PEOPLE_INVALID with the number of a line that is damaged; FACE_IO
 */
export async function readRegister(path: string): Promise<Register> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_REGISTER;
    throw ioError(`read ${path}`, error);
  }
  const lines = linesOf(text, path);
  const { next, absorbed, faces: count } = headerOf(lines.next().value, path, FORMAT, VERSION);
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(isPerson);
  if (!isPerson(next) || !Array.isArray(absorbed) || !absorbed.every(isPair)) {
    throw damaged(path, 1, 'lacks who there is');
  }
  const faces: KnownFace[] = [];
  for (const { number, value } of lines) {
    const { person, gone, ...face } = (value ?? {}) as StoredKnownFace;
    const isBox = Array.isArray(face.box) && face.box.length === 4 && face.box.every(Number.isSafeInteger);
    if (typeof face.photo !== 'string' || !isBox || (person !== undefined && !isPerson(person))) {
      throw damaged(path, number, 'is no face');
    }
    faces.push({
      ...restoreFace(face),
      ...(person !== undefined && { person }),
      ...(gone && { gone }),
    });
  }
  if (faces.length !== count)
    throw damaged(path, 1, `speaks of ${count} faces, but there are ${faces.length}`);
  return { next: next as PersonId, absorbed: new Map(absorbed), faces: faces.sort(compareFaces) };
}

function isPerson(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
