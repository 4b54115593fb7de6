import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cgroupLimits } from '../../src/system/cgroup';
import { processors } from '../../src/system/jobs';
import { useTempFolder } from '../support/files';

/*
 * What a container may use. With more jobs than it is given time for, each waits for the others; with more memory than it
 * has, the system kills the process.
 */
const temp = useTempFolder();

/** A system with these files. */
function system(files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    const file = join(temp(), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
  return cgroupLimits(temp());
}

const V1 = '9:name=systemd:/\n5:memory:/docker/ab12\n3:cpu,cpuacct:/docker/ab12\n2:cpuset:/';
const V1_CPU = 'sys/fs/cgroup/cpu,cpuacct';

test.each<[string, Record<string, string>, object]>([
  ['no cgroups', {}, {}],
  [
    'a container of version 2, in which its own group is the root',
    {
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/cpu.max': '250000 100000',
      'sys/fs/cgroup/memory.max': '536870912',
    },
    { processors: 2.5, memory: 536870912 },
  ],
  [
    'no limits in version 2',
    {
      'proc/self/cgroup': '0::/user.slice',
      'sys/fs/cgroup/user.slice/cpu.max': 'max 100000',
      'sys/fs/cgroup/user.slice/memory.max': 'max',
    },
    {},
  ],
  [
    'a nested group: the tightest of all around it counts',
    {
      'proc/self/cgroup': '0::/a.slice/b.scope/c',
      'sys/fs/cgroup/a.slice/cpu.max': '800000 100000',
      'sys/fs/cgroup/a.slice/memory.max': '1000',
      'sys/fs/cgroup/a.slice/b.scope/cpu.max': '150000 50000',
      'sys/fs/cgroup/a.slice/b.scope/memory.max': '4000',
      'sys/fs/cgroup/a.slice/b.scope/c/cpu.max': 'max 100000',
      'sys/fs/cgroup/a.slice/b.scope/c/memory.high': '3000',
    },
    { processors: 3, memory: 1000 },
  ],
  [
    'version 1 with the path that it has in a container',
    {
      'proc/self/cgroup': V1,
      [`${V1_CPU}/docker/ab12/cpu.cfs_quota_us`]: '200000',
      [`${V1_CPU}/docker/ab12/cpu.cfs_period_us`]: '100000',
      [`${V1_CPU}/cpu.cfs_quota_us`]: '-1',
      [`${V1_CPU}/cpu.cfs_period_us`]: '100000',
      'sys/fs/cgroup/memory/docker/ab12/memory.limit_in_bytes': '268435456',
    },
    { processors: 2, memory: 268435456 },
  ],
  [
    'version 1 with the path that it has on the host, of which the container sees nothing',
    {
      'proc/self/cgroup': V1,
      [`${V1_CPU}/cpu.cfs_quota_us`]: '50000',
      [`${V1_CPU}/cpu.cfs_period_us`]: '100000',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '268435456',
    },
    { processors: 0.5, memory: 268435456 },
  ],
  [
    'both versions side by side: version 2 has no controllers there',
    {
      'proc/self/cgroup': `${V1}\n0::/docker/ab12`,
      [`${V1_CPU}/docker/ab12/cpu.cfs_quota_us`]: '300000',
      [`${V1_CPU}/docker/ab12/cpu.cfs_period_us`]: '100000',
    },
    { processors: 3 },
  ],
  [
    'a path that leads out of what can be seen',
    { 'proc/self/cgroup': '0::/../../other', 'sys/fs/cgroup/cpu.max': '100000 100000' },
    { processors: 1 },
  ],
  ['files that say something else', { 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': 'x' }, {}],
])('%s', (_, files, limits) => {
  expect(system(files)).toEqual(limits);
});

test.each([
  ['no quota', undefined, availableParallelism()],
  ['a quota of half a processor still is one', '50000', 1],
  ['a quota of one and three quarters: one job that is never stopped beats two that are', '175000', 1],
  ['a quota beyond what there is', '99900000', availableParallelism()],
])('jobs: %s', (_, quota, jobs) => {
  system({ 'proc/self/cgroup': '0::/', ...(quota && { 'sys/fs/cgroup/cpu.max': `${quota} 100000` }) });
  expect(processors(temp())).toBe(jobs);
});
