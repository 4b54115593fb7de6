import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { throwIfAborted } from '../base/errors';
import { groupBy } from '../base/maps';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { Box, FaceRecord, PhotoFacts } from '../base/types';
import { findHolders } from '../clustering/holders';
import { readNamesInPhoto } from '../metadata/names-in-photo';
import { tidyName } from '../people/faults';
import { readKnownFolder } from '../recognize/known-folder';
import { namedFaces } from '../recognize/named-faces';
import { namesAPerson } from '../result/people-folder/names';
import { fsPath } from '../system/file-name';
import { FILES_AT_ONCE, forEachConcurrent } from '../system/jobs';
import { mainFace } from './main-face';

/** Who faces are said to be; by their places, `undefined` where nobody says. */
export type Names = readonly (string | undefined)[];

/** What is known of photos, by the paths that faces have. */
export type FactsOf = (imagePath: string) => PhotoFacts | undefined;

/**
 * Who faces are by names in their photos and sidecars, see {@link namedFaces}: those that `sort --names-from-photos` gives them.
 * @throws FaceError FACE_ABORTED
 */
export async function namesInPhotos(
  records: readonly FaceRecord[],
  factsOf: FactsOf,
  signal: AbortSignal | undefined,
  onProblem: (problem: PhotoProblem) => void,
  onProgress: (done: number, total: number) => void,
): Promise<Names> {
  const names = new Array<string | undefined>(records.length).fill(undefined);
  const photos = facesByPhoto(records);
  let done = 0;
  onProgress(0, photos.length);
  await forEachConcurrent(photos, FILES_AT_ONCE, signal, async ({ path, places, boxes }, _, own) => {
    try {
      const found = namedFaces(await readNamesInPhoto(path, own), boxes, factsOf(path));
      for (const [i, said] of found.entries()) {
        const name = tidyName(said ?? '');
        if (namesAPerson(name)) names[places[i] as number] = name;
      }
    } catch (error) {
      throwIfAborted(own);
      onProblem(problemOf(path, error));
    }
    onProgress(++done, photos.length);
  });
  return names;
}

/**
 * Who faces are by the folders that their photos are in: each is named after somebody, see `readKnownFolder`, and in the folders
 * that are given. Of several faces on a photo, it is the {@link mainFace}; nobody says who the others are.
 * @param inputs folders and photos
 * @throws FaceError as `readKnownFolder`
 */
export async function namesOfFolders(
  inputs: readonly string[],
  records: readonly FaceRecord[],
  factsOf: FactsOf,
  signal: AbortSignal | undefined,
): Promise<Names> {
  const people = new Map<string, string>();
  for (const input of inputs) {
    if (!(await stat(fsPath(input))).isDirectory()) continue;
    for (const { name, photos, rawBeside } of await readKnownFolder(input, signal)) {
      if (!namesAPerson(name)) continue;
      // A raw photo may have been taken in the place of a damaged one.
      for (const photo of [...photos, ...rawBeside.keys()]) {
        // Beside the folders of people: its own name says nothing, or all of a flat folder would be people.
        if (resolve(dirname(photo)) !== resolve(input)) people.set(resolve(photo), name);
      }
    }
  }
  const names = new Array<string | undefined>(records.length).fill(undefined);
  for (const { path, places, boxes } of facesByPhoto(records)) {
    const main = mainFace(boxes, factsOf(path));
    if (main !== undefined) names[places[main] as number] = people.get(resolve(path));
  }
  return names;
}

/** A photo's faces, without those that are a part of another: these are the same face, found twice. */
interface FacesOfPhoto {
  readonly path: string;
  /** Their places among all faces. */
  readonly places: readonly number[];
  readonly boxes: readonly Box[];
}

function facesByPhoto(records: readonly FaceRecord[]): FacesOfPhoto[] {
  const holders = findHolders(records);
  const onPhotos = groupBy(
    [...records.entries()].filter(([place]) => holders[place] === null),
    ([, { imagePath }]) => imagePath,
  );
  return [...onPhotos].map(([path, faces]) => ({
    path,
    places: faces.map(([place]) => place),
    boxes: faces.map(([, { loc }]) => loc),
  }));
}
