import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SplitMix64 } from '../../src/base/random';
import { runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { copyTree, treeOf } from '../support/people-folder';

/*
 * `sort` killed at any moment, the first time and when there are new photos and a renamed folder: the same command again makes
 * the folder that a run makes which nothing happened to, and takes nothing for a wish of the user's that was none.
 * FACE_CLUSTER_KILLS=50 kills it that often.
 */
const KILLS = Number(process.env.FACE_CLUSTER_KILLS ?? 8);
const temp = useTempFolder();

test(
  `killed at ${KILLS} moments`,
  async () => {
    const sort = (folder: string, onSpawn?: Parameters<typeof runCli>[1]['onSpawn']) =>
      runCli(['sort', 'photos', '-d', 'hog'], { cwd: temp(folder), ...(onSpawn && { onSpawn }) });
    mkdirSync(temp('start/photos'), { recursive: true });
    const photos = readdirSync(PORTRAITS).filter((name) => name.endsWith('.jpg'));
    const add = (folder: string, names: readonly string[]) => {
      for (const name of names)
        cpSync(join(PORTRAITS, name), temp(folder, 'photos', name), { preserveTimestamps: true });
    };
    add('start', photos.slice(0, 30));
    copyTree(temp('start'), temp('sorted'));
    const times: number[] = [];
    const timed = async (folder: string) => {
      const started = performance.now();
      expect(await sort(folder)).toMatchObject({ code: 0 });
      times.push(performance.now() - started);
    };
    await timed('sorted');
    const change = (folder: string) => {
      const [first] = readdirSync(temp(folder, 'people')).filter((name) => name.startsWith('Person 01'));
      renameSync(temp(folder, 'people', first as string), temp(folder, 'people/Franck'));
      add(folder, photos.slice(30));
    };
    copyTree(temp('sorted'), temp('changed'));
    change('changed');
    await timed('changed');
    const expected = { first: treeOf(temp('sorted/people')), changed: treeOf(temp('changed/people')) };
    expect([...expected.changed.keys()].some((name) => name.startsWith('Franck'))).toBe(true);

    const random = new SplitMix64(19n);
    let killed = 0;
    for (let run = 0; killed < KILLS; run++) {
      const first = run % 2 === 0;
      rmSync(temp('run'), { recursive: true, force: true });
      copyTree(temp(first ? 'start' : 'sorted'), temp('run'));
      if (!first) change('run');
      const which = first ? 0 : 1;
      const moment = random.below(Math.ceil(times[which] as number));
      const result = await sort('run', (child) => {
        const timer = setTimeout(() => child.kill('SIGKILL'), moment);
        child.on('exit', () => clearTimeout(timer));
      });
      if (result.signal === 'SIGKILL') killed++;
      // It was done before its moment came: the machine is quicker by now.
      else times[which] = Math.max(1, moment);
      const again = await sort('run');
      expect(again).toMatchObject({ code: 0 });
      expect(treeOf(temp('run/people'))).toEqual(first ? expected.first : expected.changed);
      const told = again.stdout.match(/^(Took over|Noticed): .*/gm) ?? [];
      const wished = told.filter((line) => !/Person 01 is now Franck/.test(line));
      expect(wished).toEqual([]);
    }
  },
  600_000 + KILLS * 30_000,
);
