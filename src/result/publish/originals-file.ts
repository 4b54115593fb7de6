import type { BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ORIGINALS } from '../names-in-result';
import { type PhotoFile, stateOf } from '../originals/find';
import { pathFrom, writeInResult } from './in-result';

/** Where a photo in a result came from. */
export interface Original {
  /** Path of the photo that it is a hard link to or a copy of, as seen from the result; absolute if that can't be. */
  readonly at: string;
  /** Of a copy: the states of the photo and of the copy. While both are what they are, their bytes are equal. */
  readonly states?: readonly [original: string, copy: string];
}

/** By the photo's place in the result. */
export type Originals = ReadonlyMap<string, Original>;

/** @param copy what the file system says of a copy; `undefined` for a hard link, or if it says nothing */
export function originalOf(
  output: string,
  photo: Pick<PhotoFile, 'path' | 'state' | 'settled'>,
  copy: BigIntStats | undefined,
): Original {
  const at = pathFrom(output, photo.path);
  return copy && photo.settled ? { at, states: [photo.state, stateOf(copy)] } : { at };
}

/** Whether a photo and its copy still are what they were when it was copied, as far as the file system says. */
export function isUntouched({ states }: Original, photo: BigIntStats, copy: BigIntStats): boolean {
  return states !== undefined && states[0] === stateOf(photo) && states[1] === stateOf(copy);
}

/** @throws FaceError FACE_IO */
export async function writeOriginals(result: string, originals: Originals): Promise<void> {
  await writeInResult(result, ORIGINALS, `${JSON.stringify(Object.fromEntries(originals))}\n`);
}

/** What the result in `folder` says; `undefined` if it says nothing, being another version's. */
export async function readOriginals(folder: string): Promise<Originals | undefined> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(join(folder, ORIGINALS), 'utf8'))));
  } catch {
    return undefined;
  }
}
