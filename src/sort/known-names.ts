import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FaceError } from '../base/errors';
import { groupBy } from '../base/maps';
import { type PhotoProblem, type PhotoWarning, problemOf } from '../base/photo-problem';
import { count } from '../base/words';
import { type EncodeFacesOptions, encodeFaces } from '../encode/encode';
import { readEncodings } from '../encodings/encodings';
import type { PersonId } from '../people/decisions';
import { faceKey } from '../people/faces';
import { personTitle } from '../people/names';
import type { People } from '../people/people';
import { identify, type PersonExamples } from '../recognize/identify';
import { type KnownPhotos, readKnownFolder, withRawInstead } from '../recognize/known-folder';
import { knownPeople } from '../recognize/known-people';
import { namesAPerson } from '../result/people-folder/names';
import { realPath } from '../system/real-path';
import type { FoundFaces } from './found-faces';
import { nameKey, SaidBefore } from './said-before';
import type { TakenOver } from './take-over';

/** Where decisions come from that are made by photos of people who are known. */
export const BY_KNOWN_PEOPLE = 'known people';

/**
 * How near faces have to be, and how many of somebody's. On LFW, of 200 people who are on three photos at least and known by one more
 * each, 95 % get their name and 0.05 % another one; so do 3.3 % of strangers. Known by three each, these are 98.9 %, none and 1.1 %;
 * with a tolerance of 0.6, 99.4 %, none and 2.7 %.
 */
const TOLERANCE = 0.55;
const SHARE = 0.5;
const LEAST_FACES = 2;

/** In the folder of data: what is known of the photos of known people, so that they are looked at once only. */
export const KNOWN_FILES = ['known.pickle', 'known.pickle.journal'] as const;

/**
 * The people of a folder: see {@link readKnownFolder}. That there is nobody is told.
 * @param sorted the folders and photos that are sorted, without links on the way
 * @throws FaceError as `readKnownFolder`; FACE_IO for a folder whose own photos are sorted: they are named after nobody
 */
export async function readKnown(
  known: string,
  sorted: readonly string[],
  signal: AbortSignal | undefined,
  onProblem: (problem: PhotoProblem) => void,
): Promise<readonly KnownPhotos[]> {
  const people = await readKnownFolder(known, signal, onProblem);
  if (people.length === 0) onProblem(problemOf(known, nobodyIn(known)));
  const isIn = (photo: string) => resolve(dirname(photo)) === resolve(known);
  if (people.some(({ photos }) => photos.some(isIn)) && sorted.includes(await realPath(known)))
    throw areSorted(known);
  return people;
}

function nobodyIn(path: string): FaceError {
  const remedy = 'Put a photo of each person in there, named after who is on it, or a folder for each.';
  return new FaceError('FACE_NO_IMAGES', `"${path}" has no photos of people you know. ${remedy}`, {
    path,
    remedy,
  });
}

function areSorted(path: string): FaceError {
  const remedy = 'Give a folder with photos of people you know, or one with a folder for each of them.';
  const message = `The photos in "${path}" are those that are sorted, and not named after who is on them. ${remedy}`;
  return new FaceError('FACE_IO', message, { path, remedy });
}

/**
 * What people look like, by photos of them; photos that were looked at before are not again.
 * @param data the folder of data
 * @returns with what is to be said of the photos that were used
 * @throws FaceError as `encodeFaces`
 */
export async function lookAtKnown(
  data: string,
  known: readonly KnownPhotos[],
  options: Omit<EncodeFacesOptions, 'dataset' | 'encodings' | 'onProblem'>,
  onProblem: (problem: PhotoProblem) => void,
): Promise<{ readonly examples: readonly PersonExamples[]; readonly warnings: readonly PhotoWarning[] }> {
  const folder = known.filter(({ name }) => namesAPerson(name));
  const photos = folder.flatMap((person) => person.photos);
  const none = { examples: [], warnings: [] };
  if (photos.length === 0) return none;
  const encodings = join(data, KNOWN_FILES[0]);
  // Another folder than the last time is no mistake: what is known of each photo is in the journal.
  await rm(encodings, { force: true });
  const unread = new Set<string>();
  const onUnread = (problem: PhotoProblem) => {
    unread.add(problem.path);
    onProblem(problem);
  };
  const dataset = [...photos, ...folder.flatMap((person) => [...person.rawBeside.keys()])];
  const summary = await encodeFaces({ ...options, dataset, encodings, onProblem: onUnread }).catch(
    (error: unknown) => {
      // Each was reported, and those that are sorted can be sorted without them.
      if (unread.size < photos.length) throw error;
      return undefined;
    },
  );
  if (!summary) return none;
  const faces = groupBy(
    await readEncodings(encodings, { signal: options.signal }),
    ({ imagePath }) => imagePath,
  );
  await rm(encodings, { force: true });
  const facesOn = (photo: string) =>
    (faces.get(photo) ?? []).map(({ loc, encoding }) => ({ box: loc, encoding }));
  const { warnings } = summary;
  const examples = knownPeople(
    withRawInstead(folder, warnings),
    (photo) => (unread.has(photo) ? undefined : facesOn(photo)),
    onProblem,
  );
  return { examples, warnings };
}

