import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256 } from './sha256';

/** A process, told apart from all others, also from a later one that has got its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where `pid` means something, the running system and, within it, the container: 12 hexadecimal digits. */
  readonly space: string;
  /** When the process was started, in a form that only tells equal from different; empty if the system does not say. */
  readonly started: string;
}

let own: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  own ??= { pid: process.pid, space: pidSpace(), started: startOf(process.pid) ?? '' };
  return own;
}

/** @returns `undefined` where that can't be known: the process is, or was, on another computer or in another container */
export function isRunning({ pid, space, started }: ProcessIdentity): boolean | undefined {
  if (space !== thisProcess().space) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  if (now === undefined || started === '') return process.platform === 'linux' ? false : undefined;
  return now === started;
}

/** Process numbers begin anew with each boot and in each container. */
function pidSpace(): string {
  let name = hostname();
  try {
    name = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8') + readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not on Linux.
  }
  return sha256(name).slice(0, 12);
}

/** Start of a running process in clock ticks since the boot; `undefined` if there is none, it is dead, or not on Linux. */
function startOf(pid: number): string | undefined {
  try {
    // The name, in parentheses, may hold spaces and parentheses itself; proc(5) numbers the fields: 3 state, 22 start.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; it only waits for its parent to notice.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
