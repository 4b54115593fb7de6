/**
 * Every error this package throws on purpose is a {@link FaceError} with one of these codes.
 * Codes are stable across releases; messages are for people and may change.
 */
export type FaceErrorCode =
  /** An argument or option has the wrong type, shape or range. */
  | 'FACE_INVALID_ARGUMENT'
  /** The work was stopped through an `AbortSignal`. `name` is `'AbortError'`, `cause` the signal's reason. */
  | 'FACE_ABORTED'
  /** The native addon could not be loaded. */
  | 'FACE_NATIVE_LOAD'
  /** A model file is not there. */
  | 'FACE_MODEL_MISSING'
  /** A model file is there but is not the file it should be. */
  | 'FACE_MODEL_DAMAGED'
  /** A photo is not there or may not be read. */
  | 'FACE_IMAGE_NOT_FOUND'
  /** A photo is there but its bytes can't be decoded: they are damaged, or not of a kind that can be read. */
  | 'FACE_IMAGE_DECODE'
  /** A photo is not the one that its faces were found on: it was replaced, turned or edited since. */
  | 'FACE_IMAGE_CHANGED'
  /** A photo could not be decoded this time: too few threads, or the image library does not say why. */
  | 'FACE_IMAGE_DECODER'
  /** A frame of a video was asked for, and ffmpeg, which decodes it, is not installed. */
  | 'FACE_FFMPEG_MISSING'
  /** A photo has more pixels than allowed. */
  | 'FACE_IMAGE_TOO_LARGE'
  /** A photo of somebody who is known tells nobody what they look like: it shows no face, or several, or has no name to it. */
  | 'FACE_KNOWN_PHOTO'
  /** No photos were found where they were looked for. */
  | 'FACE_NO_IMAGES'
  /** Nobody says who the people on photos are. */
  | 'FACE_NO_NAMES'
  /** A pickle asks for something that is not plain data. Nothing of it was run. */
  | 'FACE_PICKLE_UNSAFE'
  /** A pickle is truncated or malformed. */
  | 'FACE_PICKLE_INVALID'
  /** A file was read, but what it holds is not a list of face encodings. */
  | 'FACE_ENCODINGS_INVALID'
  /** An encodings file has photos that a run does not look at, so that replacing it would drop them. */
  | 'FACE_ENCODINGS_OTHER_PHOTOS'
  /** The journal beside an encodings file is not one, or of a version that this program does not know. */
  | 'FACE_JOURNAL_INVALID'
  /** A file is not a result's `clusters.json`, or of a version that this program does not know. */
  | 'FACE_RESULT_INVALID'
  /** A file of people and decisions on them is damaged, or of a version that this program does not know. */
  | 'FACE_PEOPLE_INVALID'
  /** Another run is at work on the file. */
  | 'FACE_LOCKED'
  /** A file or folder could not be read or written. */
  | 'FACE_IO'
  /** The server of a queue can't be reached, lets nobody in, or is full; or what speaks with it is not installed. */
  | 'FACE_QUEUE'
  /** A queue has another run, or a worker, with which this one can't work: other models, another version. */
  | 'FACE_QUEUE_OTHER'
  /** Two computers came to different results for the same photo. */
  | 'FACE_RESULTS_DIFFER'
  /** Whatever looked at a photo ended without an answer, each time. */
  | 'FACE_WORKER_LOST'
  /** The engine was used after `dispose()`, or people after `close()`. */
  | 'FACE_DISPOSED'
  /** There was not enough memory for this photo or matrix. */
  | 'FACE_OUT_OF_MEMORY'
  /** A defect of this package. Please report it. */
  | 'FACE_INTERNAL';

/** An error with a stable {@link FaceErrorCode}; `message` says what was expected, what came and what to do. */
export class FaceError extends Error {
  readonly code: FaceErrorCode;
  /** The file or folder that it is about, which `message` names. May hold control characters. */
  declare readonly path: string | undefined;
  /** With FACE_INVALID_ARGUMENT the argument or option that is wrong, e.g. `minSamples` or `boxes[3].top`. */
  declare readonly argument: string | undefined;
  /** What to do about it, for people; `message` says it, too: at its end, unless it does already. */
  declare readonly remedy: string | undefined;

  constructor(
    code: FaceErrorCode,
    message: string,
    { cause, ...facts }: ErrorFacts & { readonly cause?: unknown } = {},
  ) {
    const { remedy } = facts;
    const told = remedy === undefined || message.includes(remedy) ? message : `${message} ${remedy}`;
    super(told, cause === undefined ? undefined : { cause });
    this.name = code === 'FACE_ABORTED' ? 'AbortError' : 'FaceError';
    this.code = code;
    Object.assign(this, factsOf(facts));
  }
}

/** What an error is about, for programs: nobody has to take its message apart. */
export type ErrorFacts = Partial<Pick<FaceError, 'path' | 'argument' | 'remedy'>>;

/** The facts that are known of an error. */
export function factsOf({ path, argument, remedy }: ErrorFacts): {
  readonly [fact in keyof ErrorFacts]: string;
} {
  return {
    ...(path !== undefined && { path }),
    ...(argument !== undefined && { argument }),
    ...(remedy !== undefined && { remedy }),
  };
}

/** The {@link FaceError} for work stopped through `signal`. */
export function abortError(signal: AbortSignal): FaceError {
  return new FaceError('FACE_ABORTED', 'The operation was aborted.', { cause: signal.reason });
}

/** Throws {@link abortError} if `signal` has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** The message of anything that was thrown: some libraries throw strings. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
