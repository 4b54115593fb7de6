import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PhotoEncoder, type PhotoOutcome, type PhotoToEncode } from '../../src/encode/encode-photo';
import type { PhotoResult } from '../../src/encode/journal/records';
import type { PhotoEntry, PhotoIdentity, PhotoStore } from '../../src/encode/photo-store';
import { processBudget } from '../../src/engine/memory-budget';
import { PhotoPipeline } from '../../src/engine/photo-pipeline';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from '../support/bmp';
import { useTempFolder } from '../support/files';

/*
 * Photos need neither be a list nor their results be in a journal: here they come one by one, as from a queue, and what
 * came of them is kept in a table.
 */
const temp = useTempFolder();

class Table implements PhotoStore {
  readonly entries = new Map<string, PhotoEntry>();
  readonly results = new Map<string, PhotoResult>();
  readonly moved: string[] = [];

  entry(content: string): PhotoEntry | undefined {
    return this.entries.get(content);
  }

  async result(content: string): Promise<PhotoResult> {
    return this.results.get(content) as PhotoResult;
  }

  async add({ content, path }: PhotoIdentity, result: PhotoResult) {
    this.results.set(content, result);
    const { faces } = result;
    const mirrored = faces.every(({ mirrored }) => mirrored !== undefined);
    const entry = { ...result, path, faces: faces.length, mirrored };
    this.entries.set(content, entry);
    return entry;
  }

  async recognize({ path }: PhotoIdentity): Promise<void> {
    this.moved.push(path);
  }
}

function encoderFor(store: PhotoStore, worked: number[]): PhotoEncoder {
  return new PhotoEncoder({
    engine: {
      detectAndEncode: async (image) => {
        worked.push((await (image as OpenedImage).decode()).width);
        return [];
      },
    },
    pipeline: new PhotoPipeline(2, processBudget(undefined, 2)),
    store,
    settings: { method: 'hog', upsample: 1, numJitters: 1 },
    mirror: false,
    maxPixels: 1000,
  });
}

test('photos come as they come, each is worked on once, and its result is kept before it is told', async () => {
  const file = (name: string) => join(temp(), name);
  writeFileSync(file('a.bmp'), bitmap(3, 1));
  copyFileSync(file('a.bmp'), file('copy.bmp'));
  writeFileSync(file('b.bmp'), bitmap(4, 1));
  async function* queue(): AsyncGenerator<PhotoToEncode> {
    for (const name of ['a.bmp', 'copy.bmp', 'gone.bmp', 'b.bmp']) {
      await new Promise(setImmediate);
      yield { path: file(name), bytes: 0 };
    }
  }
  const table = new Table();
  const worked: number[] = [];
  const outcomes = new Map<string, PhotoOutcome>();
  const options = { jobs: 2, signal: undefined, stop: undefined };
  await encoderFor(table, worked).encodeAll(queue(), options, (photo, outcome) => {
    if (outcome.content !== undefined) expect(table.entry(outcome.content)).toBeDefined();
    outcomes.set(photo.path, outcome);
  });
  expect(worked.toSorted()).toEqual([3, 4]);
  expect(outcomes.get(file('gone.bmp'))).toMatchObject({
    problem: {
      path: file('gone.bmp'),
      code: 'FACE_IMAGE_NOT_FOUND',
      remedy: expect.stringContaining('new path'),
    },
  });
  expect(outcomes.get(file('b.bmp'))?.known).toBe(false);
  // Of the two that are alike, the one that was read first is worked on.
  const known = ['a.bmp', 'copy.bmp'].map(file).filter((path) => outcomes.get(path)?.known);
  expect(known).toHaveLength(1);
  expect(table.moved).toEqual(known);
});

test('what is in the store already is not worked on, by whomever it was kept', async () => {
  const path = join(temp(), 'a.bmp');
  writeFileSync(path, bitmap(3, 1));
  const table = new Table();
  const worked: number[] = [];
  const { signal } = new AbortController();
  const first = await encoderFor(table, worked).encode({ path, bytes: 0 }, signal);
  const second = await encoderFor(table, worked).encode({ path, bytes: 0 }, signal);
  expect([first.known, second.known]).toEqual([false, true]);
  expect(second).toMatchObject({ content: first.content });
  expect(worked).toEqual([3]);
});

test('what could not be read is not tried again, but where another decoder may: of HEIC there was none once', async () => {
  const path = join(temp(), 'IMG_1.jpg');
  writeFileSync(path, Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
  const table = new Table();
  const { signal } = new AbortController();
  const encode = () => encoderFor(table, []).encode({ path, bytes: 0 }, signal);
  const first = await encode();
  expect(first).toMatchObject({ known: false, problem: { code: 'FACE_IMAGE_DECODE' } });
  expect(await encode()).toMatchObject({ known: true, problem: { code: 'FACE_IMAGE_DECODE' } });
  const [[content, entry]] = [...table.entries] as [[string, PhotoEntry]];
  const { by, ...problem } = entry.problem as NonNullable<PhotoEntry['problem']>;
  const without = by.replace(/, libheif-js [\d.]+$/, '');
  expect(without).toMatch(/^face-cluster-native [\d.]+, sharp [\d.]+, libvips [\d.]+$/);
  table.entries.set(content, { ...entry, problem: { ...problem, by: without } });
  expect(await encode()).toMatchObject({ known: false });
});

test('a store that fails ends the work: it is not the fault of the photo in hand', async () => {
  const path = join(temp(), 'a.bmp');
  writeFileSync(path, bitmap(3, 1));
  const full: PhotoStore = {
    entry: () => undefined,
    result: () => Promise.reject(new Error('there is none')),
    add: async () => {
      throw new Error('the disk is full');
    },
    recognize: async () => {},
  };
  const { signal } = new AbortController();
  await expect(encoderFor(full, []).encode({ path, bytes: 0 }, signal)).rejects.toThrow('the disk is full');
});
