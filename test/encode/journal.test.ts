import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SplitMix64 } from '../../src/base/random';
import type { JournalEntry } from '../../src/encode/journal/contents';
import { Journal } from '../../src/encode/journal/journal';
import { encodeLine } from '../../src/encode/journal/lines';
import { photoState } from '../../src/encode/journal/photo-state';
import type { PhotoResult } from '../../src/encode/journal/records';
import { type EncodeSettings, encodeSettings } from '../../src/encode/journal/settings';
import type { EncodedFace } from '../../src/engine/faces';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

const temp = useTempFolder();
const encodings = () => join(temp(), 'faces.pickle');
const file = () => join(temp(), 'faces.pickle.journal');

const HOG = encodeSettings({ method: 'hog', upsample: 1, numJitters: 1 });
const CNN = encodeSettings({ method: 'cnn', upsample: 1, numJitters: 1 });

/** Runs `use` on the opened journal and closes it, whatever happens. */
async function withJournal<T>(
  use: (journal: Journal) => T | Promise<T>,
  settings: EncodeSettings = HOG,
  fresh = false,
): Promise<T> {
  const journal = await Journal.open(encodings(), settings, fresh);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

const contentOf = (n: number) => createHash('sha256').update(String(n)).digest('hex');
const photo = (n: number) => ({ path: `photos/${n}.jpg`, content: contentOf(n), state: `state ${n}` });

/** Faces with numbers as an engine gives them: floats of 32 bits. */
function resultOf(n: number, faces = n % 3): PhotoResult {
  const random = new SplitMix64(BigInt(n));
  const face = (i: number): EncodedFace => ({
    box: { top: i, right: n + 2, bottom: i + 3, left: -1 },
    score: 0.1 + i / 3,
    encoding: Float64Array.from({ length: 128 }, () => Math.fround(random.below(1e6) / 1e6 - 0.5)),
  });
  return { width: n, height: 2 * n, faces: Array.from({ length: faces }, (_, i) => face(i)) };
}

const entryFor = (journal: Journal, n: number) => journal.entry(contentOf(n)) as JournalEntry;
const add = (...photos: number[]) =>
  withJournal(async (journal) => {
    for (const n of photos) await journal.add(photo(n), resultOf(n));
  });

test('what was written is there next time, to the bit', async () => {
  const odd = resultOf(4, 2);
  // Averaged over jitters: not a float of 32 bits. And a zero that has a sign.
  odd.faces[0]?.encoding.set([1 / 3, -0]);
  const measured = measuredOf(6, 2);
  const names = { ...photo(5), path: 'caf\udce9\n👩‍👧 "x".jpg' };
  await withJournal(async (journal) => {
    await Promise.all([1, 2, 3].map((n) => journal.add(photo(n), resultOf(n))));
    await journal.add(photo(4), odd);
    await journal.add(photo(6), measured);
    await journal.add(names, { ...resultOf(5), warning: 'Only part of it.' });
  });
  await withJournal(async (journal) => {
    expect(journal.report).toMatchObject({ photos: 6, others: [], damaged: 0, cutOff: 0, path: file() });
    for (const n of [3, 1, 2]) expect(await journal.read(entryFor(journal, n))).toEqual(resultOf(n));
    expect(await journal.read(entryFor(journal, 6))).toEqual(measured);
    const { faces } = await journal.read(entryFor(journal, 4));
    expect(faces).toEqual(odd.faces);
    expect(Object.is(faces[0]?.encoding[1], -0)).toBe(true);
    expect(await journal.read(entryFor(journal, 5))).toEqual({ ...resultOf(5), warning: 'Only part of it.' });
    expect(entryFor(journal, 2)).toMatchObject({ faces: 2, width: 2, height: 4 });
    expect(journal.contentOf(names.path, names.state)).toBe(names.content);
  });
});

/** Faces of which all is known that is measured. */
function measuredOf(n: number, faces?: number): PhotoResult {
  const result = resultOf(n, faces);
  const measured = resultOf(n + 1, result.faces.length).faces.map(({ encoding }) => ({
    sharpness: Math.abs(encoding[0] as number) / 3,
    confirmed: (encoding[0] as number) > 0,
    mirrored: encoding,
  }));
  return { ...result, faces: result.faces.map((face, i) => ({ ...face, ...measured[i] })) };
}

test('what was measured later takes the place of what was there, and stays when the journal is written anew', async () => {
  const there = join(temp(), 'there.jpg');
  writeFileSync(there, '');
  const elsewhere = { path: there, content: contentOf(3), state: 'there' };
  await withJournal(async (journal) => {
    await journal.add(photo(1), resultOf(1, 3000));
    await journal.add(photo(2), resultOf(2, 5000));
    await journal.add(photo(3), resultOf(3, 2));
    await journal.recognize(elsewhere);
  });
  await withJournal(async (journal) => {
    expect([entryFor(journal, 1).mirrored, entryFor(journal, 3).mirrored]).toEqual([false, false]);
    await journal.add(photo(1), measuredOf(1, 3000));
    await journal.add(photo(3), measuredOf(3, 2));
  });
  await withJournal((journal) => journal.add(photo(1), resultOf(9)), CNN);
  const before = statSync(file()).size;
  await withJournal((journal) => journal.tidy(new Set([contentOf(5)])));
  expect(statSync(file()).size).toBeLessThan(before / 100);
  await withJournal(async (journal) => {
    expect(journal.report).toMatchObject({ photos: 1, damaged: 0 });
    // Of another part of the collection, and found in a place where it is no more.
    expect(await journal.read(entryFor(journal, 3))).toEqual(measuredOf(3, 2));
    expect(entryFor(journal, 3).mirrored).toBe(true);
    expect(journal.contentOf(there, 'there')).toBe(contentOf(3));
  });
});

test('a path whose result stands elsewhere stays known when the journal is written anew', async () => {
  await withJournal(async (journal) => {
    await journal.add(photo(1), resultOf(1, 2));
    await journal.add({ ...photo(1), path: 'copy.jpg', state: 'copy' }, measuredOf(1, 2));
    await journal.add(photo(2), resultOf(2, 8000));
  });
  await withJournal((journal) => journal.tidy(new Set([contentOf(1)])));
  await withJournal(async (journal) => {
    expect(journal.report).toMatchObject({ photos: 1, damaged: 0 });
    expect(journal.contentOf(photo(1).path, photo(1).state)).toBe(contentOf(1));
    expect(journal.contentOf('copy.jpg', 'copy')).toBe(contentOf(1));
    expect(await journal.read(entryFor(journal, 1))).toEqual(measuredOf(1, 2));
  });
});

test('a photo with a face takes less than 1000 bytes', async () => {
  await withJournal(async (journal) => {
    const before = statSync(file()).size;
    for (let n = 0; n < 30; n++) await journal.add(photo(n), resultOf(n, 1));
    expect((statSync(file()).size - before) / 30).toBeLessThan(1000);
  });
});

test('killed while writing the last record: wherever it was cut, the others are there and it is done anew', async () => {
  await add(1, 2);
  const whole = readFileSync(file());
  // Without faces, so that the record is short: every place is tried.
  await add(3);
  const longer = readFileSync(file());
  for (let end = whole.length; end < longer.length; end++) {
    writeFileSync(file(), longer.subarray(0, end));
    await withJournal(async (journal) => {
      expect(journal.report).toMatchObject({ photos: 2, damaged: 0, cutOff: end - whole.length });
      expect(journal.entry(contentOf(3))).toBeUndefined();
      expect(journal.contentOf(photo(3).path, photo(3).state)).toBeUndefined();
      await journal.add(photo(3), resultOf(3));
    });
    // Not behind the rest of a line.
    if (!readFileSync(file()).equals(longer)) throw new Error(`cut off at ${end - whole.length}`);
  }
});

test('killed before the header was written: begun anew', async () => {
  await add();
  const begin = readFileSync(file());
  const header = begin.indexOf('\n') + 1;
  for (let end = 0; end < begin.length; end++) {
    writeFileSync(file(), begin.subarray(0, end));
    await add(1);
    await withJournal((journal) =>
      expect(journal.report).toMatchObject({ photos: 1, damaged: 0, cutOff: 0 }),
    );
    if (end < header) expect(readFileSync(file()).subarray(0, begin.length)).toEqual(begin);
  }
});

test('a record that has decayed is done anew; it is not read as something else, nor are those behind it lost', async () => {
  await add(1, 2, 4);
  const whole = readFileSync(file());
  const lines = whole.toString('latin1').split('\n');
  const start = lines.slice(0, 3).join('\n').length + 1;
  const end = start + (lines[3] as string).length;
  const random = new SplitMix64(5n);
  for (let run = 0; run < 60; run++) {
    const bytes = Buffer.from(whole);
    const at = start + random.below(end - start);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    writeFileSync(file(), bytes);
    await withJournal(async (journal) => {
      expect(journal.entry(contentOf(2))).toBeUndefined();
      // A flipped bit can make a line feed: two damaged lines.
      expect(journal.report.damaged).toBe(bytes[at] === 0x0a ? 2 : 1);
      expect(await journal.read(entryFor(journal, 1))).toEqual(resultOf(1));
      expect(await journal.read(entryFor(journal, 4))).toEqual(resultOf(4));
    });
  }
});

test.each([
  ['a text', 'my notes\nof today\n'],
  ['something without lines', '\0'.repeat(5000)],
  [
    'a journal whose first line is damaged',
    `x${encodeLine({ format: 'face-cluster-native journal', version: 1 })}`,
  ],
])('%s is not taken for a journal, and stays, even when starting over', async (_, text) => {
  writeFileSync(file(), text);
  for (const fresh of [false, true]) {
    const error = await rejection(Journal.open(encodings(), HOG, fresh));
    expect(error).toMatchObject({ code: 'FACE_JOURNAL_INVALID', message: expect.stringContaining(file()) });
    expect(readFileSync(file(), 'utf8')).toBe(text);
    expect(readdirSync(temp())).toEqual(['faces.pickle.journal']);
  }
});

test('the journal of a newer version is refused, unless starting over', async () => {
  const newer = encodeLine({ format: 'face-cluster-native journal', version: 2 });
  writeFileSync(file(), newer);
  const error = await rejection(Journal.open(encodings(), HOG));
  expect(error).toMatchObject({ code: 'FACE_JOURNAL_INVALID', message: expect.stringContaining('--fresh') });
  expect(readFileSync(file())).toEqual(newer);
  await withJournal((journal) => journal.add(photo(1), resultOf(1)), HOG, true);
  await withJournal((journal) => expect(journal.report.photos).toBe(1));
});

test('what other options gave is counted and kept, and not used', async () => {
  await add(1, 2);
  await withJournal(async (journal) => {
    expect(journal.report).toMatchObject({ photos: 0, others: [{ settings: HOG, photos: 2 }] });
    expect(journal.entry(contentOf(1))).toBeUndefined();
    // What the file contains does not depend on the options.
    expect(journal.contentOf(photo(1).path, photo(1).state)).toBe(contentOf(1));
    await journal.add(photo(1), resultOf(7, 1));
    await journal.add(photo(3), resultOf(3));
  }, CNN);
  await withJournal(async (journal) => {
    // Photo 1 has a result with either options: nothing has to be encoded anew because of CNN's.
    expect(journal.report).toMatchObject({ photos: 2, others: [{ settings: CNN, photos: 1 }] });
    expect(await journal.read(entryFor(journal, 1))).toEqual(resultOf(1));
  });
});

test.each<[string, EncodeSettings]>([
  ['method', { ...HOG, method: 'cnn' }],
  ['upsample', { ...HOG, upsample: 2 }],
  ['numJitters', { ...HOG, numJitters: 2 }],
  ['detectSize', { ...HOG, detectSize: 1600 }],
  ['models', { ...HOG, models: { ...HOG.models, resnet: '0' } }],
  ['revision', { ...HOG, revision: 0 }],
])('another %s is another result', async (_, settings) => {
  await add(1);
  await withJournal((journal) => expect(journal.entry(contentOf(1))).toBeUndefined(), settings);
});

test('starting over drops everything and says how much', async () => {
  await add(1, 2);
  await withJournal(
    (journal) => expect(journal.report).toMatchObject({ dropped: { photos: 2 }, photos: 0 }),
    HOG,
    true,
  );
  await withJournal((journal) => expect(journal.report).toMatchObject({ dropped: { photos: 0 }, photos: 0 }));
});

test('a photo that was moved or touched is known by its content, and then by its new place', async () => {
  await add(1);
  const moved = { path: 'elsewhere/1.jpg', content: contentOf(1), state: 'new' };
  await withJournal(async (journal) => {
    expect(journal.contentOf(moved.path, moved.state)).toBeUndefined();
    await journal.recognize(moved);
  });
  const { size } = statSync(file());
  await withJournal(async (journal) => {
    expect(journal.contentOf(moved.path, 'new')).toBe(contentOf(1));
    expect(journal.contentOf(moved.path, 'newer')).toBeUndefined();
    expect(journal.contentOf(moved.path, undefined)).toBeUndefined();
    expect(journal.report.photos).toBe(1);
    await journal.recognize(moved);
  });
  expect(statSync(file()).size).toBe(size);
});

test('a journal that is mostly about photos that are gone is written anew, without them', async () => {
  const many = Array.from({ length: 60 }, (_, n) => n);
  const there = join(temp(), 'there.jpg');
  writeFileSync(there, '');
  await withJournal(async (journal) => {
    for (const n of many) await journal.add(photo(n), resultOf(n, 100));
    await journal.add({ ...photo(100), path: there }, resultOf(100));
  });
  await withJournal((journal) => journal.add(photo(1), resultOf(1)), CNN);
  const before = readFileSync(file());
  await withJournal((journal) => journal.tidy(new Set(many.map(contentOf))));
  expect(readFileSync(file()).equals(before)).toBe(true);

  await withJournal((journal) => journal.tidy(new Set([1, 2].map(contentOf))));
  expect(statSync(file()).size).toBeLessThan(before.length / 10);
  await withJournal(async (journal) => {
    // 1 and 2 were used; 100 was not, but its file is there: it belongs to another part of the collection.
    expect(journal.report).toMatchObject({ photos: 3, others: [], damaged: 0 });
    expect(await journal.read(entryFor(journal, 2))).toEqual(resultOf(2, 100));
    expect(await journal.read(entryFor(journal, 100))).toEqual(resultOf(100));
    expect(journal.contentOf(photo(2).path, photo(2).state)).toBe(contentOf(2));
  });
  await withJournal(async (journal) => {
    expect(await journal.read(entryFor(journal, 1))).toEqual(resultOf(1));
  }, CNN);
});

test('a journal that is removed while at work is noticed', async () => {
  await withJournal(async (journal) => {
    await journal.add(photo(1), resultOf(1));
    rmSync(file());
    await expect(journal.sync()).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringContaining(file()),
    });
    await expect(journal.add(photo(2), resultOf(2))).rejects.toMatchObject({ code: 'FACE_IO' });
  });
});

