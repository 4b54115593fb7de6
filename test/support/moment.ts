import { join } from 'node:path';

const PRELOAD = { NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'at-moment.js'))}` };

/** How far the work of a command has come. */
export type Moment =
  /** It has said so, on stdout or stderr. */
  | { readonly said: string }
  /** It is about to change something on the disk for the n-th time, or something like `mkdir <path>`. */
  | { readonly change: number | RegExp }
  /** A file of it has become longer than that. */
  | { readonly longer: readonly [file: string, bytes: number] };

/**
 * The environment in which a command does something itself at a moment of its work. From outside it would be seen when it may have
 * passed long since: the machine may have much else to do.
 * @param does the signal that the process gets, or the body of a function of `require`
 */
export function atMoment(
  moment: Moment,
  does: NodeJS.Signals | { readonly program: string },
): NodeJS.ProcessEnv {
  const change = 'change' in moment && moment.change;
  const what = {
    ...moment,
    ...(change instanceof RegExp && { change: change.source }),
    does: typeof does === 'string' ? `process.kill(process.pid, '${does}')` : does.program,
  };
  return { ...PRELOAD, AT_MOMENT: JSON.stringify(what) };
}

/** The environment in which a command writes into a file how often it has changed something on the disk. */
export function countingChanges(file: string): NodeJS.ProcessEnv {
  return { ...PRELOAD, CHANGES_TO: file };
}
