import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoId } from '../base/ids';
import type { FaceRecord } from '../base/types';
import { eraseFaces } from '../encode/journal/erase';
import { readJournalFaces } from '../encode/journal/faces';
import { readEncodings, writeEncodings } from '../encodings/encodings';
import type { PersonId } from '../people/decisions';
import type { ForgottenFaces } from '../people/forgotten-faces';
import type { People } from '../people/people';
import { PICTURES_FOLDER } from '../result/names-in-result';
import { PhotoSet } from '../result/originals/photo-set';
import { isLeftAside } from '../system/atomic-file';
import { failingTo } from '../system/io-error';
import { isThere } from '../system/real-path';
import { removeLeftovers } from '../system/temporary';
import { eraseAddedFaces } from './added-faces';
import { addForgotten, beginForgetting, readForgotten, underWay } from './forgotten';
import { KNOWN_FILES } from './known-names';
import { SUGGESTED } from './suggestions';

/**
 * Takes people out of all that is known in a folder of data: encodings, journal, faces that were added, numbers, names, decisions,
 * small pictures. What the folder of people and its page have of them goes when these are brought up to date. Killed at any moment,
 * the next run goes on: see {@link eraseForgotten}.
 * @throws FaceError FACE_INVALID_ARGUMENT for who is nobody; as `eraseForgotten`
 */
export async function erasePeople(
  data: string,
  encodings: string,
  people: People,
  persons: readonly PersonId[],
): Promise<void> {
  await beginForgetting(data, people.numbersOf(persons));
  await eraseForgotten(data, encodings, people);
}

/**
 * Goes on with what {@link erasePeople} has begun, if it has begun something. Every step may be done twice.
 * @param encodings path of the encodings file
 * @throws FaceError FACE_IO, FACE_LOCKED, FACE_PEOPLE_INVALID; as `readEncodings`
 */
export async function eraseForgotten(data: string, encodings: string, people: People): Promise<void> {
  const numbers = await underWay(data);
  if (numbers === undefined) return;
  // First of all: whatever is erased from now on can't be found again.
  await addForgotten(data, people.facesOfNumbers(numbers));
  const forgotten = people.forgottenAmong(await readForgotten(data));
  await removeWhatRunsHaveLeft(data);
  // Before the journal, which knows what photos the faces are on.
  await eraseRecords(encodings, forgotten);
  await eraseFaces(encodings, (photo, box) => forgotten.has({ photo, box }));
  await eraseAddedFaces(data, forgotten);
  for (const name of [PICTURES_FOLDER, SUGGESTED, ...KNOWN_FILES]) {
    const path = join(data, name);
    await rm(path, { recursive: true, force: true }).catch(failingTo(`remove ${path}`));
  }
  // Last: who is forgotten is known by these.
  await people.forget(numbers, forgotten);
}

/** What runs that were killed have left half written: nobody else is at work. */
async function removeWhatRunsHaveLeft(data: string): Promise<void> {
  await removeLeftovers(data, async () => true);
  for (const name of await readdir(data).catch(failingTo(`look into the folder ${data}`))) {
    if (isLeftAside(name)) await rm(join(data, name), { force: true }).catch(failingTo(`remove ${name}`));
  }
}

async function eraseRecords(encodings: string, forgotten: ForgottenFaces): Promise<void> {
  if (!(await isThere(encodings))) return;
  const records = await readEncodings(encodings);
  const known = await readJournalFaces(encodings, records, undefined);
  const photos = new PhotoSet(records, known, () => {}, 'sort');
  await photos.locate(undefined, undefined, () => {});
  const ids = await photos.identify(new Map(), undefined, () => {});
  const isForgotten = ({ imagePath, loc: box }: FaceRecord) => {
    const photo: PhotoId | undefined = ids.get(imagePath);
    return photo !== undefined && forgotten.has({ photo, box });
  };
  await writeEncodings(
    encodings,
    records.filter((record) => !isForgotten(record)),
  );
}
