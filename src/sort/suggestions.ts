import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../base/errors';
import { integer, options as knownOptions } from '../base/validate';
import type { PersonId } from '../people/decisions';
import { writeFileAtomically } from '../system/atomic-file';
import { readFoundFaces } from './found-faces';
import { openSorted } from './open';
import { hasFolder } from './shown';

export interface SuggestPeopleOptions {
  /** Folder of the people. */
  readonly output: string;
  /** How many pairs are wanted, at most. From 1 to 1,000,000, default 50. */
  readonly count?: number;
  /** Number of threads; default: all cores. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Two people of a folder who may be one. */
export interface PairOfPeople {
  /** The one with more faces first. */
  readonly people: readonly [PersonId, PersonId];
  /** See `PeopleSuggestion`. */
  readonly score: number;
}

const OPTIONS: Readonly<Record<keyof SuggestPeopleOptions, true>> = {
  output: true,
  count: true,
  threads: true,
  signal: true,
};
const MOST = 1_000_000;

/**
 * Who in a people folder may be one person, see `People.suggest`. What was told last is remembered in the folder, so that an
 * answer can go by the place in the list: {@link lastSuggested}.
 * @returns the likeliest pair first
 * @throws FaceError FACE_IO if no photos were sorted into `output`; FACE_PEOPLE_INVALID, FACE_ABORTED; as `readEncodings`
 */
export async function suggestPeople(options: SuggestPeopleOptions): Promise<PairOfPeople[]> {
  const { output, count = 50, ...others } = knownOptions('options', options, OPTIONS);
  const most = integer('count', count, 1, MOST);
  const { people, data, encodings, settings } = await openSorted(output);
  try {
    const { faces } = await readFoundFaces(
      { encodings, settings },
      options.signal,
      () => {},
      () => {},
    );
    const shown = new Set(people.list().flatMap((one) => (hasFolder(one, settings.minPhotos) ? one.id : [])));
    // There may be many more who are on few photos.
    const all = await people.suggest(faces, { ...others, count: MOST });
    const pairs = all.filter((pair) => pair.people.every((person) => shown.has(person))).slice(0, most);
    await writeFileAtomically(
      join(data, SUGGESTED),
      'list of people who may be one',
      (handle) => handle.writeFile(`${JSON.stringify(pairs.map(({ people }) => people))}\n`),
      false,
    );
    return pairs;
  } finally {
    await people.close();
  }
}

/** In the folder of data: what was told last. */
export const SUGGESTED = 'suggested.json';

/** The pairs that {@link suggestPeople} has told last, in their order. @throws FaceError FACE_IO if there are none */
export async function lastSuggested(output: string): Promise<(readonly [PersonId, PersonId])[]> {
  const { people, data } = await openSorted(output);
  await people.close();
  try {
    const pairs = JSON.parse(await readFile(join(data, SUGGESTED), 'utf8'));
    if (!Array.isArray(pairs) || !pairs.every(isPair)) throw new SyntaxError('these are no pairs of people');
    return pairs;
  } catch (cause) {
    const remedy = 'Ask who may be one person first ("suggest" on the command line).';
    throw new FaceError('FACE_IO', `Nobody was suggested for ${output} yet. ${remedy}`, {
      cause,
      path: output,
      remedy,
    });
  }
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
}
