import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tagPhotos } from '../../src/album/tag';
import { faceKey } from '../../src/people/faces';
import { People } from '../../src/people/people';
import { arrangePeople } from '../../src/sort/arrange';
import type { SortSummary } from '../../src/sort/sort';
import { useTempFolder } from '../support/files';
import { runTool, testWithTools } from '../support/metadata-tools';
import { turnOver } from '../support/photos';
import { drawPhotos, sortDrawn } from '../web/support';

const temp = useTempFolder();

const photosOf = (people: readonly number[], count: number, name: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name} ${i}.png`, people]));

/** Anna is 1 and, on later photos, 5; Ben is 2; 3 and 4 were one by mistake; 6 has no name; 7 is on one photo only. */
const CAST = {
  ...photosOf([1, 2], 8, 'both'),
  ...photosOf([5, 2], 4, 'later'),
  ...photosOf([3, 6], 5, 'others'),
  ...photosOf([0, 4], 3, 'more'),
  'once.png': [2, 7],
};

/** Whose the face is that some person was drawn as. */
async function called(output: string): Promise<Record<string, string>> {
  const people = await People.open(join(output, '.data/people.jsonl'), { readOnly: true });
  const faces = people
    .list()
    .flatMap(({ name, faces }) =>
      faces.flatMap((face): [string, string][] => (name === undefined ? [] : [[faceKey(face), name]])),
    );
  return Object.fromEntries(faces.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const sort = (output: string, namesFromPhotos = false): Promise<SortSummary> =>
  sortDrawn({ photos: temp('photos'), output: temp(output), files: 'hardlink', namesFromPhotos });

/** Names people, makes two one, and takes a photo's face out for somebody new. */
async function decide(): Promise<void> {
  await arrangePeople({
    output: temp('people'),
    decide: async ({ people, photoAt, facesOn }) => {
      const on = async (photo: string) => facesOn((await photoAt(temp('photos', photo))) as string);
      const [anna, ben] = await on('both 0.png');
      const [later] = await on('later 0.png');
      const [other] = await on('others 0.png');
      const [more] = await on('more 0.png');
      const [, once] = await on('once.png');
      await people.decide([
        { do: 'name', person: anna?.person as number, name: 'Anna' },
        { do: 'name', person: ben?.person as number, name: 'Ben & Co' },
        { do: 'merge', person: later?.person as number, into: anna?.person as number },
        { do: 'name', person: other?.person as number, name: 'Carl' },
        { do: 'name', person: more?.person as number, name: 'carl maier' },
        { do: 'split', faces: [once?.face as never], name: 'Zoë' },
      ]);
    },
  });
}

beforeEach(async () => {
  await drawPhotos(temp('photos'), CAST);
});

async function turnAll(): Promise<void> {
  for (const [i, name] of readdirSync(temp('photos')).sort().entries()) {
    await turnOver(temp('photos', name), (i % 8) + 1);
  }
}

test('a new folder takes over the names that tag has written, from photos turned in all ways', async () => {
  await turnAll();
  await sort('people');
  await decide();
  await tagPhotos({ output: temp('people') });
  const before = await called(temp('people'));
  expect(new Set(Object.values(before))).toEqual(new Set(['Anna', 'Ben & Co', 'Carl', 'carl maier', 'Zoë']));

  const summary = await sort('again', true);
  expect(await called(temp('again'))).toEqual(before);
  expect(summary.takenOver.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^Person \d+ is called Anna, Person \d+ is Anna: so 12 photos say$/),
  );
  expect(summary.people.map(({ folder }) => folder)).toEqual(
    expect.arrayContaining(['Anna (12)', 'Ben & Co (13)', 'Carl (5)', 'carl maier (3)', 'Zoë (1)']),
  );

  const next = await sort('again', true);
  expect(next.takenOver).toEqual([]);
  expect(next.folder.placed).toEqual({ hardlink: 0, copy: 0, symlink: 0 });
  expect(await called(temp('again'))).toEqual(before);
});

test('names are not looked for unless that is asked for, at once or later', async () => {
  await sort('people');
  await decide();
  await tagPhotos({ output: temp('people') });
  expect((await sort('again')).people.every(({ name }) => name === undefined)).toBe(true);
  await sort('again', true);
  expect(await called(temp('again'))).toEqual(await called(temp('people')));
});

testWithTools(['exiftool'], 'names in the photos themselves are taken over, too', async () => {
  await sort('people');
  await decide();
  await tagPhotos({ output: temp('people') });
  const names = Object.values(await called(temp('people'))).sort();
  for (const sidecar of readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'))) {
    const photo = temp('photos', sidecar.replace(/\.xmp$/, ''));
    runTool('exiftool', [
      '-q',
      '-overwrite_original',
      '-tagsfromfile',
      temp('photos', sidecar),
      '-all:all',
      photo,
    ]);
    rmSync(temp('photos', sidecar));
  }
  await sort('again', true);
  expect(Object.values(await called(temp('again'))).sort()).toEqual(names);
});
