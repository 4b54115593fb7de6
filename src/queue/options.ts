import { text } from '../base/validate';

/** Where a queue is. */
export interface QueueServerOptions {
  /**
   * Address of the server: `redis://host:6379/0`, `rediss://…` with TLS, or `postgres://user@host:5432/database`, with
   * `?sslmode=verify-full` for TLS.
   */
  readonly queue: string;
  /** Password for it, if that is not in the address. It is in no message, and in nothing that is sent but to log in. */
  readonly password?: string;
}

/** The names of {@link QueueServerOptions}, for `options` of base/validate. @internal */
export const SERVER_OPTIONS = { queue: true, password: true } as const;

/** @throws FaceError FACE_INVALID_ARGUMENT @internal */
export function checkServerOptions({ queue, password }: QueueServerOptions): void {
  text('queue', queue);
  if (password !== undefined) text('password', password);
}

/** A worker, as its coordinator knows it. */
export interface QueueWorkerState {
  /** Tells it from all others. */
  readonly id: string;
  /** Name of its computer. */
  readonly host: string;
  readonly pid: number;
  /** How many photos it works on at once. */
  readonly jobs: number;
  /** Number of photos that it has looked at, for this coordinator. */
  readonly photos: number;
  /** Photos a second, at present; 0 while nothing can be said, and of those that have not been heard of for a minute. */
  readonly perSecond: number;
}
