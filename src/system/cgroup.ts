import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** What a container, systemd unit or job may use, where that is limited. */
export interface CgroupLimits {
  /** Processors' time, in processors; a fraction is possible. */
  readonly processors?: number;
  /** Bytes. */
  readonly memory?: number;
}

/**
 * The limits of this process's control groups, those of version 1 and of version 2: its own and all around it, of which the
 * tightest counts. Node looks at fewer: `os.availableParallelism()` knows of no quota before Node 22, and
 * `process.constrainedMemory()` of no group further out.
 * @param root where the system's files are, `/` but in tests
 */
export function cgroupLimits(root = '/'): CgroupLimits {
  const mount = posix.join(root, 'sys/fs/cgroup');
  const processors: number[] = [];
  const memory: number[] = [];
  for (const { controllers, path } of groupsOf(readText(posix.join(root, 'proc/self/cgroup')))) {
    for (const folder of foldersOf(posix.join(mount, controllers), path)) {
      const read = (name: string) => readText(posix.join(folder, name));
      // Of these files there are those of the group's version and controllers; the others set no limit.
      const [quota = '', period = ''] = read('cpu.max').split(' ');
      processors.push(limit(quota) / limit(period));
      processors.push(limit(read('cpu.cfs_quota_us')) / limit(read('cpu.cfs_period_us')));
      memory.push(...['memory.max', 'memory.high', 'memory.limit_in_bytes'].map((name) => limit(read(name))));
    }
  }
  return { ...least('processors', processors), ...least('memory', memory) };
}

/** The lines of `/proc/self/cgroup`, see cgroups(7); version 2 has one, without controllers. */
function groupsOf(text: string): { readonly controllers: string; readonly path: string }[] {
  return Array.from(text.matchAll(/^\d+:([^:]*):(\/.*)$/gm), ([, controllers = '', path = '']) => ({
    controllers,
    path,
  }));
}

/**
 * The group's folder and all around it. In a container the path may be that on the host, of which nothing is there but
 * the mounted folder: it is then the container's own.
 */
function foldersOf(mount: string, path: string): string[] {
  const folders = [mount];
  for (let at = posix.normalize(path); at !== '/' && !at.startsWith('/..'); at = posix.dirname(at)) {
    folders.push(posix.join(mount, at));
  }
  return folders;
}

/** NaN for what is no limit: `max`, -1, and no file at all. */
function limit(text: string): number {
  return /^\d+$/.test(text) && text !== '0' ? Number(text) : Number.NaN;
}

function least(name: keyof CgroupLimits, values: readonly number[]): CgroupLimits {
  const limits = values.filter((value) => !Number.isNaN(value));
  return limits.length > 0 ? { [name]: Math.min(...limits) } : {};
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