test('a journal that another program changes while at work is not misread', async () => {
  await withJournal(async (journal) => {
    const entry = await journal.add(photo(2), resultOf(2));
    const bytes = readFileSync(file());
    bytes.fill('7', bytes.length - 40, bytes.length - 10);
    writeFileSync(file(), bytes);
    await expect(journal.read(entry)).rejects.toMatchObject({ code: 'FACE_JOURNAL_INVALID' });
  });
  await withJournal(async (journal) => {
    const entry = await journal.add(photo(4), resultOf(4));
    truncateSync(file(), 10);
    await expect(journal.read(entry)).rejects.toMatchObject({ code: 'FACE_IO' });
  });
});

test('many photos at once: each record whole, each where it was said to be', async () => {
  await withJournal(async (journal) => {
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    const entries = await Promise.all(numbers.map((n) => journal.add(photo(n), resultOf(n))));
    for (const n of [0, 299, 5, 150, 151]) {
      expect(await journal.read(entries[n] as JournalEntry)).toEqual(resultOf(n));
    }
  });
  await withJournal((journal) =>
    expect(journal.report).toMatchObject({ photos: 300, damaged: 0, cutOff: 0 }),
  );
});

test('a second run on one file is refused, also by another path, and can begin when the first has ended', async () => {
  symlinkSync(encodings(), join(temp(), 'link.pickle'));
  writeFileSync(encodings(), '');
  await withJournal(async () => {
    for (const path of [encodings(), join(temp(), 'link.pickle')]) {
      await expect(Journal.open(path, HOG)).rejects.toMatchObject({
        code: 'FACE_LOCKED',
        message: expect.stringContaining(`process ${process.pid}`),
      });
    }
  });
  await withJournal(() => {});
  expect(readdirSync(temp()).sort()).toEqual(['faces.pickle', 'faces.pickle.journal', 'link.pickle']);
});

