import { throwIfAborted } from '../base/errors';
import { getOrMake } from '../base/maps';
import type { FaceRecord } from '../base/types';
import { filesNaming } from '../metadata/names-in-photo';
import type { PersonId } from '../people/decisions';
import type { People } from '../people/people';
import { isImageName } from '../photos/formats/formats';
import type { FoundFaces } from '../sort/found-faces';
import { nameKey } from '../sort/said-before';
import { FILES_AT_ONCE, forEachConcurrent } from '../system/jobs';

/** All names that people have had. */
export function namesEverHad(people: People, persons: ReadonlySet<PersonId>): string[] {
  const numbers = new Set(people.numbersOf([...persons]));
  return people
    .decisions()
    .flatMap((made) => (made.do === 'name' && numbers.has(made.person) ? [made.name] : []));
}

/**
 * The photos that people are on, and their sidecars, that name them, as far as they can be read. A name that somebody else on the photo
 * has is theirs.
 * @returns in order
 * @throws FaceError FACE_ABORTED
 */
export async function filesStillNaming(
  people: People,
  { records, faces, photos }: FoundFaces,
  persons: ReadonlySet<PersonId>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const theirs = new Set(namesEverHad(people, persons).map(nameKey));
  if (theirs.size === 0) return [];
  const called = new Map(people.list().map(({ id, name }) => [id, name]));
  const who = people.whoAre(faces).people;
  const shown = new Set<string>();
  const others = new Map<string, Set<string>>();
  for (const [place, { imagePath }] of (records as readonly FaceRecord[]).entries()) {
    const file = photos.file(imagePath)?.path;
    if (file === undefined || !isImageName(file)) continue;
    const person = who[place] as PersonId;
    const name = called.get(person);
    if (persons.has(person)) shown.add(file);
    else if (name !== undefined) getOrMake(others, file, () => new Set()).add(nameKey(name));
  }
  const found: string[] = [];
  await forEachConcurrent(shown, FILES_AT_ONCE, signal, async (file, _, stopped) => {
    const isTheirs = (name: string) => theirs.has(nameKey(name)) && !others.get(file)?.has(nameKey(name));
    try {
      found.push(...(await filesNaming(file, isTheirs, stopped)));
    } catch {
      // One that is away, or damaged, is told of where photos are looked for.
      throwIfAborted(stopped);
    }
  });
  return [...new Set(found)].sort();
}
