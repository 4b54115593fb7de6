import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { forgetPeople } from '../../src/album/forget';
import { EmbeddedPackets } from '../../src/album/packet-store';
import { tagPhotos } from '../../src/album/tag';
import { overlap } from '../../src/base/box';
import { FaceError } from '../../src/base/errors';
import { readNamesInPhoto } from '../../src/metadata/names-in-photo';
import type { PersonId } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { arrangePeople } from '../../src/sort/arrange';
import { suggestPeople } from '../../src/sort/suggestions';
import { sha256 } from '../../src/system/sha256';
import { PeopleSession } from '../../src/web/session';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { testWithTools } from '../support/metadata-tools';
import { rejection } from '../support/photos';
import { filesIn, formsOfEncoding, formsOfName, tracesIn } from '../support/traces';
import { type Cast, drawPhotos, encodingOf, inTests, sortDrawn } from '../web/support';
import { faceOf, looking } from './support';

const temp = useTempFolder();
const NAME = 'Zoë "Zed" Ünal';
const BEN = 2;
const CARLA = 3;

/** By their numbers of faces, people are 1, 2 and 3 in what follows, too. */
const CAST: Cast = {
  'a1.png': [1, 2],
  'a2.png': [1, 2],
  'a3.png': [1],
  'a4.png': [1, 0],
  'a5.png': [1],
  'gone.png': [1],
  'b1.png': [2],
  'b2.png': [2],
  'c1.png': [3, 1],
  'c2.png': [3],
  'c3.png': [3],
};

const sort = (options = {}) => sortDrawn({ photos: temp('photos'), output: temp('people'), ...options });

/** All encodings of somebody on the photos of {@link CAST}, mirror images included. */
function encodingsOf(person: PersonId, cast = CAST, first = 1): Float64Array[] {
  return Object.values(cast).flatMap((on, i) =>
    on.includes(person) ? [0, 1].map((mirror) => encodingOf(person, 2 * (first + i) + mirror)) : [],
  );
}

function tracesOf(name: string, encodings: readonly Float64Array[]): Record<string, Buffer[]> {
  return {
    name: formsOfName(name),
    ...Object.fromEntries(encodings.map((encoding, i) => [`encoding ${i}`, formsOfEncoding(encoding)])),
  };
}

/** People 1, 2 and 3, of whom the first has left traces wherever somebody can. */
async function somebody(): Promise<void> {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  // Another detector's results stay in the journal.
  await sort({ detectSize: 700 });
  rmSync(temp('photos/gone.png'));
  await sort();
  const output = temp('people');
  await arrangePeople({
    output,
    decide: async ({ people }) => {
      await people.decide([
        { do: 'name', person: 1, name: NAME },
        { do: 'name', person: BEN, name: 'Ben' },
        { do: 'differ', person: 1, other: CARLA },
      ]);
      await people.cover(await faceOf(output, 1, temp('photos/a3.png')));
      await people.cover(await faceOf(output, BEN, temp('photos/a1.png')));
      await people.not(await faceOf(output, CARLA, temp('photos/c1.png')), 1);
      const { as } = await people.split([await faceOf(output, 1, temp('photos/a5.png'))]);
      await people.name(as, `${NAME} as a child`);
      await people.merge(as, 1);
      await people.hide(1);
      await people.undo();
    },
  });
  renameSync(temp('people', folderOf('Zoë _Zed_ Ünal')), temp('people', 'Zoë _Zed_ Ünal of old'));
  await arrangePeople({ output });
  await arrangePeople({ output, decide: ({ people }) => people.name(1, NAME) });
  await suggestPeople({ output });
  // A face that looks like 2 is added, and said to be 1.
  const session = await PeopleSession.open(output, { engine: inTests });
  const photo = session.page('photos', 0)?.find(({ path }) => path.endsWith('a4.png'));
  const { face } = await session.addFace({ photo: photo?.id as string, box: [10, 150, 90, 90] });
  await session.decide([{ do: 'is', faces: [face], person: 1 }]);
  await session.close();
  await arrangePeople({ output });
  // What killed runs and the page leave.
  mkdirSync(temp('people/.data/pictures/faces/00'), { recursive: true });
  writeFileSync(temp('people/.data/pictures/faces/00/1.jpg'), 'a picture');
  const [, space] = /"space":"(\w+)"/.exec(await lockOf(output)) ?? [];
  const left = temp('people/.data', `.face-cluster-${space}-4194305-1-0123456789ab.tmp`);
  mkdirSync(left);
  cpSync(temp('people/.data/faces.pickle'), `${left}/faces.pickle`);
  cpSync(temp('people/.data/people.jsonl'), temp('people/.data/people.jsonl.0123abcd.old'));
  cpSync(temp('people/.data/faces.pickle.journal'), temp('people/.data/known.pickle.journal'));
  appendFileSync(temp('people/.data/faces.pickle.journal'), `00000000 {"path":"${NAME}"}\n`);
}

