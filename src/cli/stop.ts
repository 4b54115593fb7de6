import { isatty } from 'node:tty';

/** Tells a command that the user wants it to stop. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** The signal that asked for it, if one has. */
  readonly by: NodeJS.Signals | undefined;
  /** Lets signals end the process again, as they do by default. */
  release(): void;
}

/** Ctrl-C, `kill`, and the end of the terminal where there is one. */
const SIGNALS: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  ...(hasTerminal() ? ['SIGHUP' as const] : []),
];

/** Whether someone sees what is said, or can answer. */
function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}

/**
 * Lets the end of a terminal that nothing here is connected to pass. `nohup` and the like say so by having SIGHUP ignored
 * from the start; Node.js forgets that, and so would end at a signal that was meant for others.
 */
export function outliveTerminal(): void {
  if (!SIGNALS.includes('SIGHUP')) process.on('SIGHUP', () => {});
}

/**
 * Signals that follow the first so soon are the same request. A key or the end of a terminal reaches all its processes, and
 * shells, `npx` and `npm run` then pass on to their children what these already have.
 */
const SAME_REQUEST_MS = 1_000;

/**
 * Lets the first of {@link SIGNALS} abort the returned request's signal, so that the command can clean up and end by
 * itself. Somebody who asks again later wants it to end at once, and it does; nobody does at a terminal that is gone.
 */
export function listenForStop(): StopRequest {
  const stop = new AbortController();
  let by: NodeJS.Signals | undefined;
  let since = 0;
  const onSignal = (name: NodeJS.Signals) => {
    if (by === undefined) {
      by = name;
      since = performance.now();
      stop.abort(new Error(`received ${name}`));
    } else if (name !== 'SIGHUP' && performance.now() - since > SAME_REQUEST_MS) {
      release();
      process.kill(process.pid, name);
    }
  };
  const release = () => {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: stop.signal,
    get by() {
      return by;
    },
    release,
  };
}

/**
 * Ends the process as the signal would have, once nothing more is to be done. Left to itself, Node.js aborts at its end,
 * with a core dump where these are kept: it wants to put the terminal in order that is gone.
 */
export function endByHangUp(): void {
  if (process.platform !== 'win32') process.kill(process.pid, 'SIGHUP');
}
