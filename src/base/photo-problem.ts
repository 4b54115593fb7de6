import { type ErrorFacts, FaceError, type FaceErrorCode, factsOf, messageOf } from './errors';

/** A photo that could not be used, or a folder that could not be searched; the job went on without it. */
export interface PhotoProblem {
  /** Path of the photo or folder. Comes from the disk or from an encodings file: may hold control characters. */
  readonly path: string;
  readonly code: FaceErrorCode;
  /** What is wrong, for people: one sentence that names the photo. */
  readonly reason: string;
  /** What to do about it; `reason` says it, too. */
  readonly remedy?: string;
}

/**
 * A photo that was used although something is wrong with it: what is left of a file that is cut off, say; or a raw photo in the place of its
 * JPEG, which is damaged.
 */
export interface PhotoWarning {
  readonly path: string;
  /** What is wrong, for people: one sentence that names the photo. */
  readonly reason: string;
  /** Of a raw photo that was taken in the place of a picture: the path of that. */
  readonly insteadOf?: string;
}

/** Errors that every other photo would meet too, or that are not about a photo at all. */
const ENDS_THE_JOB: ReadonlySet<FaceErrorCode> = new Set<FaceErrorCode>([
  'FACE_ABORTED',
  'FACE_DISPOSED',
  'FACE_INVALID_ARGUMENT',
  'FACE_MODEL_MISSING',
  'FACE_MODEL_DAMAGED',
  'FACE_NATIVE_LOAD',
]);

/**
 * What `error`, met while working on the photo `path`, says about that photo. Unknown errors count as the photo's
 * too: hours of work must not be lost to one file that nobody foresaw.
 * @param file where the photo was found, if that is not at `path`
 * @throws `error` itself if it concerns more than this photo
 */
export function problemOf(path: string, error: unknown, file = path): PhotoProblem {
  const code = error instanceof FaceError ? error.code : 'FACE_INTERNAL';
  if (ENDS_THE_JOB.has(code)) throw error;
  const message = messageOf(error);
  const facts: ErrorFacts = error instanceof FaceError ? error : {};
  // One that has a path names it.
  const named = facts.path !== undefined && [path, file].includes(facts.path);
  const reason = named ? message : `"${path}": ${message}`;
  return { path, code, reason, ...factsOf({ remedy: facts.remedy }) };
}