/** What stands in the lock of a people folder. */
async function lockOf(output: string): Promise<string> {
  await using _ = await People.open(`${output}/.data/people.jsonl`);
  return readFileSync(`${output}/.data/people.jsonl.lock`, 'utf8');
}

function folderOf(title: string): string {
  const found = readdirSync(temp('people')).find((name) => name.startsWith(title));
  if (found === undefined) throw new Error(`no folder ${title}`);
  return found;
}

/** What others are, whoever else there is. */
function others(person = 1) {
  return looking(temp('people'), (people) => people.list().filter(({ id }) => id !== person));
}

const added = [500, 600].map((seed) => encodingOf(2, seed));

test('no byte of them is left, and everybody else is who they were', async () => {
  await somebody();
  const output = temp('people');
  const wanted = tracesOf(NAME, [...encodingsOf(1), ...added]);
  const before = tracesIn(output, wanted);
  for (const what of Object.keys(wanted))
    expect(before).toEqual(expect.arrayContaining([expect.stringContaining(what)]));
  for (const file of ['people.jsonl', 'folder.jsonl', 'people.jsonl.0123abcd.old']) {
    expect(before).toContain(`.data/${file}: name`);
  }
  for (const file of ['faces.pickle', 'faces.pickle.journal'])
    expect(before).toContain(`.data/${file}: encoding 0`);
  const [first] = before.filter((trace) => trace.startsWith('.data/added.jsonl'));
  expect(first).toBeDefined();
  const { faces } = (await looking(output, (people) => people.list().find(({ id }) => id === 1))) ?? {
    faces: [],
  };
  const picturesBefore = new Map([...filesIn(output)].filter(([file]) => /[.](jpg|packed)$/.test(file)));
  const decisionsOfOthers = await looking(output, (people) =>
    people.decisions().filter((made) => 'person' in made && made.person === BEN && made.counts),
  );
  const rest = await others();

  const summary = await forgetPeople({ output, people: 1 });
  expect(summary).toMatchObject({
    // That on a photo that is gone included.
    forgotten: [{ id: 1, faces: 8, photos: 7 }],
    left: [],
    ended: false,
    problems: [],
  });
  expect(tracesIn(output, wanted)).toEqual([]);
  expect(await others()).toEqual(rest.map((one) => ({ ...one, decided: one.id === BEN })));
  expect(await looking(output, (people) => people.whoIs(1))).toBeUndefined();
  expect(decisionsOfOthers.length).toBeGreaterThan(1);
  const decisions = await looking(output, (people) => people.decisions());
  expect(decisions.map(({ do: kind, at }) => [kind, at])).toEqual(
    decisionsOfOthers.map(({ do: kind, at }) => [kind, at]),
  );

  // Pictures are of those who are still there: as many as their faces, and none is of a face that is forgotten.
  const all = filesIn(output);
  const left = faces.flatMap(({ photo, box: { top, right, bottom, left } }) => {
    const id = `${photo.slice(0, 16)}_${top}_${right}_${bottom}_${left}`;
    return [...all].flatMap(([file, bytes]) => (bytes.includes(id) ? file : []));
  });
  expect(left).toEqual([]);
  const tiles = [...all.keys()].filter((file) => file.endsWith('.packed'));
  const now = await looking(output, (people) => people.list().flatMap((one) => one.faces));
  expect(tiles).toHaveLength(now.length);
  expect([...picturesBefore.keys()].filter((file) => file.endsWith('.packed'))).toHaveLength(
    now.length + faces.length,
  );
  expect(existsSync(temp('people/.data/pictures'))).toBe(false);
  expect(
    readdirSync(temp('people/.data')).filter((name) => /[.](tmp|old)$|^forgetting|^suggested/.test(name)),
  ).toEqual([]);
  // The photos are where they were.
  expect(readdirSync(temp('photos'))).toEqual(
    Object.keys(CAST)
      .filter((name) => name !== 'gone.png')
      .sort(),
  );
});

