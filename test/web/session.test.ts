import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arrangePeople } from '../../src/sort/arrange';
import { suggestPeople } from '../../src/sort/suggestions';
import type { PageDecision } from '../../src/web/api-types';
import { PeopleSession } from '../../src/web/session';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { ALIKE, blindTo, type Cast, drawPhotos, inTests, sortDrawn, standIn } from './support';

const temp = useTempFolder();

/** By their numbers of faces, people are 1, 2 and 3 in what follows, too; 4 is on one photo alone. */
const CAST: Cast = {
  'a1.png': [1, 2],
  'a2.png': [1, 2],
  'a3.png': [1],
  'a4.png': [1, 0],
  'b1.png': [2],
  'b2.png': [2],
  'c1.png': [3, 1],
  'c2.png': [3],
  'c3.png': [3],
  'd1.png': [4],
  'nobody.png': [0],
};

const sort = () => sortDrawn({ photos: temp('photos'), output: temp('people') });
const open = () => PeopleSession.open(temp('people'), { engine: inTests });

async function opened(cast = CAST) {
  await drawPhotos(temp('photos'), cast);
  await sort();
  return open();
}

/** The faces of somebody, by the names of the photos that they are on. */
function facesOf(session: PeopleSession, label: number): Map<string, string> {
  const overview = session.overview();
  const pages = Math.ceil(overview.faces / overview.pageSize);
  const all = Array.from({ length: pages }, (_, n) => session.page('faces', n) ?? []).flat();
  return new Map(
    all.filter((face) => face.label === label).map(({ path, id }) => [path.replace(/^.*\//, ''), id]),
  );
}

function shown(session: PeopleSession) {
  return session.overview().people.map(({ label, name, faces }) => [label, name, faces]);
}

test('a name is shown at once, and the folder follows', async () => {
  const session = await opened();
  expect(shown(session)).toEqual([
    [1, null, 5],
    [2, null, 4],
    [3, null, 3],
    [-1, null, 1],
  ]);
  expect(session.overview()).toMatchObject({ photos: 10, photosWithoutFaces: 1, lastingLabels: true });
  const states: number[] = [];
  const stop = session.onState(({ unapplied }) => states.push(unapplied));
  const { gesture, state } = await session.decide([{ do: 'name', person: 1, name: 'Anna' }]);
  stop();
  expect(states).toEqual([1]);
  expect(state).toMatchObject({ unapplied: 1, busy: null });
  expect(session.overview().people[0]).toMatchObject({ label: 1, name: 'Anna' });
  expect(readdirSync(temp('people'))).toContain('Person 01 (5)');
  await session.apply();
  expect(session.state).toMatchObject({ unapplied: 0, busy: null });
  expect(readdirSync(temp('people'))).toContain('Anna (5)');
  expect((await session.undo(gesture)).state.unapplied).toBe(1);
  expect(session.history()).toMatchObject([
    { undoes: gesture, counts: true, said: ['undone: Person 01 is called Anna'] },
    { gesture, by: 'view', counts: false, said: ['Person 01 is called Anna'] },
  ]);
  await session.undo(session.history()[0]?.gesture);
  expect(session.history()[0]).toMatchObject({ said: ['again: Person 01 is called Anna'] });
  await session.close();
});

test('the page of the session is the one that is exported', async () => {
  const session = await opened();
  await session.decide([
    { do: 'name', person: 1, name: 'Anna' },
    { do: 'cover', face: facesOf(session, 1).get('a3.png') as string },
  ]);
  await session.apply();
  const data = (name: string, called: string) => {
    let given: unknown[] = [];
    new Function(called, readFileSync(temp('people/.data/page/gallery/data', name), 'utf8'))(
      (...values: unknown[]) => {
        given = values;
      },
    );
    return given;
  };
  const [overview] = data('overview.js', 'setOverview') as [ReturnType<typeof session.overview>];
  const served = session.overview();
  const plain = ({ people }: Pick<typeof served, 'people'>) =>
    people.map(({ cover, folder: _, ...person }) => ({ ...person, covers: cover.length }));
  expect(plain(served)).toEqual(plain(overview));
  const [, , faces] = data('faces-0.js', 'addPage') as [string, number, { id: string }[]];
  const rest = ({
    id,
    index,
    label,
    path,
    size,
    box,
    distance,
    taken,
    sharpness,
  }: Record<string, unknown>) => ({
    ...{ id, index, label, path, size, box, distance, taken, sharpness },
  });
  expect(session.page('faces', 0)?.map((face) => rest({ ...face }))).toEqual(faces.map(rest));
  // What is served has photos without faces, too.
  const [, , photos] = data('photos-0.js', 'addPage') as [string, number, { id: string }[]];
  expect(session.page('photos', 0)?.filter(({ faces }) => faces.length > 0)).toMatchObject(
    photos.map(({ id }) => ({ id, photo: `photos/${id}` })),
  );
  expect(session.page('photos', 1)).toBeUndefined();
  const [face] = session.page('faces', 0) ?? [];
  expect(face?.thumbnail).toBe(`thumbnails/faces/${face?.id}`);
  const found = session.face(face?.id as string);
  expect(found?.photo.file?.path).toBe(face?.path);
  expect([found?.thumbnail, found?.photo.thumbnail].every((path) => path && existsSync(path))).toBe(true);
  await session.close();
});

test('a face that is not somebody goes to whom it is like, or to nobody', async () => {
  const session = await opened();
  const [face, other] = [facesOf(session, 2).get('b1.png'), facesOf(session, 3).get('c2.png')] as string[];
  await session.decide([{ do: 'is', faces: [other as string], person: 2 }]);
  expect(shown(session)).toContainEqual([2, null, 5]);
  // It is like 3, as it was.
  const { gesture } = await session.decide([{ do: 'not', faces: [other as string], person: 2 }]);
  expect(facesOf(session, 3).get('c2.png')).toBe(other);
  await session.decide([{ do: 'not', faces: [face as string], person: 2 }]);
  expect(facesOf(session, -1).get('b1.png')).toBe(face);
  await session.undo();
  await session.undo(gesture);
  expect(facesOf(session, 2).has('c2.png')).toBe(true);
  expect(facesOf(session, 2).get('b1.png')).toBe(face);
  await session.close();
});

test('decisions that are made together are undone together', async () => {
  const session = await opened();
  const faces = [...facesOf(session, 1).values()];
  const { made, gesture } = await session.decide([
    { do: 'split', faces: faces.slice(0, 2), name: 'Emma' },
    { do: 'split', faces: faces.slice(2, 3) },
    { do: 'merge', person: 2, into: 3 },
  ]);
  expect(made).toHaveLength(2);
  expect(shown(session)).toEqual([
    [3, null, 7],
    [1, null, 2],
    [made[0], 'Emma', 2],
    [made[1], null, 1],
    [-1, null, 1],
  ]);
  expect(session.history()[0]?.said).toEqual([
    '2 faces are Emma',
    `Person 0${made[0]} is called Emma`,
    `1 face is Person 0${made[1]}`,
    'Person 02 is Person 03',
  ]);
  await session.undo(gesture);
  expect(shown(session)).toContainEqual([1, null, 5]);
  expect(shown(session)).toContainEqual([2, null, 4]);
  expect(session.state.unapplied).toBe(0);
  await session.close();
});

test('who was split off may be somebody else by the end of the same gesture', async () => {
  const session = await opened();
  const face = facesOf(session, 1).get('a1.png') as string;
  const { gesture, made } = await session.decide([
    { do: 'split', faces: [face], name: 'Emma' },
    { do: 'is', faces: [face], person: 2 },
  ]);
  expect(made).toHaveLength(1);
  expect(shown(session).slice(0, 2)).toEqual([
    [2, null, 5],
    [1, null, 4],
  ]);
  const [entry] = session.history();
  expect(entry).toMatchObject({ gesture, counts: true });
  await session.undo();
  expect(facesOf(session, 1).get('a1.png')).toBe(face);
  await session.close();
});

test('a photo that another one has taken the place of is put into no folder', async () => {
  const session = await opened();
  await session.decide([{ do: 'hide', person: 3 }]);
  await session.apply();
  await session.decide([{ do: 'show', person: 3 }]);
  writeFileSync(temp('photos', 'other'), readFileSync(temp('photos', 'b1.png')));
  renameSync(temp('photos', 'other'), temp('photos', 'c2.png'));
  rmSync(temp('photos', 'c3.png'));
  const { left } = await session.apply();
  expect(left.join('\n')).toMatch(/c2\.png: .*changed/);
  expect(left.join('\n')).toMatch(/c3\.png: .*no longer there/);
  const folder = readdirSync(temp('people')).find((name) => name.startsWith('Person 03')) as string;
  expect(readdirSync(temp('people', folder))).toEqual(['c1.png']);
  await session.close();
});

test('hidden people are on no page, and neither is what is no face', async () => {
  const session = await opened();
  await session.decide([{ do: 'hide', person: 3 }]);
  expect(session.overview().hidden).toMatchObject([{ label: 3, faces: 3 }]);
  expect(facesOf(session, 3).size).toBe(0);
  const names = () => (session.page('photos', 0) ?? []).map(({ path }) => path.replace(/^.*\//, ''));
  expect(names()).toEqual(expect.arrayContaining(['c1.png']));
  expect(names()).not.toEqual(expect.arrayContaining(['c2.png']));
  const face = facesOf(session, -1).get('d1.png') as string;
  await session.decide([{ do: 'not-a-face', faces: [face] }]);
  expect(session.overview().people.map(({ label }) => label)).toEqual([1, 2]);
  expect(session.page('photos', 0)?.find(({ path }) => path.endsWith('d1.png'))?.faces).toEqual([]);
  expect(session.overview()).toMatchObject({ photos: 7, photosWithoutFaces: 2 });
  await session.undo();
  await session.decide([{ do: 'show', person: 3 }]);
  expect(session.overview()).toMatchObject({ hidden: [], photos: 10, photosWithoutFaces: 1 });
  await session.close();
});

test('what makes no sense is refused, and nothing of the gesture is decided', async () => {
  const session = await opened();
  const revision = session.state.revision;
  const face = facesOf(session, 1).get('a1.png') as string;
  const wrong: readonly (readonly [readonly unknown[], string])[] = [
    [[], 'decisions'],
    [[{ do: 'name', person: 1, name: 'Person 07' }], 'decisions[0].name'],
    [[{ do: 'name', person: 1, name: 'a'.repeat(1e6) }], 'decisions[0].name'],
    [[{ do: 'name', person: 1, name: 'A\u202eb' }], 'decisions[0].name'],
    [[{ do: 'name', person: 77, name: 'Anna' }], 'decisions[0].person'],
    [[{ do: 'name', person: '1', name: 'Anna' }], 'decisions[0].person'],
    [[{ do: 'split', faces: [face], name: '' }], 'decisions[0].name'],
    [[{ do: 'is', faces: ['0123456789abcdef_1_2_3_4'], person: 1 }], 'decisions[0].faces[0]'],
    [[{ do: 'is', faces: [], person: 1 }], 'decisions[0].faces'],
    [[{ do: 'forget', person: 1 }], 'decisions[0].do'],
    [[{ do: 'hide', person: 1, also: 2 }], 'also'],
    [
      [
        { do: 'name', person: 2, name: 'Ben' },
        { do: 'merge', person: 1, into: 1 },
      ],
      'decisions[1].into',
    ],
  ];
  for (const [decisions, argument] of wrong) {
    const error = await rejection(session.decide(decisions as PageDecision[]));
    expect(error).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument });
    expect((error as Error).message.length).toBeLessThan(1000);
  }
  expect(await rejection(session.undo())).toMatchObject({ code: 'FACE_INVALID_ARGUMENT' });
  expect(session.history()).toEqual([]);
  expect(session.state).toMatchObject({ revision, unapplied: 0 });
  await session.close();
  expect(await rejection(session.decide([{ do: 'hide', person: 1 }]))).toMatchObject({
    code: 'FACE_DISPOSED',
  });
});

test('questions are about people who are alike, and answers are not asked again', async () => {
  const photosOf = (person: number, photos: number) =>
    Object.fromEntries(Array.from({ length: photos }, (_, i) => [`${person}-${i}.png`, [person]]));
  await drawPhotos(temp('photos'), {
    ...photosOf(ALIKE, 5),
    ...photosOf(ALIKE + 1, 4),
    ...photosOf(3, 3),
  });
  await sortDrawn({ photos: temp('photos'), output: temp('people'), threshold: 0.3 });
  const session = await open();
  const { left, questions } = await session.questions();
  expect(left).toBe(1);
  const [question] = questions;
  expect(question?.people).toEqual([1, 2]);
  expect(question?.faces.map(({ label }) => label)).toEqual(question?.people);
  expect(await session.alike(1)).toEqual([{ person: 2, score: question?.score }]);
  expect(await session.alike(3)).toEqual([]);
  expect(await rejection(session.alike(9))).toMatchObject({ code: 'FACE_INVALID_ARGUMENT' });
  await session.decide([{ do: 'differ', person: 1, other: 2 }]);
  expect(await session.questions()).toEqual({ left: 0, questions: [] });
  await session.undo();
  expect((await session.questions()).left).toBe(1);
  await session.decide([{ do: 'merge', person: 2, into: 1 }]);
  expect(await session.questions()).toEqual({ left: 0, questions: [] });
  const why = await session.several(1);
  expect(why?.cut).toHaveLength(4);
  expect(why?.link.faces.map(({ label }) => label)).toEqual([1, 1]);
  expect(why?.cut.map(({ id }) => id)).toContain(why?.link.faces[0].id);
  expect(why?.cut.map(({ id }) => id)).not.toContain(why?.link.faces[1].id);
  expect(await rejection(session.several(-1))).toMatchObject({ code: 'FACE_INVALID_ARGUMENT' });
  await session.close();
});

test('what was done to the folder is taken over, at the beginning and when it is applied', async () => {
  await (await opened()).close();
  renameSync(temp('people', 'Person 02 (4)'), temp('people', 'Ben'));
  const session = await open();
  expect(shown(session)).toContainEqual([2, 'Ben', 4]);
  expect(session.state.unapplied).toBe(1);
  renameSync(temp('people', 'Person 03 (3)'), temp('people', 'Carla'));
  const { said } = await session.apply();
  expect(said[0]).toMatch(/Carla/);
  expect(shown(session)).toContainEqual([3, 'Carla', 3]);
  expect(readdirSync(temp('people'))).toEqual(expect.arrayContaining(['Ben (4)', 'Carla (3)']));
  expect(session.history().map(({ by }) => by)).toEqual(['folder', 'folder']);
  await session.close();
});

test('decisions that are made while the folders follow are left for the next time', async () => {
  const session = await opened();
  await session.decide([{ do: 'name', person: 1, name: 'Anna' }]);
  let meanwhile: Promise<unknown> | undefined;
  const busy = new Set<string>();
  session.onState((state) => {
    if (!state.busy) return;
    busy.add(state.busy.what);
    if (state.busy.what === 'Writing the page') {
      meanwhile ??= session.decide([{ do: 'name', person: 2, name: 'Ben' }]);
    }
  });
  const [first, second] = [session.apply(), session.apply()];
  await first;
  await meanwhile;
  expect(busy).toContain('Updating the folders');
  await second;
  expect(readdirSync(temp('people'))).toEqual(expect.arrayContaining(['Anna (5)', 'Ben (4)']));
  expect(session.state).toMatchObject({ unapplied: 0, busy: null });
  await session.close();
});

test('how much is unapplied is known by the next session, and nothing after sort', async () => {
  const first = await opened();
  await first.decide([{ do: 'name', person: 1, name: 'Anna' }]);
  await first.decide([{ do: 'hide', person: 3 }]);
  await first.undo();
  await first.close();
  const second = await open();
  expect(second.state.unapplied).toBe(1);
  await second.close();
  await arrangePeople({ output: temp('people') });
  const third = await open();
  expect(third.state.unapplied).toBe(0);
  expect(await rejection(open())).toMatchObject({ code: 'FACE_LOCKED' });
  await third.close();
});

test('only a folder with people can be opened, and none is made', async () => {
  expect(await rejection(PeopleSession.open(temp('nothing')))).toMatchObject({ code: 'FACE_IO' });
  expect(readdirSync(temp())).toEqual([]);
});

test('without the page and its small pictures, all is there but these', async () => {
  await (await opened()).close();
  rmSync(temp('people/.data/page'), { recursive: true });
  const session = await open();
  expect(shown(session)).toContainEqual([1, null, 5]);
  const [face] = session.page('faces', 0) ?? [];
  expect(face?.thumbnail).toBe(`thumbnails/faces/${face?.id}`);
  expect(session.face(face?.id as string)?.thumbnail).toBeUndefined();
  await session.close();
});

describe('a face that is added', () => {
  const box = [10, 150, 90, 90] as const;

  /** The photo with an empty stripe to the right of Anna. */
  const photoIn = (session: PeopleSession, name = 'a4.png') =>
    session.page('photos', 0)?.find(({ path }) => path.endsWith(name))?.id as string;

  test('goes to whom it is like, and outlives sorting anew, and moves of photos', async () => {
    const session = await opened();
    const { face, label, state } = await session.addFace({ photo: photoIn(session), box });
    // Who is there is told by `inTests`.
    expect(label).toBe(2);
    expect(facesOf(session, 2).get('a4.png')).toBe(face);
    expect(state.unapplied).toBe(1);
    expect((await session.addFace({ photo: photoIn(session), box: [12, 152, 92, 92] })).face).toBe(face);
    await session.decide([{ do: 'name', person: 2, name: 'Ben' }]);
    await session.apply();
    expect(session.state.unapplied).toBe(0);
    await session.close();
    expect(readdirSync(temp('people', 'Ben (5)'))).toContain('a4.png');
    renameSync(temp('photos', 'a4.png'), temp('photos', 'z4.png'));
    const { people } = await sortDrawn({ photos: temp('photos'), output: temp('people'), fresh: true });
    expect(people.find(({ name }) => name === 'Ben')).toMatchObject({ faces: 5 });
    const again = await open();
    expect(facesOf(again, 2).get('z4.png')).toBe(face);
    expect(again.state.unapplied).toBe(0);
    await again.close();
    expect(await suggestPeople({ output: temp('people') })).toEqual([]);
  });

  test('is one on a photo that nobody was on', async () => {
    const session = await opened();
    const { face } = await session.addFace({ photo: photoIn(session, 'nobody.png'), box: [10, 70, 90, 10] });
    expect(facesOf(session, 2).get('nobody.png')).toBe(face);
    expect(session.overview()).toMatchObject({ photos: 11, photosWithoutFaces: 0 });
    await session.decide([{ do: 'not-a-face', faces: [face] }]);
    expect(session.overview()).toMatchObject({ photos: 10, photosWithoutFaces: 1 });
    // Drawn once more, it is a face again.
    const again = await session.addFace({ photo: photoIn(session, 'nobody.png'), box: [10, 70, 90, 10] });
    expect(again).toMatchObject({ face, label: 2 });
    await session.close();
  });

  test('must be on a photo that is there', async () => {
    const session = await opened();
    const photo = photoIn(session);
    const refusal = (request: unknown) =>
      rejection(session.addFace(request as Parameters<typeof session.addFace>[0]));
    for (const wrong of [
      [200, 300, 260, 200],
      [10, 12, 90, 90],
      [0, 10, 10, 0],
      [1, 2, 3],
      ['a', 1, 2, 3],
      null,
    ]) {
      expect(await refusal({ photo, box: wrong })).toMatchObject({ argument: 'box' });
    }
    expect(await refusal({ photo: 'ffff', box })).toMatchObject({ argument: 'photo' });
    appendFileSync(temp('photos', 'a4.png'), 'x');
    expect(await refusal({ photo, box })).toMatchObject({ code: 'FACE_IMAGE_CHANGED' });
    rmSync(temp('photos', 'a4.png'));
    expect(await refusal({ photo, box })).toMatchObject({ code: 'FACE_IMAGE_NOT_FOUND' });
    expect(session.state.unapplied).toBe(0);
    await session.close();
  });

  test('is left out once a detector has found it', async () => {
    await drawPhotos(temp('photos'), CAST);
    const sortWith = (engine: typeof standIn, fresh = false) =>
      sortDrawn({ photos: temp('photos'), output: temp('people'), engine, fresh });
    await sortWith(blindTo(4));
    const session = await open();
    const { face } = await session.addFace({ photo: photoIn(session, 'd1.png'), box: [10, 80, 95, 20] });
    expect(facesOf(session, 2).get('d1.png')).toBe(face);
    await session.decide([{ do: 'name', person: 2, name: 'Ben' }]);
    await session.decide([{ do: 'is', faces: [face], person: 3 }]);
    await session.close();
    const { faces } = await sortWith(standIn, true);
    expect(faces).toBe(13);
    const again = await open();
    // What was decided on it holds for what was found.
    expect(facesOf(again, 3).get('d1.png')).toMatch(/_10_70_90_10$/);
    await again.close();
  });

  test('is on the disk, or was never there', async () => {
    const session = await opened();
    await session.addFace({ photo: photoIn(session), box });
    await session.close();
    const added = temp('people/.data/added.jsonl');
    const text = readFileSync(added, 'utf8');
    expect(text.trim().split('\n')).toHaveLength(2);
    writeFileSync(added, `${text}{"photo":"torn`);
    const again = await open();
    expect(facesOf(again, 2).has('a4.png')).toBe(true);
    await again.addFace({ photo: photoIn(again, 'nobody.png'), box: [10, 70, 90, 10] });
    await again.close();
    expect(readFileSync(added, 'utf8').startsWith(text)).toBe(true);
    expect(readFileSync(added, 'utf8').trim().split('\n')).toHaveLength(3);
    writeFileSync(added, text.replace('"box"', '"bux"'));
    expect(await rejection(open())).toMatchObject({ code: 'FACE_PEOPLE_INVALID', path: added });
    writeFileSync(added, 'something else\n');
    expect(await rejection(open())).toMatchObject({ code: 'FACE_PEOPLE_INVALID', path: added });
  });
});
