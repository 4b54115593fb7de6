import { FaceError } from '../base/errors';

/** What the process's exit code says. Stable: scripts rely on it. The help prints them, too. */
export const ExitCode = {
  ok: 0,
  /** The job failed; what was there before is unchanged. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** The job is done and its result written, but some photos could not be read. */
  problems: 3,
  /** Stopped because the terminal was closed (SIGHUP): 128 + 1, as shells have it. */
  hungUp: 129,
  /** Stopped by Ctrl-C (SIGINT): 128 + 2. */
  interrupted: 130,
  /** Stopped by SIGTERM: 128 + 15. */
  terminated: 143,
} as const;

export const EXIT_CODES_HELP = [
  'Exit codes:',
  '  0    done',
  '  1    failed; earlier results are unchanged',
  '  2    wrong command line; nothing was done',
  '  3    done, but some photos could not be read (they are listed)',
  '  130  stopped by Ctrl-C; 143: by SIGTERM; 129: the terminal was closed',
].join('\n');

/** A command line that can't be run; `message` says what to write instead. */
export class UsageError extends FaceError {
  constructor(message: string) {
    super('FACE_INVALID_ARGUMENT', message);
  }
}

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown, stoppedBy: NodeJS.Signals | undefined): number {
  if (!(error instanceof FaceError)) return ExitCode.failed;
  if (error.code === 'FACE_INVALID_ARGUMENT') return ExitCode.usage;
  if (error.code !== 'FACE_ABORTED') return ExitCode.failed;
  if (stoppedBy === 'SIGHUP') return ExitCode.hungUp;
  return stoppedBy === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted;
}