test('faces on photos that are excluded just then are forgotten, too, and counted', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  const theirs = Object.keys(CAST).filter((name) => CAST[name]?.includes(1));
  await sort({ exclude: theirs });
  expect(await looking(temp('people'), (people) => people.list().map(({ id }) => id))).not.toContain(1);
  const { forgotten } = await forgetPeople({ output: temp('people'), people: 1 });
  expect(forgotten).toEqual([{ id: 1, faces: theirs.length, photos: theirs.length }]);
  const lines = readFileSync(temp('people/.data/forgotten.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(1 + theirs.length);
});

test('no later run finds them again, however it looks; what is new of them is somebody new', async () => {
  await somebody();
  const output = temp('people');
  const wanted = tracesOf(NAME, encodingsOf(1));
  const photosOf = async () =>
    new Map((await others()).map(({ id, name, photos }) => [id, { name, photos }]));
  const rest = await photosOf();
  await forgetPeople({ output, people: [1] });
  for (const options of [
    {},
    { fresh: true },
    { fresh: true, detectSize: 500 },
    { regroup: true, fresh: true },
  ]) {
    const { encode } = await sort(options);
    expect(encode.photosFailed).toBe(0);
    expect(tracesIn(output, wanted)).toEqual([]);
    if (!('regroup' in options)) expect(await photosOf()).toEqual(rest);
  }
  const forgotten = readFileSync(temp('people/.data/forgotten.jsonl'), 'utf8');
  expect(forgotten).not.toMatch(/person|name/);
  expect(forgotten.split('\n').filter((line) => line.includes('"box"')).length).toBe(8);

  const more: Cast = { 'n1.png': [1], 'n2.png': [1], 'n3.png': [1] };
  await drawPhotos(temp('photos'), more, 40);
  const { changes } = await sort();
  expect(changes.newPeople).toHaveLength(1);
  expect(changes.newPeople[0]).toBeGreaterThan(4);
  expect(
    await looking(output, (people) => people.list().find(({ id }) => id === changes.newPeople[0])),
  ).toMatchObject({
    photos: 3,
    name: undefined,
  });
});

test('a face that overlaps with a forgotten one, but is somebody else, stays', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  const output = temp('people');
  const session = await PeopleSession.open(output, { engine: inTests });
  const photo = session.page('photos', 0)?.find(({ path }) => path.endsWith('a3.png'));
  // Beside the face of 1, of which it covers a good part.
  const { face } = await session.addFace({ photo: photo?.id as string, box: [10, 79, 90, 52] });
  await session.decide([{ do: 'is', faces: [face], person: BEN }]);
  await session.close();
  await arrangePeople({ output });
  const [one, other] = [
    await faceOf(output, 1, temp('photos/a3.png')),
    await faceOf(output, BEN, temp('photos/a3.png')),
  ];
  expect(overlap(one.box, other.box)).toBeGreaterThan(0.2);
  const before = await others();
  await forgetPeople({ output, people: 1 });
  await sort({ fresh: true });
  expect(await others()).toEqual(before.map((person) => ({ ...person, absorbed: [] })));
});

test('the last copy of a photo is kept, and files of others stay in the folder, which is told', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort({ files: 'copy' });
  const output = temp('people');
  await arrangePeople({ output, decide: ({ people }) => people.name(1, 'Anna') });
  writeFileSync(temp('people', folderOf('Anna'), 'notes.txt'), 'mine');
  const bytes = readFileSync(temp('photos/a3.png'));
  rmSync(temp('photos/a3.png'));
  const { left, folder } = await forgetPeople({ output, people: 1 });
  expect(left).toEqual([folderOf('Anna')]);
  expect(readdirSync(temp('people', folderOf('Anna')))).toEqual(['notes.txt']);
  expect(folder.kept).toHaveLength(1);
  expect(sha256(readFileSync(temp('people', folder.kept[0]?.file ?? '')))).toBe(sha256(bytes));
});