test('names as long as names can be', async () => {
  const long = join(temp(), 'n'.repeat(250));
  const journal = await Journal.open(long, HOG);
  await journal.close();
  expect(existsSync(journal.report.path)).toBe(true);
});

test('a folder in the place of the journal is an error, and no lock stays', async () => {
  mkdirSync(file());
  await expect(Journal.open(encodings(), HOG)).rejects.toMatchObject({ code: 'FACE_IO' });
  expect(readdirSync(temp())).toEqual(['faces.pickle.journal']);
});

test('the journal is for the user alone', async () => {
  await add(1);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('lines that are no records of ours are counted as damaged', async () => {
  await add(1);
  appendFileSync(file(), Buffer.concat([encodeLine({ some: 'thing' }), encodeLine([1]), Buffer.from('\n')]));
  await withJournal((journal) => expect(journal.report).toMatchObject({ photos: 1, damaged: 3 }));
});

test('the state of a file tells every change: content, times set back, another file in its place', () => {
  const path = join(temp(), 'a.jpg');
  writeFileSync(path, 'one');
  const stats = statSync(path, { bigint: true });
  const later = Date.now() + 60_000;
  const state = photoState(stats, later);
  expect(state).toBeDefined();
  const other = (change: Partial<typeof stats>) => photoState({ ...stats, ...change } as typeof stats, later);
  expect(other({})).toBe(state);
  for (const change of [{ size: 4n }, { mtimeNs: 1n }, { ctimeNs: 1n }, { ino: 1n }]) {
    expect(other(change)).not.toBe(state);
  }
});

test('the state of a file that was changed just now proves nothing', () => {
  const path = join(temp(), 'a.jpg');
  writeFileSync(path, 'one');
  const stats = statSync(path, { bigint: true });
  const changed = Number(stats.ctimeMs);
  expect(photoState(stats, changed + 2000)).toBeUndefined();
  expect(photoState(stats, changed - 60_000)).toBeUndefined();
  expect(photoState(stats, changed + 3100)).toBeDefined();
});
