import { basename, sep } from 'node:path';
import { FaceError } from '../base/errors';
import { getOrMake } from '../base/maps';
import { type PhotoProblem, type PhotoWarning, problemOf } from '../base/photo-problem';
import { canBeName, tidyName } from '../people/faults';
import { titleIn } from '../people/names';
import { findImages } from '../photos/find';
import type { BesidePictures } from '../photos/raw-and-jpeg';
import { foldedName, hasUndecodedBytes } from '../system/file-name';

/** Somebody who is known by photos of them. */
export interface KnownPhotos {
  /** As it is shown: without blanks around it, its letters written in one way. */
  readonly name: string;
  /** Joined onto the folder as it was given, in order; one at least. */
  readonly photos: readonly string[];
  /** The raw photos that are none of these, each with those of its name that are: see {@link RawInstead}. */
  readonly rawBeside: BesidePictures;
}

/** The same people, by the raw photos that were taken in the place of some of theirs, where `warnings` say so. */
export function withRawInstead(
  people: readonly KnownPhotos[],
  warnings: readonly PhotoWarning[],
): readonly KnownPhotos[] {
  const rawOf = new Map(warnings.map(({ path, insteadOf }) => [insteadOf, path]));
  return people.map((person) => ({
    ...person,
    photos: person.photos.map((photo) => rawOf.get(photo) ?? photo),
  }));
}

/**
 * The people of a folder that is sorted by them: a folder for each, named after them, with their photos in it and in folders
 * below; or single photos, each named after who is on it (`anna.jpg`, `Anna Schmidt.png`); or both. The number at the end of a
 * folder that `sort` has made, `Anna (135)`, is no part of the name. Names that differ in upper and lower case only are one
 * person's, who is called as the folder is, else as the first photo.
 *
 * What is hidden, or other programs', is left out: see `findImages`.
 * @param dir also a single photo
 * @param onProblem told of what can't be looked into, and of what has no name that a person can have
 * @returns in the order of their names; empty if there are no photos
 * @throws FaceError FACE_IO if `dir` is not there or may not be read; FACE_NO_IMAGES if it is a result of this program;
 *   FACE_ABORTED
 */
export async function readKnownFolder(
  dir: string,
  signal?: AbortSignal,
  onProblem?: (problem: PhotoProblem) => void,
): Promise<readonly KnownPhotos[]> {
  const { images, rawBesideJpeg, problems } = await findImages(dir, signal && { signal });
  for (const { path, error } of problems) onProblem?.(problemOf(path, error));
  const people = new Map<string, Person>();
  const nameless = new Set<string>();
  for (const photo of images) {
    const { path, name, isFolder } = namedAfter(photo, dir);
    if (!canBeName(name) || hasUndecodedBytes(name)) {
      nameless.add(path);
      continue;
    }
    const person = getOrMake(people, foldedName(name), () => ({
      name,
      isFolder,
      photos: [],
      rawBeside: new Map(),
    }));
    if (isFolder && !person.isFolder) Object.assign(person, { name, isFolder });
    person.photos.push(photo);
  }
  for (const [raw, pictures] of rawBesideJpeg) {
    people.get(foldedName(namedAfter(raw, dir).name))?.rawBeside.set(raw, pictures);
  }
  for (const path of nameless) onProblem?.(problemOf(path, noName(path)));
  return [...people.values()]
    .map(({ name, photos, rawBeside }) => ({ name, photos, rawBeside }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Person {
  name: string;
  isFolder: boolean;
  readonly photos: string[];
  readonly rawBeside: Map<string, readonly string[]>;
}

/** Who a photo is said to be of, and by which folder, or by its own name. */
function namedAfter(photo: string, dir: string) {
  const within = photo === dir ? basename(photo) : photo.slice(dir.length).replace(/^[/\\]/, '');
  const end = within.indexOf(sep);
  const isFolder = end >= 0;
  const own = isFolder ? within.slice(0, end) : within;
  const title = isFolder ? titleIn(own) : own.slice(0, own.lastIndexOf('.'));
  return {
    path: isFolder ? photo.slice(0, photo.length - within.length + end) : photo,
    name: tidyName(title),
    isFolder,
  };
}

function noName(path: string): FaceError {
  return new FaceError('FACE_KNOWN_PHOTO', `"${path}" is not named as a person can be.`, {
    path,
    remedy: 'Rename it to the name of who is on it.',
  });
}
