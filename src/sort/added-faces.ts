import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoId } from '../base/ids';
import type { Box } from '../base/types';
import { JournalFile } from '../encode/journal/journal-file';
import { LINE_FEED } from '../encode/journal/lines';
import { restoreResult, type StoredResult, storeResult } from '../encode/journal/records';
import type { EncodedFace } from '../engine/faces';
import { isFaceOnPhoto } from '../people/faces';
import type { ForgottenFaces } from '../people/forgotten-faces';
import { damaged, headerOf, linesOf } from '../people/lines';
import { writeFileAtomically } from '../system/atomic-file';
import { ioError } from '../system/io-error';
import { isThere } from '../system/real-path';

/** A face that somebody has shown where no detector has found one. */
export interface AddedFace extends Omit<EncodedFace, 'score' | 'confirmed'> {
  readonly photo: PhotoId;
  /** In pixels of the upright photo. */
  readonly box: Box;
}

const FORMAT = 'face-cluster-native added faces';
const VERSION = 1;
const HEADER = { format: FORMAT, version: VERSION };
/** Whoever draws a box is sure of it. */
export const SCORE_OF_ADDED = 1;

/** The file in the folder of data: a header, then a line for each face, only ever added to. */
function addedPath(data: string): string {
  return join(data, 'added.jsonl');
}

/**
 * The faces that people have added, in the order in which they did. A last line that was cut off, by a power cut say, is left out.
 * @throws FaceError FACE_PEOPLE_INVALID with the number of a line that is damaged; FACE_IO
 */
export async function readAddedFaces(data: string): Promise<AddedFace[]> {
  const path = addedPath(data);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw ioError(`read ${path}`, error);
  }
  return facesIn(bytes.subarray(0, endOf(bytes)).toString('utf8'), path);
}

/**
 * Fulfilled when the face is on the disk.
 * @throws FaceError FACE_IO; FACE_PEOPLE_INVALID as {@link readAddedFaces}: nothing is written then
 */
export async function writeAddedFace(data: string, face: AddedFace): Promise<void> {
  const path = addedPath(data);
  let isNew = true;
  const file = await JournalFile.open(
    path,
    async (handle) => {
      const bytes = await handle.readFile();
      const end = endOf(bytes);
      facesIn(bytes.subarray(0, end).toString('utf8'), path);
      isNew = end === 0;
      return end;
    },
    'file of added faces',
  );
  try {
    const header = isNew ? [lineOf(HEADER)] : [];
    await file.append(...header, lineOf(stored(face)));
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Notes that photos have become others, with the same pixels: faces that people have added on them are on these, too.
 * @throws FaceError as {@link writeAddedFace}
 */
export async function addFacesAgain(
  data: string,
  rewritten: ReadonlyMap<PhotoId, readonly PhotoId[]>,
): Promise<void> {
  for (const face of await readAddedFaces(data)) {
    for (const photo of rewritten.get(face.photo) ?? []) await writeAddedFace(data, { ...face, photo });
  }
}

/**
 * Takes forgotten faces out of those that people have added.
 * @throws FaceError FACE_IO; FACE_PEOPLE_INVALID as {@link readAddedFaces}
 */
export async function eraseAddedFaces(data: string, forgotten: ForgottenFaces): Promise<void> {
  const path = addedPath(data);
  if (!(await isThere(path))) return;
  const kept = (await readAddedFaces(data)).filter((face) => !forgotten.has(face));
  await writeFileAtomically(path, 'file of added faces', (handle) =>
    handle.writeFile(Buffer.concat([HEADER, ...kept.map(stored)].map(lineOf))),
  );
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Where the last whole line ends. */
function endOf(bytes: Buffer): number {
  return bytes.lastIndexOf(LINE_FEED) + 1;
}

type StoredFace = StoredResult['faces'][0];

function stored({ photo, ...face }: AddedFace): object {
  const { faces } = storeResult({ width: 0, height: 0, faces: [{ ...face, score: SCORE_OF_ADDED }] });
  const { score: _, ...rest } = faces[0] as StoredFace;
  return { photo, ...rest };
}

function facesIn(text: string, path: string): AddedFace[] {
  if (text === '') return [];
  const lines = linesOf(text, path);
  headerOf(lines.next().value, path, FORMAT, VERSION);
  return Array.from(lines, ({ number, value }) => {
    const face = restored(value);
    if (!face) throw damaged(path, number, 'is no face');
    return face;
  });
}

/** `undefined` if it is none. */
function restored(value: unknown): AddedFace | undefined {
  try {
    const { photo, ...rest } = value as StoredFace & { readonly photo: PhotoId };
    const { faces } = restoreResult({ width: 0, height: 0, faces: [rest] });
    const { score: _, ...face } = faces[0] as EncodedFace;
    return isFaceOnPhoto({ photo, box: face.box }) ? { photo, ...face } : undefined;
  } catch {
    return undefined;
  }
}
