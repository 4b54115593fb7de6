import { FaceError, type FaceErrorCode } from '../base/errors';
import type { Failure } from './api-types';

/** What the server itself refuses; see {@link Failure.code}. */
type RefusalCode =
  /** `Host` is not where the server listens: somebody else's name leads here (DNS rebinding). */
  | 'HOST'
  /** Another page has made the browser ask. */
  | 'ORIGIN'
  /** Another user of this computer asks. */
  | 'USER'
  /** Neither the token of the address nor the cookie that is given for it. */
  | 'TOKEN'
  | 'METHOD'
  | 'NOT_FOUND'
  /** The page that is asked for is that of another revision. */
  | 'REVISION'
  | 'REQUEST'
  | 'TOO_LARGE'
  | 'MEDIA_TYPE';

/** A request that is not answered. `message` is for people. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}

/** The status that tells what went wrong; 500 for the rest. */
const STATUS: { readonly [code in FaceErrorCode]?: number } = {
  FACE_INVALID_ARGUMENT: 400,
  FACE_IMAGE_NOT_FOUND: 404,
  FACE_IMAGE_CHANGED: 404,
  FACE_IMAGE_DECODE: 422,
  FACE_IMAGE_TOO_LARGE: 422,
  FACE_LOCKED: 423,
  FACE_ABORTED: 503,
  FACE_DISPOSED: 503,
  FACE_OUT_OF_MEMORY: 503,
};

/** Of the errors of the library of the server that are a request's fault. */
const OF_REQUEST: Readonly<Record<number, RefusalCode>> = { 413: 'TOO_LARGE', 415: 'MEDIA_TYPE' };

/** An answer that tells what went wrong, without anything that is nobody's business, such as a stack. */
export interface FailedAnswer {
  readonly status: number;
  readonly failure: Failure;
  /** Whether it is a defect of the program or trouble of the machine, which whoever runs it should hear of. */
  readonly own: boolean;
}

/** @param error what was thrown while a request was answered, by us or by the library of the server */
export function answerFor(error: unknown): FailedAnswer {
  if (error instanceof Refusal) return answer(error.status, error.message, error.code);
  if (error instanceof FaceError)
    return answer(STATUS[error.code] ?? 500, error.message, error.code, !STATUS[error.code]);
  const { statusCode = 500, message } = error as { readonly statusCode?: number; readonly message: string };
  if (statusCode >= 400 && statusCode < 500)
    return answer(
      statusCode,
      `The request can't be understood: ${message}.`,
      OF_REQUEST[statusCode] ?? 'REQUEST',
    );
  return answer(500, 'Something went wrong in the program; the terminal says what.', 'FACE_INTERNAL', true);
}

function answer(status: number, message: string, code: Failure['code'], own = false): FailedAnswer {
  return { status, failure: { message, code }, own };
}
