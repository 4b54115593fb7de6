import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import files from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Gesture } from '../../../src/result/people-folder/types';
import { isTemporaryName } from '../../../src/system/temporary';
import { useTempFolder } from '../../support/files';
import { Collection, MODES, photoBytes, treeOf, type Wanted } from './support';

const temp = useTempFolder();

afterEach(() => jest.restoreAllMocks());

/** All that changes something on the disk. */
const CHANGES: Exclude<keyof typeof files, 'constants'>[] = require('../../support/disk-changes.js');

/** Has nothing be changed any more from the `n`-th change on, as if the process had been killed. @returns how many there were */
function dieAt(n: number): () => number {
  let count = 0;
  for (const name of CHANGES) {
    const original = files[name] as (...args: unknown[]) => Promise<unknown>;
    (jest.spyOn(files, name) as jest.SpyInstance).mockImplementation(async (...args: unknown[]) => {
      if (++count >= n) throw Object.assign(new Error('EIO: killed'), { code: 'EIO' });
      return original(...args);
    });
  }
  return () => count;
}

const FIRST: Wanted = {
  1: 'a b c d',
  2: 'e f g d',
  3: 'h i j',
  4: 'k l m',
  5: 'p q r',
  unsorted: 'n o',
  unclear: 's',
};
/** One got more, two change names, one is part of another, one is gone and was the last copy, somebody is new. */
const SECOND: Wanted = {
  1: 'a b c x',
  2: 'e f g d h i j',
  4: 'k l m y',
  6: 'n z',
  unsorted: 'o a',
  unclear: 's',
};

async function begin(people: Collection): Promise<void> {
  people.names.set(1, 'Anna').set(2, 'Ben').set(4, 'Cleo').set(5, 'Dora');
  await people.run(FIRST);
  // Somebody else's, in a folder that gets another name.
  copyFileSync(people.photo('s'), people.in('Cleo (3)', 's.jpg'));
  expect((await people.run(FIRST)).gestures).toHaveLength(1);
}

/** What somebody has done meanwhile. */
function change(people: Collection): void {
  people.names.set(1, 'Ben').set(2, 'Anna').set(6, 'Emma');
  renameSync(people.in('Person 03 (3)'), people.in('Ben (4)', 'Person 03 (3)'));
  mkdirSync(people.in('Emma'));
  renameSync(people.in('Not sorted', 'n.jpg'), people.in('Emma', 'n.jpg'));
  renameSync(people.in('Cleo (3)', 'k.jpg'), people.in('Cleo (3)', 'king.jpg'));
  writeFileSync(people.in('Dora (3)', 'mine.txt'), 'mine');
  unlinkSync(people.photo('p'));
  unlinkSync(people.photo('q'));
  people.make('x');
}

/** What a run leaves for the next one. */
function inData(people: Collection): string[] {
  return readdirSync(people.in('.data'))
    .filter((name) => !isTemporaryName(name))
    .sort();
}

/** All bytes that are anywhere. */
function contents(...folders: string[]): Set<string> {
  return new Set(folders.flatMap((folder) => Object.values(treeOf(folder))));
}

describe.each(MODES)('a run that is killed (%s)', (mode) => {
  /** What the folder is if nothing goes wrong, and what was done to it before. */
  async function undisturbed(): Promise<{ tree: Record<string, string>; gestures: Gesture[] }> {
    const people = new Collection((...parts) => temp('undisturbed', ...parts), mode);
    await begin(people);
    change(people);
    const { gestures } = await people.run(SECOND);
    expect(await people.gestures()).toEqual([]);
    return { tree: people.tree(), gestures };
  }

  async function killed(n: number): Promise<{ people: Collection; before: Set<string>; changes: number }> {
    const people = new Collection((...parts) => temp(`${n}`, ...parts), mode);
    await begin(people);
    change(people);
    for (const name of 'xyz') people.make(name);
    people.wanted(SECOND);
    const before = contents(people.people, people.photo('.'));
    const count = dieAt(n);
    await people.run(SECOND).catch(() => {});
    jest.restoreAllMocks();
    return { people, before, changes: count() };
  }

  test('at any moment loses no photo, is taken for no gesture, and the next run goes on', async () => {
    const { tree, gestures: told } = await undisturbed();
    expect(told.map(({ kind }) => kind).sort()).toEqual(['merged', 'new-folder']);
    let last = false;
    for (let n = 1; !last; n++) {
      const { people, before, changes } = await killed(n);
      last = changes < n;
      const missing = [...before].filter((bytes) => !contents(people.people, people.photo('.')).has(bytes));
      // A link that leads nowhere holds nothing.
      expect([n, mode === 'symlink' ? [] : missing]).toEqual([n, []]);
      const gestures = await people.gestures();
      expect([n, gestures.length === 0 ? told : gestures]).toEqual([n, told]);
      // Nothing can be told of a run that had begun to change something.
      const begun = !existsSync(people.in('Emma')) || !existsSync(people.in('Ben (4)', 'Person 03 (3)'));
      if (begun) expect([n, gestures]).toEqual([n, []]);
      await people.run(SECOND);
      expect([n, people.tree()]).toEqual([n, tree]);
      expect([n, await people.gestures()]).toEqual([n, []]);
      expect([n, inData(people)]).toEqual([n, ['.face-cluster-result.json', 'folder.jsonl']]);
      rmSync(people.temp(), { recursive: true });
    }
  });

  test('twice', async () => {
    const { tree } = await undisturbed();
    for (const n of [10, 16, 22, 28]) {
      const { people, before } = await killed(n);
      dieAt(5);
      await people.run(SECOND).catch(() => {});
      jest.restoreAllMocks();
      const missing = [...before].filter((bytes) => !contents(people.people, people.photo('.')).has(bytes));
      expect([n, mode === 'symlink' ? [] : missing]).toEqual([n, []]);
      await people.run(SECOND);
      expect([n, people.tree()]).toEqual([n, tree]);
    }
  });
});

