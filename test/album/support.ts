import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceOnPhoto, PersonId } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { sha256 } from '../../src/system/sha256';

/** Opens the people of a folder to look, for the time of `work`. */
export async function looking<T>(output: string, work: (people: People) => T): Promise<T> {
  await using people = await People.open(join(output, '.data/people.jsonl'), { readOnly: true });
  return work(people);
}

/** The id of a photo's file. */
export function idOf(path: string): string {
  return sha256(readFileSync(path));
}

/** The face of somebody on a photo. */
export async function faceOf(output: string, person: PersonId, path: string): Promise<FaceOnPhoto> {
  const id = idOf(path);
  const faces = await looking(output, (people) => people.list().find((one) => one.id === person)?.faces);
  const found = faces?.find(({ photo }) => photo === id);
  if (!found) throw new Error(`${person} is not on ${path}`);
  return found;
}
