import { dirname, resolve } from 'node:path';
import { FaceError } from '../base/errors';
import { isThere, realPath } from '../system/real-path';

/** Where the photos are that are to be sorted. */
export interface PhotoFolders {
  /** Those that there are, and those that were given, without links on the way. */
  readonly there: readonly string[];
  /** Those of earlier runs that are nowhere now. */
  readonly away: readonly string[];
  /** Whether some of earlier runs were left out because they were to be. */
  readonly forgotten: boolean;
  /** What was to be left out and holds none of those of earlier runs. */
  readonly notKnown: readonly string[];
}

/**
 * The folders and photos of a run: those of earlier runs and those that were given.
 * @param known those of earlier runs
 * @param given not checked: what is not there is found out where it is searched
 * @param forget left out, with all in them
 */
export async function photoFolders(
  known: readonly string[],
  given: readonly string[],
  forget: readonly string[],
): Promise<PhotoFolders> {
  // What is gone can be told by the path alone, links and all.
  const left = await Promise.all(forget.map(async (path) => new Set([await placeOf(path), resolve(path)])));
  const kept = known.filter((path) => !left.some((places) => isWithin(path, places)));
  const stillThere = await Promise.all(kept.map(isThere));
  return {
    there: [
      ...new Set([...kept.filter((_, i) => stillThere[i]), ...(await Promise.all(given.map(placeOf)))]),
    ],
    away: kept.filter((_, i) => !stillThere[i]),
    forgotten: kept.length < known.length,
    notKnown: forget.filter((_, i) => !known.some((path) => isWithin(path, left[i] as ReadonlySet<string>))),
  };
}

/**
 * Photos in the folder of people are second names, or copies, of those that are sorted, and change places with each run.
 * @param given folders and photos that are to be sorted
 * @param output the folder of people, without links on the way
 * @throws FaceError FACE_IO if one is in there
 */
export async function mustBeOutside(given: readonly string[], output: string): Promise<void> {
  for (const path of given) {
    if (!isWithin(await placeOf(path), new Set([output]))) continue;
    const remedy = 'Give the folder with the photos themselves.';
    throw new FaceError(
      'FACE_IO',
      `"${path}" is in the folder of people, not photos to sort into it. ${remedy}`,
      {
        path,
        remedy,
      },
    );
  }
}

async function placeOf(path: string): Promise<string> {
  return realPath(path).catch(() => resolve(path));
}

function isWithin(path: string, folders: ReadonlySet<string>): boolean {
  if (folders.has(path)) return true;
  const parent = dirname(path);
  return parent !== path && isWithin(parent, folders);
}
