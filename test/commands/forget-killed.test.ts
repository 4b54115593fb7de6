import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Box } from '../../src/base/types';
import { readEncodings } from '../../src/encodings/encodings';
import { People } from '../../src/people/people';
import { sha256 } from '../../src/system/sha256';
import { runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { atMoment, countingChanges } from '../support/moment';
import { copyTree, treeOf } from '../support/people-folder';
import { sortPortraits } from '../support/served';
import { formsOfEncoding, formsOfName, tracesIn } from '../support/traces';

/*
 * `forget` killed when it is about to change something on the disk, each of the first times and then now and then: whatever runs next
 * on the folder ends it, and comes to what a run makes that nothing happened to. FACE_CLUSTER_KILLS=200 kills it that often.
 */
const KILLS = Number(process.env.FACE_CLUSTER_KILLS ?? 10);
const temp = useTempFolder();
const NAME = 'Zoë Ünal';

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runCli([...args, '-o', temp('run')], { cwd: temp(), env });

/** Who there is, in all that can be told of them. */
async function everybody(): Promise<unknown> {
  await using people = await People.open(temp('run/.data/people.jsonl'), { readOnly: true });
  return [people.list(), people.decisions().map(({ at: _, ...made }) => made)];
}

test(
  `killed at ${KILLS} moments`,
  async () => {
    cpSync(PORTRAITS, temp('photos'), { recursive: true });
    await sortPortraits(temp('start'), temp('photos'));
    copyTree(temp('start'), temp('run'));
    expect(await run(['name', '1', NAME])).toMatchObject({ code: 0 });
    expect(await run(['name', '2', 'Ben'])).toMatchObject({ code: 0 });
    rmSync(temp('start'), { recursive: true });
    copyTree(temp('run'), temp('start'));
    const wanted = { name: formsOfName(NAME), encoding: (await encodingsOf(1)).flatMap(formsOfEncoding) };
    expect(tracesIn(temp('run'), wanted)).toEqual(
      expect.arrayContaining(['.data/people.jsonl: name', '.data/faces.pickle: encoding', '(names): name']),
    );

    const forget = ['forget', NAME, '--yes'];
    const whole = await run(forget, countingChanges(temp('changes')));
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toContain(`${NAME} is forgotten: 14 faces on 14 photos.`);
    expect(tracesIn(temp('run'), wanted)).toEqual([]);
    const expected = { tree: treeOf(temp('run')), everybody: await everybody(), data: inData() };
    const changes = Number(readFileSync(temp('changes'), 'utf8'));
    expect(changes).toBeGreaterThan(KILLS);

    let left = 0;
    for (let i = 0; i < KILLS; i++) {
      // All files are written anew one after the other in the first half of the moments, and the page in the rest.
      const moment =
        i < KILLS / 2 ? Math.ceil((60 * (i + 1)) / (KILLS / 2)) : Math.ceil((changes * (i + 1)) / KILLS);
      rmSync(temp('run'), { recursive: true, force: true });
      copyTree(temp('start'), temp('run'));
      const killed = await run(forget, atMoment({ change: moment }, 'SIGKILL'));
      expect(killed).toMatchObject({ signal: 'SIGKILL' });
      if (tracesIn(temp('run'), wanted).length > 0) left++;
      const again = await run(
        i % 3 === 2 && readdirSync(temp('run/.data')).includes('forgetting.json') ? ['sort'] : forget,
      );
      // When only the lock was left, there is nobody of that name any more.
      expect([0, 2]).toContain(again.code);
      if (again.code === 2) expect(again.stderr).toContain('There is nobody called');
      expect(tracesIn(temp('run'), wanted)).toEqual([]);
      expect(treeOf(temp('run'))).toEqual(expected.tree);
      expect(await everybody()).toEqual(expected.everybody);
      expect(inData()).toEqual(expected.data);
    }
    expect(left).toBeGreaterThan(KILLS / 4);
  },
  600_000 + KILLS * 30_000,
);

function inData(): string[] {
  return readdirSync(temp('run/.data')).sort();
}

/** The encodings of somebody, as they are in the file of encodings. */
async function encodingsOf(person: number): Promise<Float64Array[]> {
  await using people = await People.open(temp('run/.data/people.jsonl'), { readOnly: true });
  const keys = new Set(
    people
      .list()
      .find(({ id }) => id === person)
      ?.faces.map(({ photo, box }) => keyOf(photo, box)),
  );
  const records = await readEncodings(temp('run/.data/faces.pickle'));
  const own = records.filter(({ imagePath, loc }) => keys.has(keyOf(sha256(readFileSync(imagePath)), loc)));
  expect(own).toHaveLength(14);
  return own.map(({ encoding }) => encoding);
}

function keyOf(photo: string, { top, right, bottom, left }: Box): string {
  return [photo, top, right, bottom, left].join(' ');
}