test('nobody, or somebody else at work: nothing is forgotten', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  const output = temp('people');
  const before = await others(0);
  await expect(rejection(forgetPeople({ output, people: [1, 77] }))).resolves.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'people[1]',
  });
  await expect(rejection(forgetPeople({ output, people: 0 }))).resolves.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
  });
  await expect(rejection(forgetPeople({ output: temp('nowhere'), people: 1 }))).resolves.toMatchObject({
    code: 'FACE_IO',
  });
  expect(existsSync(temp('nowhere'))).toBe(false);
  const session = await PeopleSession.open(output, { engine: inTests });
  await expect(rejection(forgetPeople({ output, people: 1 }))).resolves.toMatchObject({
    code: 'FACE_LOCKED',
    message: expect.stringContaining('is open'),
  });
  await session.close();
  expect(await others(0)).toEqual(before);
  expect(existsSync(temp('people/.data/forgotten.jsonl'))).toBe(false);
});

test('a damaged list of forgotten faces is refused: they would be found again', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  await forgetPeople({ output: temp('people'), people: 1 });
  const path = temp('people/.data/forgotten.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"box":[', '"box":["'));
  await expect(rejection(sort({ fresh: true }))).resolves.toMatchObject({
    code: 'FACE_PEOPLE_INVALID',
    path,
  });
});

test('what "tag" has written of them is taken out of sidecars, and of the record; what can not be is told', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  const output = temp('people');
  const former = 'Zoë of old';
  await arrangePeople({
    output,
    decide: ({ people }) =>
      people.decide([
        { do: 'name', person: 1, name: former },
        { do: 'name', person: BEN, name: 'Ben' },
      ]),
  });
  await tagPhotos({ output });
  await arrangePeople({ output, decide: ({ people }) => people.name(1, NAME) });
  // Somebody has not run "tag" for all of them since: both names are about.
  rmSync(temp('photos/a4.png'));
  await tagPhotos({ output });
  const foreign = '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><broken';
  writeFileSync(temp('photos/a5.png.xmp'), foreign);
  const names = { name: [...formsOfName(NAME), ...formsOfName(former)] };
  expect(tracesIn(output, names)).toContain('.data/tags.jsonl: name');
  const inSidecars = () => tracesIn(temp('photos'), names).map((trace) => trace.replace(/:.*/, ''));
  expect(inSidecars().sort()).toEqual([
    'a1.png.xmp',
    'a2.png.xmp',
    'a3.png.xmp',
    'a4.png.xmp',
    'c1.png.xmp',
    'gone.png.xmp',
  ]);
  const ofBen = readFileSync(temp('photos/b1.png.xmp'));

  const { tagged } = await forgetPeople({ output, people: 1 });
  expect(tracesIn(output, names)).toEqual([]);
  expect(tagged).toEqual([temp('photos/a5.png.xmp')]);
  expect(readFileSync(temp('photos/a5.png.xmp'), 'utf8')).toBe(foreign);
  expect(inSidecars()).toEqual([]);
  expect(existsSync(temp('photos/a3.png.xmp'))).toBe(false);
  expect(readFileSync(temp('photos/a1.png.xmp'), 'utf8')).toContain('Ben');
  expect(readFileSync(temp('photos/b1.png.xmp'))).toEqual(ofBen);
  // What is left of others is still known to be ours.
  rmSync(temp('photos/a5.png.xmp'));
  await tagPhotos({ output, remove: true });
  expect(readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'))).toEqual([]);
});

test('a name that is part of others’ names, and of what XMP is made of: what is theirs is still on record', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  const output = temp('people');
  await arrangePeople({
    output,
    decide: ({ people }) =>
      people.decide([
        { do: 'name', person: 1, name: 'Li' },
        { do: 'name', person: BEN, name: 'Lilli' },
        { do: 'name', person: CARLA, name: 'Li' },
      ]),
  });
  await tagPhotos({ output });

  const { tagged } = await forgetPeople({ output, people: 1 });
  expect(tagged).toEqual([]);
  expect((await readNamesInPhoto(temp('photos/a1.png'))).people).toEqual(['Lilli']);
  expect((await readNamesInPhoto(temp('photos/c1.png'))).people).toEqual(['Li']);
  await tagPhotos({ output, remove: true });
  expect(readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'))).toEqual([]);
});

