import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { FaceError } from '../base/errors';
import { type PhotoResult, restoreResult, type StoredResult, storeResult } from '../encode/journal/records';
import type { WorkerCard } from './messages';
import { nameOf } from './terms';

/** A result that says which computer has found it, if that was another. */
export function signed(result: StoredResult, { host }: WorkerCard): PhotoResult {
  const { machine: _, ...restored } = restoreResult(result);
  return host === hostname() ? restored : { ...restored, machine: host };
}

/**
 * Makes sure that a second result of a photo is the first, to the last bit.
 * @throws FaceError FACE_RESULTS_DIFFER
 */
export function checkSame(path: string, known: PhotoResult, second: StoredResult, worker: WorkerCard): void {
  const { machine = hostname(), ...first } = storeResult(known);
  // What is wrong with a photo names its path, which may be that of a copy.
  const same =
    first.problem && second.problem
      ? first.problem.code === second.problem.code
      : isDeepStrictEqual({ ...first }, { ...second });
  if (same) return;
  const who = nameOf(worker);
  const remedy = `Have "encode" look at it again on each (${machine}, and ${who}): one of them is out of order.`;
  throw new FaceError(
    'FACE_RESULTS_DIFFER',
    `Two computers came to different results for the photo "${path}": ${machine} first, and then ${who}. ` +
      'The first is in the journal; the encodings file was not written.',
    { path, remedy },
  );
}