test('a real process that is killed', async () => {
  const LIB = join(__dirname, '../../../lib/result');
  // As compiled: the whole of a run, that ends with the n-th change.
  const script = `
    const files = require('node:fs').promises;
    const { statSync } = require('node:fs');
    const [n, root, wanted] = JSON.parse(process.argv[1]);
    let count = 0;
    for (const name of ${JSON.stringify(CHANGES)}) {
      const original = files[name];
      files[name] = (...args) => {
        if (++count === n) process.kill(process.pid, 'SIGKILL');
        return original.call(files, ...args);
      };
    }
    const { PeopleFolder } = require(${JSON.stringify(join(LIB, 'people-folder/people-folder.js'))});
    const { photoFile } = require(${JSON.stringify(join(LIB, 'originals/find.js'))});
    (async () => {
      const folder = await PeopleFolder.open(root);
      const files = (path) => photoFile(path, statSync(path, { bigint: true }));
      const plan = await folder.plan(wanted.map((one) => ({
        ...one,
        photos: one.photos.map(({ id, path }) => ({ id, file: path ? files(path) : undefined })),
      })));
      await folder.apply(plan, 'copy');
    })();`;
  const people = new Collection(temp, 'copy');
  await begin(people);
  change(people);
  const wanted = people.wanted(SECOND).map((one) => ({
    ...one,
    photos: one.photos.map(({ id, file }) => ({ id, path: file?.path })),
  }));
  const before = contents(people.people, people.photo('.'));
  let killed = 0;
  // Each goes on where the one before was killed, and comes a little further.
  for (let n = 8; n < 200; n += 4) {
    const { signal, status, stderr } = spawnSync(
      process.execPath,
      ['-e', script, JSON.stringify([n, people.people, wanted])],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const missing = [...before].filter((bytes) => !contents(people.people, people.photo('.')).has(bytes));
    expect(missing).toEqual([]);
    if (signal === 'SIGKILL') killed++;
    else {
      expect(status).toBe(0);
      break;
    }
  }
  expect(killed).toBeGreaterThan(2);
  const everything = readdirSync(people.people, { recursive: true, encoding: 'utf8' });
  expect(everything.filter((name) => isTemporaryName(basename(name)))).toEqual([]);
  expect(await people.gestures()).toEqual([]);
  expect((await people.run(SECOND)).summary).toMatchObject({ moved: 0, removed: 0, renamed: 0 });
});

test('a disk that is full in the middle: an error that says so, and the next run goes on in the same process', async () => {
  const people = new Collection(temp, 'copy');
  await begin(people);
  change(people);
  people.wanted(SECOND);
  const folder = await people.open();
  const gestures = await folder.gestures();
  const plan = await folder.plan(people.wanted(SECOND));
  jest.spyOn(files, 'copyFile').mockImplementation(async () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, copyfile'), { code: 'ENOSPC' });
  });
  jest.spyOn(require('node:fs'), 'createWriteStream').mockImplementation(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  await expect(folder.apply(plan, 'copy')).rejects.toMatchObject({
    code: 'FACE_IO',
    remedy: 'The disk is full: free some space or choose another place.',
  });
  jest.restoreAllMocks();
  expect(gestures).not.toEqual([]);
  expect(await folder.gestures()).toEqual([]);
  await folder.apply(await folder.plan(people.wanted(SECOND)), 'copy');
  expect(existsSync(people.in('Ben (4)', 'x.jpg'))).toBe(true);
  expect(photoBytes('x').length).toBeGreaterThan(0);
});

test('an aborted run goes on with the next one', async () => {
  const people = new Collection(temp, 'hardlink');
  const folder = await people.open();
  const stop = new AbortController();
  const plan = await folder.plan(people.wanted(FIRST));
  const applied = folder.apply(plan, 'hardlink', {
    signal: stop.signal,
    onDone: (done) => done === 3 && stop.abort(),
  });
  await expect(applied).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect(await people.gestures()).toEqual([]);
  await people.run(FIRST);
  expect(Object.keys(people.tree())).toHaveLength(20);
});