test('a sidecar that can not be written any more is told, not said to be without them', async () => {
  await drawPhotos(temp('photos'), CAST);
  await sort();
  const output = temp('people');
  await arrangePeople({ output, decide: ({ people }) => people.name(1, NAME) });
  const foreign =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>';
  const large = temp('photos/a3.png.xmp');
  writeFileSync(large, foreign + ' '.repeat(5_000_000));
  await tagPhotos({ output });

  const { code, stdout } = await runCli(['forget', '1', '--yes', '-o', output], {
    cwd: temp(),
    fileLimitKilobytes: 4_000,
  });
  expect(stdout).toMatch(/Still have the name.*:\n.*a3\.png\.xmp/);
  expect(code).toBe(3);
  const names = { name: formsOfName(NAME) };
  expect(tracesIn(temp('photos'), names).map((trace) => trace.replace(/:.*/, ''))).toEqual(['a3.png.xmp']);
  expect(tracesIn(output, names)).toEqual([]);
});

testWithTools(
  ['exiftool'],
  'names that are in the photos themselves go, too, and the photos that come of that show nobody new',
  async () => {
    await drawPhotos(temp('photos'), CAST);
    await sort();
    const output = temp('people');
    await arrangePeople({
      output,
      decide: ({ people }) =>
        people.decide([
          { do: 'name', person: 1, name: NAME },
          { do: 'name', person: BEN, name: 'Ben' },
        ]),
    });
    await tagPhotos({ output, embed: true });
    const wanted = tracesOf(NAME, encodingsOf(1));
    const named = () => tracesIn(temp('photos'), { name: wanted.name ?? [] });
    expect(named().filter((trace) => /png: name$/.test(trace))).toHaveLength(7);
    const rest = await others();

    const { tagged, problems } = await forgetPeople({ output, people: 1 });
    expect([tagged, problems]).toEqual([[], []]);
    expect(named()).toEqual([]);
    expect(tracesIn(output, wanted)).toEqual([]);
    const photosOf = async () => (await others()).map(({ id, name, photos }) => [id, name, photos]);
    expect(await photosOf()).toEqual(rest.map(({ id, name, photos }) => [id, name, photos]));
    expect((await readNamesInPhoto(temp('photos/a1.png'))).people).toEqual(['Ben']);
    for (const fresh of [false, true]) {
      await sort({ fresh });
      expect(tracesIn(output, wanted)).toEqual([]);
      expect(await photosOf()).toEqual(rest.map(({ id, name, photos }) => [id, name, photos]));
    }
  },
);

testWithTools(
  ['exiftool'],
  'of photos that can not be written it is told that they still have the name; somebody else of that name keeps it',
  async () => {
    await drawPhotos(temp('photos'), CAST);
    await sort();
    const output = temp('people');
    await arrangePeople({
      output,
      decide: ({ people }) =>
        people.decide([
          { do: 'name', person: 1, name: 'Anna & Co' },
          { do: 'name', person: BEN, name: 'Anna & Co' },
        ]),
    });
    await tagPhotos({ output });
    const all = readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'));
    expect(all.length).toBeGreaterThan(8);
    expect(await forgetPeople({ output, people: 1 })).toMatchObject({ tagged: [] });
    const left = readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'));
    expect(left).toEqual(['a1.png.xmp', 'a2.png.xmp', 'b1.png.xmp', 'b2.png.xmp']);
    expect((await readNamesInPhoto(temp('photos/a1.png'))).regions).toHaveLength(1);

    await tagPhotos({ output, embed: true });
    const write = jest
      .spyOn(EmbeddedPackets.prototype, 'write')
      .mockRejectedValue(new FaceError('FACE_IO', 'The disk is read-only.'));
    const { tagged } = await forgetPeople({ output, people: BEN }).finally(() => write.mockRestore());
    expect(tagged).toEqual(['a1', 'a2', 'b1', 'b2'].map((name) => temp('photos', `${name}.png`)));
    expect(tracesIn(temp('people/.data'), { name: formsOfName('Anna & Co') })).toEqual([]);
  },
);
