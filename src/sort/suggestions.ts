import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError } from '../base/errors';
import type { PersonId } from '../people/decisions';
import { writeFileAtomically } from '../system/atomic-file';
import { openSorted } from './arrange';
import { readFoundFaces } from './found-faces';

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

/**
 * Who in a people folder may be one person, see `People.suggest`. What was told last is remembered in the folder, so that an
 * answer can go by the place in the list: {@link lastSuggested}.
 * @returns the likeliest pair first
 * @throws FaceError FACE_IO if no photos were sorted into `output`; FACE_PEOPLE_INVALID, FACE_ABORTED; as `readEncodings`
 */
export async function suggestPeople(options: SuggestPeopleOptions): Promise<PairOfPeople[]> {
  const { output, ...others } = options;
  const { people, data, encodings, minPhotos } = await openSorted(output);
  try {
    const { faces } = await readFoundFaces(
      encodings,
      options.signal,
      () => {},
      () => {},
    );
    const hasFolder = new Set(
      people
        .list()
        .filter(({ decided, photos }) => decided || photos >= minPhotos)
        .map(({ id }) => id),
    );
    const pairs = (await people.suggest(faces, others)).filter(({ people: pair }) =>
      pair.every((person) => hasFolder.has(person)),
    );
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

const SUGGESTED = 'suggested.json';

/** The pairs that {@link suggestPeople} has told last, in their order. @throws FaceError FACE_IO if there are none */
export async function lastSuggested(output: string): Promise<(readonly [PersonId, PersonId])[]> {
  const { people, data } = await openSorted(output);
  await people.close();
  try {
    return JSON.parse(await readFile(join(data, SUGGESTED), 'utf8'));
  } catch (cause) {
    const remedy = 'Ask who may be one person first ("suggest" on the command line).';
    throw new FaceError('FACE_IO', `Nobody was suggested for ${output} yet. ${remedy}`, {
      cause,
      path: output,
      remedy,
    });
  }
}
