import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EncodePhotoOptions, PhotoEncoder, type PhotoOutcome } from '../../src/encode/encode-photo';
import type { JournalEntry } from '../../src/encode/journal/contents';
import type { PhotoIdentity } from '../../src/encode/journal/journal';
import type { PhotoResult } from '../../src/encode/journal/records';
import { processBudget } from '../../src/engine/memory-budget';
import { PhotoPipeline } from '../../src/engine/photo-pipeline';
import type { OpenedImage } from '../../src/photos/decode';
import { forEachConcurrent } from '../../src/system/jobs';
import { bitmap } from '../support/bmp';
import { useTempFolder } from '../support/files';

/* What came of the photos is kept in a table here, not in a journal. */
const temp = useTempFolder();

type Store = EncodePhotoOptions['journal'];

class Table implements Store {
  readonly entries = new Map<string, JournalEntry>();
  readonly moved: string[] = [];

  entry(content: string): JournalEntry | undefined {
    return this.entries.get(content);
  }

  async add({ content }: PhotoIdentity, { width, height, faces }: PhotoResult) {
    const entry = { width, height, faces: faces.length, offset: 0, length: 0 };
    this.entries.set(content, entry);
    return entry;
  }

  async recognize({ path }: PhotoIdentity): Promise<void> {
    this.moved.push(path);
  }
}

function encoderFor(journal: Store, worked: number[]): PhotoEncoder {
  return new PhotoEncoder({
    engine: {
      detectAndEncode: async (image) => {
        worked.push((await (image as OpenedImage).decode()).width);
        return [];
      },
    },
    pipeline: new PhotoPipeline(2, processBudget(undefined, 2)),
    journal,
    settings: { method: 'hog', upsample: 1, numJitters: 1 },
    maxPixels: 1000,
  });
}

test('photos with the same bytes are worked on once, and a result is kept before it is told', async () => {
  const file = (name: string) => join(temp(), name);
  writeFileSync(file('a.bmp'), bitmap(3, 1));
  copyFileSync(file('a.bmp'), file('copy.bmp'));
  writeFileSync(file('b.bmp'), bitmap(4, 1));
  const table = new Table();
  const worked: number[] = [];
  const outcomes = new Map<string, PhotoOutcome>();
  const encoder = encoderFor(table, worked);
  const names = ['a.bmp', 'copy.bmp', 'gone.bmp', 'b.bmp'];
  await forEachConcurrent(names, 4, undefined, async (name, _, signal) => {
    const outcome = await encoder.encode(file(name), 0, signal);
    if (outcome.content !== undefined) expect(table.entry(outcome.content)).toBeDefined();
    outcomes.set(file(name), outcome);
  });
  expect(worked.toSorted()).toEqual([3, 4]);
  expect(outcomes.get(file('gone.bmp'))).toMatchObject({
    problem: {
      path: file('gone.bmp'),
      code: 'FACE_IMAGE_NOT_FOUND',
      remedy: expect.stringContaining('new path'),
    },
  });
  // Whichever of the two comes second.
  const known = names.filter((name) => outcomes.get(file(name))?.known);
  expect([['a.bmp'], ['copy.bmp']]).toContainEqual(known);
  expect(table.moved).toEqual(known.map(file));
});

test('what is in the store already is not worked on, by whomever it was kept', async () => {
  const path = join(temp(), 'a.bmp');
  writeFileSync(path, bitmap(3, 1));
  const table = new Table();
  const worked: number[] = [];
  const { signal } = new AbortController();
  const first = await encoderFor(table, worked).encode(path, 0, signal);
  const second = await encoderFor(table, worked).encode(path, 0, signal);
  expect([first.known, second.known]).toEqual([false, true]);
  expect(second).toMatchObject({ content: first.content });
  expect(worked).toEqual([3]);
});

test('a store that fails ends the work: it is not the fault of the photo in hand', async () => {
  const path = join(temp(), 'a.bmp');
  writeFileSync(path, bitmap(3, 1));
  const full: Store = {
    entry: () => undefined,
    add: async () => {
      throw new Error('the disk is full');
    },
    recognize: async () => {},
  };
  const { signal } = new AbortController();
  await expect(encoderFor(full, []).encode(path, 0, signal)).rejects.toThrow('the disk is full');
});