/**
 * Names people who look like somebody who is known. It takes half of their faces, and two at least; of several who look like one, the
 * one with the most of these faces gets the name, and the others are only told. What others have decided on a name stands, and a name
 * that was undone is not given again: see {@link SaidBefore}.
 * @throws FaceError as `People.decide`
 */
export async function nameByKnownPeople(
  people: People,
  found: FoundFaces,
  known: readonly PersonExamples[],
): Promise<TakenOver[]> {
  // Those on copies of a photo count once.
  const faces = [...new Map(found.faces.map((face) => [faceKey(face), face])).values()];
  const said = new SaidBefore(people, faces, BY_KNOWN_PEOPLE);
  const everybody = people.list();
  const called = new Map(
    everybody.flatMap(({ id, name }) => (name === undefined ? [] : [[nameKey(name), id]])),
  );
  const who = people.whoAre(faces);
  const placesOf = groupBy(faces.keys(), (place) => who.people[place] as PersonId);
  const likely = everybody
    .filter(({ id, name, hidden }) => name === undefined && !hidden && !said.isNameDecided(id))
    .flatMap(({ id }) => {
      const places = placesOf.get(id) ?? [];
      const found = likeliest(
        places.map((place) => faces[place]?.encoding as ArrayLike<number>),
        known,
      );
      return found && !said.isRefused(found.name, id) ? [{ id, of: places.length, ...found }] : [];
    })
    .sort((a, b) => b.alike - a.alike || a.id - b.id);
  const taken: TakenOver[] = [];
  for (const { id, name, alike, of } of likely) {
    const title = personTitle(id, undefined);
    const by = `${alike.toLocaleString('en')} of ${count(of, 'face')} ${alike === 1 ? 'looks' : 'look'} like theirs`;
    const other = called.get(nameKey(name));
    if (other !== undefined) {
      if (people.areApart(id, other)) continue;
      const merge = `If so: merge ${id} ${other}`;
      taken.push({ message: `${title} may be ${name}, too: ${by}. ${merge}`, decision: undefined });
      continue;
    }
    const { id: decision } = await people.name(id, name, { by: BY_KNOWN_PEOPLE });
    called.set(nameKey(name), id);
    taken.push({ message: `${title} is ${name}: ${by}`, decision });
  }
  return taken;
}

/**
 * What to say where photos of known people have named nobody: why that may be. Nothing if everybody known has their name already.
 * @param folder who is known, by which photos
 * @param examples those of whom a face was found there
 */
export function nobodyNamed(
  people: People,
  folder: readonly KnownPhotos[],
  examples: readonly PersonExamples[],
): TakenOver | undefined {
  const persons = folder.filter(({ name }) => namesAPerson(name));
  if (persons.length === 0) return undefined;
  const none = 'Nobody was named by photos of known people';
  if (examples.length === 0) {
    const message = `${none}: there is no face on these that could be told, ${persons.length === 1 ? 'of one person' : `of ${persons.length} people`}.`;
    return { message, decision: undefined };
  }
  const called = new Set(people.list().flatMap(({ name }) => (name === undefined ? [] : nameKey(name))));
  const missing = examples.filter(({ name }) => !called.has(nameKey(name))).map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const names = missing.slice(0, NAMES_SHOWN);
  const rest = missing.length - names.length;
  const who = new Intl.ListFormat('en', { type: 'disjunction' }).format([
    ...names,
    ...(rest > 0 ? [count(rest, 'other')] : []),
  ]);
  return {
    message:
      `${none}: nobody without a name looks enough like ${who}. It takes half of somebody's faces, ${LEAST_FACES} at least, that differ from ` +
      `theirs by less than ${TOLERANCE}; several photos of each person help.`,
    decision: undefined,
  };
}

const NAMES_SHOWN = 3;

/** Whom most of somebody's faces look like; `undefined` if they are too few. */
function likeliest(
  encodings: readonly ArrayLike<number>[],
  known: readonly PersonExamples[],
): { readonly name: string; readonly alike: number } | undefined {
  const names = identify(encodings, known, { tolerance: TOLERANCE }).flatMap(({ name }) => name ?? []);
  const [most] = [...groupBy(names, (name) => name)].sort(([, a], [, b]) => b.length - a.length);
  if (!most || most[1].length < Math.max(LEAST_FACES, SHARE * encodings.length)) return undefined;
  return { name: most[0], alike: most[1].length };
}
