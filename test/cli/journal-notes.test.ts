import { join } from 'node:path';
import { Important } from '../../src/cli/important';
import { journalNotes } from '../../src/cli/journal-notes';
import { Journal } from '../../src/encode/journal/journal';
import { type EncodeSettings, encodeSettings } from '../../src/encode/journal/settings';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const NOW = encodeSettings({ method: 'cnn', upsample: 1, numJitters: 1 });

/** What a run is told that finds a photo encoded with these settings. */
async function notesAfter(earlier: EncodeSettings): Promise<string[]> {
  const encodings = join(temp(), 'faces.pickle');
  const before = await Journal.open(encodings, earlier);
  await before.add({ path: 'a.jpg', content: 'a', state: undefined }, { width: 1, height: 1, faces: [] });
  await before.close();
  const journal = await Journal.open(encodings, NOW);
  await journal.close();
  return journalNotes(journal.report).map((note) => `${note}`.replace(temp(), ''));
}

test('results of the same settings are known, and nothing else is said', async () => {
  expect(await notesAfter(NOW)).toEqual(['1 photo known from before (/faces.pickle.journal).']);
});

test.each<[string, Partial<EncodeSettings>]>([
  ['with -d hog before, now with -d cnn', { method: 'hog' }],
  ['with another detector model, which gives other boxes', { models: { ...NOW.models, mmod: 'be467b1a' } }],
  ['by an earlier version of this program', { revision: NOW.revision - 1 }],
  ['by a later version of this program', { revision: NOW.revision + 1 }],
  [
    'with another detector model, which gives other boxes and by an earlier version of this program',
    { models: { ...NOW.models, mmod: 'be467b1a' }, revision: NOW.revision - 1 },
  ],
  [
    'with --upsample 2, --num-jitters 3 before, now with --upsample 1, --num-jitters 1 and with another recognition model, which gives other encodings',
    { upsample: 2, numJitters: 3, models: { ...NOW.models, resnet: '0' } },
  ],
  [
    'with -d hog, --detect-size 1600 before, now with -d cnn, no --detect-size',
    { method: 'hog', detectSize: 1600 },
  ],
])('nobody wonders why his photos are worked on anew: they were encoded %s', async (how, change) => {
  expect(await notesAfter({ ...NOW, ...change })).toEqual([
    `1 photo was encoded ${how}: this is done anew, and the earlier results are kept.`,
  ]);
});

test.each([
  [1, '1 entry of /j was damaged; this photo is encoded anew. Is the disk failing?'],
  [2, '2 entries of /j were damaged; these photos are encoded anew. Is the disk failing?'],
])('%i damaged', (damaged, words) => {
  const files = { photos: 0, videos: 0 };
  const rest = { settings: NOW, others: [], dropped: files, cutOff: 0 };
  expect(journalNotes({ path: '/j', ...files, ...rest, damaged })).toEqual([new Important(words)]);
});
