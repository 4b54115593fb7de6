import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { findPhotos } from '../../src/album/find';
import { forgetPeople } from '../../src/album/forget';
import { type TagPhotosOptions, tagPhotos } from '../../src/album/tag';
import type { JournalReport } from '../../src/encode/journal/journal';
import { storeResult } from '../../src/encode/journal/records';
import { readNamesInPhoto } from '../../src/metadata/names-in-photo';
import type { DecisionToMake, FaceOnPhoto } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { arrangePeople } from '../../src/sort/arrange';
import { sha256 } from '../../src/system/sha256';
import { useTempFolder } from '../support/files';
import { runTool, testWithTools } from '../support/metadata-tools';
import { foldersOf } from '../support/people-folder';
import { boxIn, type Cast, drawPhotos, encodingOf, sortDrawn } from '../web/support';

/*
 * Names written into the photos themselves: other files by their bytes, and the same photos to everybody who has named somebody on
 * them, or said who they are not.
 */
const temp = useTempFolder();

const CAST: Cast = { 'a.png': [1, 2], 'b c "%d".png': [1, 2], '#ü.png': [2, 1], 'd.png': [1, 3] };

const photo = (name: string) => temp('photos', name);
const people = () => temp('people');
const tag = (options: Partial<TagPhotosOptions> = {}) =>
  tagPhotos({ output: people(), embed: true, ...options });
const sort = (options = {}) =>
  sortDrawn({ photos: temp('photos'), output: people(), minPhotos: 1, ...options });

async function decide(
  make: (
    face: (name: string, stripe: number) => { face: FaceOnPhoto; person: number },
  ) => readonly DecisionToMake[],
) {
  await arrangePeople({
    output: people(),
    decide: async ({ people, photoAt, facesOn }) => {
      const all = new Map<string, ReturnType<typeof facesOn>>();
      for (const name of Object.keys(CAST)) all.set(name, facesOn((await photoAt(photo(name))) as string));
      const at = (name: string, stripe: number) =>
        all.get(name)?.find(({ face }) => face.box.left === boxIn(stripe).left) as {
          face: FaceOnPhoto;
          person: number;
        };
      await people.decide(make(at));
    },
  });
}

/** Puts XMP into a photo. */
async function putXmp(name: string, xmp: string): Promise<void> {
  writeFileSync(
    photo(name),
    await sharp(readFileSync(photo(name)))
      .withXmp(xmp)
      .png()
      .toBuffer(),
  );
}

/** Who is who: numbers, names, on how many photos, and what was decided. */
async function known() {
  const opened = await People.open(temp('people/.data/people.jsonl'), { readOnly: true });
  try {
    return {
      list: opened.list().map(({ id, name, faces, photos }) => ({ id, name, faces: faces.length, photos })),
      decisions: opened.decisions().filter(({ counts }) => counts).length,
    };
  } finally {
    await opened.close();
  }
}

/** An encoding as journals have it. */
function packed(encoding: Float64Array): string {
  const { faces } = storeResult({ width: 0, height: 0, faces: [{ box: boxIn(0), score: 0, encoding }] });
  return faces[0]?.encoding as string;
}

/** An engine that nobody is to ask. */
const idle = {
  jobs: 1,
  detectAndEncode: async (): Promise<never> => {
    throw new Error('A photo was looked at again.');
  },
};

beforeEach(async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  await decide((at) => [
    { do: 'name', person: at('a.png', 0).person, name: 'Anna' },
    { do: 'name', person: at('a.png', 1).person, name: 'Bén "B" & Co' },
    { do: 'name', person: at('d.png', 1).person, name: 'Dora' },
    // Nobody's from now on.
    { do: 'not', face: at('d.png', 0).face, person: at('a.png', 0).person },
  ]);
});

