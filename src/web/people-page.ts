import { FaceError } from '../base/errors';
import { integer, options as knownOptions } from '../base/validate';
import type { ArrangeOptions } from '../sort/arrange';
import type { PageServer } from './server';
import type { PeopleSession } from './session';

export interface ServePeopleOptions
  extends Pick<ArrangeOptions, 'jobs' | 'maxMemory' | 'maxPixels' | 'signal' | 'onProgress'> {
  /** The folder that photos were sorted into. */
  readonly output: string;
  /** Port on 127.0.0.1, from 1 to 65535; 0, the default: one that is free. */
  readonly port?: number;
  /** Folder of the model files, for faces that are added; default: see `findModelsFolder`. */
  readonly models?: string;
  /** Is told of errors that no request is at fault of; the browser is told that there was one. */
  readonly onTrouble?: (error: unknown) => void;
}

const OPTIONS: Readonly<Record<keyof ServePeopleOptions, true>> = {
  output: true,
  port: true,
  jobs: true,
  maxMemory: true,
  maxPixels: true,
  models: true,
  signal: true,
  onProgress: true,
  onTrouble: true,
};

/** The page of a people folder, while it is served. */
export interface PeoplePage {
  /** Where the page is. Whoever has it may look at the photos and decide on the people, on this computer alone. */
  readonly address: string;
  /** The people folder, without links on the way. */
  readonly output: string;
  /** Number of decisions that the folders do not show yet. */
  readonly unapplied: number;
  /** Resolves when the address has been opened for the first time. */
  readonly opened: Promise<void>;
  /** Resolves when the page was open, and has been open in no tab for a while: ten seconds to two minutes. */
  readonly closed: Promise<void>;
  /**
   * Ends the server, when the requests that are under way have been answered, brings the folders up to what was decided, and
   * lets other programs have the folder.
   * @param options `apply`: whether the folders are brought up; `false` leaves that to the next `sortPhotos` or `arrangePeople`.
   *   `signal` stops that; decisions are kept in any case.
   * @returns in words, what was done to the folders (`said`), and what went wrong there or is left to people to do (`left`); nothing
   *   if there was nothing to do
   * @throws FaceError FACE_IO, FACE_ABORTED: the server has ended all the same
   */
  close(options?: { readonly apply?: boolean; readonly signal?: AbortSignal }): Promise<{
    readonly said: readonly string[];
    readonly left: readonly string[];
  }>;
}

class ServedPage implements PeoplePage {
  constructor(
    private readonly session: PeopleSession,
    private readonly server: PageServer,
  ) {}

  get address(): string {
    return this.server.address;
  }

  get output(): string {
    return this.session.output;
  }

  get unapplied(): number {
    return this.session.state.unapplied;
  }

  get opened(): Promise<void> {
    return this.server.opened;
  }

  get closed(): Promise<void> {
    return this.server.closed;
  }

  async close({
    apply = true,
    signal,
  }: Parameters<PeoplePage['close']>[0] = {}): ReturnType<PeoplePage['close']> {
    await this.server.close();
    try {
      if (!apply || this.unapplied === 0) return { said: [], left: [] };
      const { said, left } = await this.session.apply(signal);
      return { said, left };
    } finally {
      await this.session.close();
    }
  }
}

/**
 * Serves the page of a people folder, on which people are named, merged and corrected, to the browsers of this computer. While
 * it is served, no other program can work on the folder.
 *
 * ```ts
 * const page = await servePeople({ output: 'people' });
 * console.log(page.address); // http://127.0.0.1:40123/?token=…
 * await page.closed;
 * await page.close();
 * ```
 *
 * It listens on 127.0.0.1 and answers those alone who have the address: keep it from other users of the computer, so do not put
 * it on the command line of a program. A browser gets a cookie in place of the token, and leaves the address with it.
 * @throws FaceError FACE_LOCKED if another program works on the folder; FACE_IO if no photos were sorted into it, or the port is
 *   taken; FACE_PEOPLE_INVALID, FACE_RESULT_INVALID, FACE_INVALID_ARGUMENT, FACE_ABORTED
 */
export async function servePeople(options: ServePeopleOptions): Promise<PeoplePage> {
  const { output, port, onTrouble, ...ofSession } = knownOptions('options', options, OPTIONS);
  // To be told now, not when all faces have been read.
  integer('port', port ?? 0, 0, 65535);
  // Loaded only now: programs that serve nothing must not wait for what that needs.
  const { PageServer } = require('./server') as typeof import('./server');
  const { PeopleSession } = require('./session') as typeof import('./session');
  const session = await PeopleSession.open(output, ofSession);
  try {
    const { jobs, maxMemory, maxPixels } = ofSession;
    const server = await PageServer.start(session, {
      ...(port !== undefined && { port }),
      ...(onTrouble && { onTrouble }),
      ...(jobs !== undefined && { jobs }),
      ...(maxMemory !== undefined && { maxMemory }),
      ...(maxPixels !== undefined && { maxPixels }),
    });
    return new ServedPage(session, server);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Whether a people folder can't be worked on now, or not here, but be looked at. @internal */
export function isForLooking(error: unknown): error is FaceError {
  if (!(error instanceof FaceError)) return false;
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  return (
    error.code === 'FACE_LOCKED' || (error.code === 'FACE_IO' && ['EROFS', 'EACCES', 'EPERM'].includes(code))
  );
}
