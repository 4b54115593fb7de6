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
  const found: CgroupLimits[] = groupsOf(readText(posix.join(root, 'proc/self/cgroup'))).flatMap(
    ({ controllers, path }) => {
      if (controllers.length === 0) {
        // Where version 1 has the controllers, version 2 is mounted beside them, and has none.
        return foldersOf(mount, path).map((folder) => ({
          ...processors(...quotaOf(readText(posix.join(folder, 'cpu.max')))),
          ...memory(readText(posix.join(folder, 'memory.max')), readText(posix.join(folder, 'memory.high'))),
        }));
      }
      const folders = foldersOf(posix.join(mount, controllers.join(',')), path);
      if (controllers.includes('cpu')) {
        return folders.map((folder) =>
          processors(
            readText(posix.join(folder, 'cpu.cfs_quota_us')),
            readText(posix.join(folder, 'cpu.cfs_period_us')),
          ),
        );
      }
      if (!controllers.includes('memory')) return [];
      return folders.map((folder) => memory(readText(posix.join(folder, 'memory.limit_in_bytes'))));
    },
  );
  return {
    ...least(
      'processors',
      found.map((limits) => limits.processors),
    ),
    ...least(
      'memory',
      found.map((limits) => limits.memory),
    ),
  };
}

/** The lines of `/proc/self/cgroup`, see cgroups(7); version 2 has one, without controllers. */
function groupsOf(text: string): { readonly controllers: string[]; readonly path: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) return [];
    return [{ controllers: names === '' ? [] : names.split(','), path }];
  });
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

/** `cpu.max` of version 2: quota and period. */
function quotaOf(text: string): [string, string] {
  const [quota = '', period = ''] = text.split(' ');
  return [quota, period];
}

function processors(quota: string, period: string): CgroupLimits {
  const share = positive(quota) / positive(period);
  return Number.isNaN(share) ? {} : { processors: share };
}

function memory(...limits: readonly string[]): CgroupLimits {
  return least('memory', limits.map(positive));
}

/** NaN for what is no limit: `max`, -1, and no file at all. */
function positive(text: string): number {
  return /^\d+$/.test(text) && text !== '0' ? Number(text) : Number.NaN;
}

function least(name: keyof CgroupLimits, values: readonly (number | undefined)[]): CgroupLimits {
  const limits = values.filter((value) => value !== undefined && !Number.isNaN(value)) as number[];
  return limits.length > 0 ? { [name]: Math.min(...limits) } : {};
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