testWithTools(['exiftool'], 'names are in the photos, and everybody is who they were', async () => {
  const before = await known();
  const folders = foldersOf(people());
  const pixels = await sharp(photo('a.png')).raw().toBuffer();
  const original = readFileSync(photo('a.png'));

  const { changes, problems } = await tag();
  expect(problems).toEqual([]);
  expect(changes.map(({ photo, change }) => [photo, change])).toEqual(
    ['#ü.png', 'a.png', 'b c "%d".png', 'd.png'].map((name) => [photo(name), 'created']),
  );
  const [said] = JSON.parse(runTool('exiftool', ['-j', '-struct', '-RegionInfo', photo('a.png')]));
  expect(said.RegionInfo.RegionList.map(({ Name }: { Name: string }) => Name)).toEqual([
    'Anna',
    'Bén "B" & Co',
  ]);
  expect((await readNamesInPhoto(photo('#ü.png'))).people).toEqual(['Bén "B" & Co', 'Anna']);
  expect(await sharp(photo('a.png')).raw().toBuffer()).toEqual(pixels);
  expect(readFileSync(`${photo('a.png')}_original`)).toEqual(original);
  expect(readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'))).toEqual([]);

  // At once, and after all that runs can do.
  expect(await known()).toEqual(before);
  expect(foldersOf(people())).toEqual(folders);
  const { encode } = await sort({
    engine: idle,
    // What the photos were before is known, too, and is none of them any more.
    onJournal: ({ photos, others }: JournalReport) => expect([photos, others]).toEqual([4, []]),
  });
  expect(encode).toMatchObject({ photosFailed: 0, photosKnown: 4 });
  expect(await known()).toEqual(before);
  await sort({ fresh: true });
  expect(await known()).toEqual(before);
  await arrangePeople({ output: people() });
  expect(await known()).toEqual(before);
  expect(foldersOf(people())).toEqual(folders);

  // The folders have the photos as they are now, and of nothing a last copy.
  const now = sha256(readFileSync(photo('a.png')));
  const all = [...folders].flatMap(([title, names]) =>
    names.filter((name) => name === 'a.png').map(() => title),
  );
  expect(all.length).toBeGreaterThan(1);
  for (const name of readdirSync(people())) {
    const copy = join(people(), name, 'a.png');
    if (existsSync(copy)) expect(sha256(readFileSync(copy))).toBe(now);
  }
});

testWithTools(
  ['exiftool'],
  'a second run writes nothing, another name takes the place of the first, and all is taken out again',
  async () => {
    // Somebody else's.
    execFileSync('exiftool', [
      '-q',
      '-overwrite_original',
      '-XMP-dc:Title=Mine',
      '-XMP-iptcExt:PersonInImage=Carl',
      photo('a.png'),
    ]);
    await sort();
    const before = runTool('exiftool', ['-b', '-XMP', photo('a.png')]);
    await tag();
    const times = () => Object.keys(CAST).map((name) => statSync(photo(name)).mtimeMs);
    const first = times();
    expect((await tag()).changes).toEqual([]);
    expect(times()).toEqual(first);

    await decide((at) => [{ do: 'name', person: at('a.png', 0).person, name: 'Annette' }]);
    await tag();
    expect((await readNamesInPhoto(photo('a.png'))).people).toEqual(['Annette', 'Bén "B" & Co', 'Carl']);
    const names = await known();
    // Without "embed", photos are left alone.
    await tag({ embed: false, remove: true });
    expect((await readNamesInPhoto(photo('a.png'))).people).toEqual(['Annette', 'Bén "B" & Co', 'Carl']);

    const { problems } = await tag({ remove: true });
    expect(problems).toEqual([]);
    expect(runTool('exiftool', ['-b', '-XMP', photo('a.png')]).trimEnd()).toBe(before.trimEnd());
    expect(runTool('exiftool', ['-b', '-XMP', photo('#ü.png')])).toBe('');
    expect(await known()).toEqual(names);
    expect((await tag({ remove: true })).changes).toEqual([]);
  },
);

testWithTools(
  ['exiftool'],
  'who is forgotten after that is forgotten on the photos of before, too',
  async () => {
    await tag();
    const { list } = await known();
    const anna = list.find(({ name }) => name === 'Anna')?.id as number;
    await forgetPeople({ output: people(), people: anna });
    const others = list.filter(({ id }) => id !== anna);
    expect((await known()).list).toEqual(others);
    // Nothing is left of how she looks.
    const journal = readFileSync(temp('people/.data/faces.pickle.journal'), 'utf8');
    expect(journal).toContain(packed(encodingOf(2, 2)));
    expect(journal).not.toContain(packed(encodingOf(1, 2)));
    await sort({ fresh: true });
    expect((await known()).list).toEqual(others);
  },
);

testWithTools(
  ['exiftool'],
  'what another program writes into photos costs nobody their name either',
  async () => {
    const before = await known();
    const names = Object.keys(CAST).map(photo);
    execFileSync('exiftool', ['-q', '-XMP-dc:Title=Mine', ...names]);
    await sort();
    expect(await known()).toEqual(before);
    expect(readdirSync(people()).filter((name) => name.startsWith('kept'))).toEqual([]);
  },
);

testWithTools(['exiftool'], 'stopped halfway, everybody is who they were', async () => {
  const before = await known();
  const stop = new AbortController();
  await expect(
    tag({
      signal: stop.signal,
      onProgress: ({ phase, done }) => phase === 'tags' && done === 1 && stop.abort(),
    }),
  ).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  await sort({ engine: idle });
  expect(await known()).toEqual(before);
  await tag();
  expect(await known()).toEqual(before);
  for (const name of Object.keys(CAST).slice(0, 3))
    expect((await readNamesInPhoto(photo(name))).people).toHaveLength(2);
});

testWithTools(['exiftool'], 'a photo that exiftool can not write is a problem', async () => {
  // A picture by its head.
  writeFileSync(photo('e.png'), (await sharp(photo('a.png')).toBuffer()).subarray(0, 400));
  writeFileSync(photo('a.png'), Buffer.concat([readFileSync(photo('a.png')).subarray(0, -12)]));
  await sort();
  const { problems } = await tag();
  for (const { reason } of problems)
    expect(reason).toMatch(/exiftool could not|could not be decoded|cut off/);
});

testWithTools(
  ['exiftool'],
  'what "find" has put into a folder becomes the photo with the names in it; nothing else does',
  async () => {
    const album = (name: string) => temp('album', name);
    const find = (to = temp('album'), files?: 'copy') =>
      findPhotos({ output: people(), query: 'Anna', to, ...(files && { files }) });
    const inAlbum = () =>
      Object.fromEntries(readdirSync(temp('album')).map((name) => [name, sha256(readFileSync(album(name)))]));
    expect((await find()).placed).toMatchObject({ placed: { hardlink: 3 }, renewed: 0, there: 0 });
    await find(temp('copies'), 'copy');
    const old = readFileSync(photo('a.png'));
    // Somebody's own, which nobody but them has put there.
    copyFileSync(photo('b c "%d".png'), album('mine.png'));
    writeFileSync(album('a (2).png'), Buffer.concat([old, Buffer.from('edited')]));
    const before = inAlbum();
    await tag();
    expect((await find()).placed).toMatchObject({ placed: { hardlink: 0 }, renewed: 3, there: 0 });
    const now = (name: string) => sha256(readFileSync(photo(name)));
    expect(inAlbum()).toEqual({
      ...before,
      ...Object.fromEntries(['a.png', 'b c "%d".png', '#ü.png'].map((name) => [name, now(name)])),
    });
    expect(statSync(album('a.png')).ino).toBe(statSync(photo('a.png')).ino);
    expect((await find()).placed).toMatchObject({ renewed: 0, there: 3 });

    const tagged = readFileSync(photo('a.png'));
    // Also by what they were before the last time; and without names again.
    await decide((at) => [{ do: 'name', person: at('a.png', 1).person, name: 'Ben' }]);
    await tag();
    await tag({ remove: true });
    await sort({ engine: idle });
    for (const [to, files] of [
      [temp('album'), undefined],
      [temp('copies'), 'copy'],
    ] as const) {
      expect((await find(to, files)).placed).toMatchObject({ placed: { hardlink: 0, copy: 0 } });
      expect(sha256(readFileSync(join(to, 'a.png')))).toBe(now('a.png'));
      expect(readdirSync(to)).toHaveLength(to === temp('album') ? 5 : 3);
    }
    // Without what is known of it, there is nothing that may be replaced.
    writeFileSync(temp('people/.data/former-photos.json'), '{ damaged');
    writeFileSync(join(temp('copies'), 'a.png'), tagged);
    expect((await find(temp('copies'), 'copy')).placed).toMatchObject({ placed: { copy: 1 }, renewed: 0 });
  },
);

testWithTools(
  ['exiftool'],
  'of a photo whose own XMP is damaged that is said, and the photo stays',
  async () => {
    await putXmp('a.png', '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF');
    const before = readFileSync(photo('a.png'));
    await sort();
    await decide((at) => [{ do: 'name', person: at('a.png', 0).person, name: 'Anna' }]);
    const { problems } = await tag();
    expect(problems).toMatchObject([{ path: photo('a.png'), code: 'FACE_IO' }]);
    expect(problems[0]?.reason).toContain(
      `"${photo('a.png')}" was left as it is: the XMP inside it is damaged, or no XMP.`,
    );
    expect(problems[0]?.reason).not.toContain('Move it away');
    expect(readFileSync(photo('a.png'))).toEqual(before);
    // As it is advised there.
    const beside = await tagPhotos({ output: people() });
    expect(beside.problems).toEqual([]);
    expect(readFileSync(photo('a.png.xmp'), 'utf8')).toContain('Anna');
  },
);
