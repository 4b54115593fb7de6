import { describeSorted } from '../../src/cli/sort-summary';
import { STRICTNESS } from '../../src/cli/strictness';
import type { SortSummary } from '../../src/sort/sort';

const NO_FILES = { photos: 0, videos: 0 };

/** What a user reads of a run that has found one person who looks like several, in one line. */
function told(how: Partial<SortSummary>): string {
  const summary = {
    people: [{ id: 1, name: undefined, photos: 3, faces: 3, folder: 'Person 01 (3)', several: true }],
    encode: {
      photos: 3,
      photosFailed: 0,
      frames: 0,
      videos: 0,
      copies: [],
      files: { known: NO_FILES, done: { photos: 3, videos: 0 }, withoutFace: NO_FILES, failed: NO_FILES },
      leftOut: {
        results: [],
        hidden: { folders: 0, photos: 0, names: [] },
        excluded: { folders: 0, photos: 0 },
        unread: {},
        rawBesideJpeg: 0,
        videosOfLivePhotos: 0,
      },
    },
    faces: 3,
    unsorted: 0,
    changes: { joined: [], newPeople: [1], absorbed: [], gone: 0, mayBeOne: [] },
    takenOver: [],
    folder: { kept: [] },
    notForgotten: [],
    warnings: [],
    problems: [],
    seconds: 1,
    threshold: null,
    forNewFacesOnly: false,
    ...how,
  };
  return describeSorted(summary as unknown as SortSummary, 'people')
    .join(' ')
    .replaceAll(/\s+/g, ' ');
}

test.each<[string, string, Partial<SortSummary>]>([
  ['more strictness', ': sort --strictness strict --regroup.', {}],
  ['more strictness', ': sort --strictness strict --regroup.', { threshold: STRICTNESS.normal }],
  [
    'to find people anew, where they were found less strictly',
    'many such: sort --regroup.',
    { threshold: STRICTNESS.strict, forNewFacesOnly: true },
  ],
])('where people look like several, %s is advised', (_, advice, how) => {
  expect(told(how)).toContain(advice);
});

test('nobody is advised what was done', () => {
  const text = told({ threshold: STRICTNESS.strict });
  expect(text).toContain('into a new folder beside, and run this again. Look at them:');
  expect(text).not.toContain('strictness');
});

test.each([
  [1, '1 more was somebody else, 1 face gone with its photo'],
  [2, '2 more were somebody else, 2 faces gone with their photos'],
])('what has changed is said of %i as of one or several', (n, words) => {
  const absorbed = Array.from({ length: 5 + n }, (_, i) => ({ person: i + 2, into: 1 }));
  const changes = { joined: [], newPeople: [], absorbed, gone: n, mayBeOne: [] };
  expect(told({ changes } as unknown as Partial<SortSummary>)).toContain(words);
});
