import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { faceOn, facesAt, grouped } from './support';

const inFolder = useTempFolder();
let people: People;
const anna = facesAt(0, 4, 'Anna');
const ben = facesAt(1, 3, 'Ben');
const eva = facesAt(2, 2, 'Eva');
const all = [...anna, ...ben, ...eva];
type Face = (typeof all)[0];

beforeEach(async () => {
  people = await People.open(inFolder('people.jsonl'));
  await people.update(...grouped([anna, ben, eva]));
});
afterEach(() => people.close());

test('without decisions, who each face is, and nothing else', async () => {
  const { people: who, ...others } = people.constraints([...all, faceOn('new', 0)]);
  expect(who).toEqual(Int32Array.of(1, 1, 1, 1, 2, 2, 2, 3, 3, -1));
  expect(others).toEqual({ keep: [], apart: [], not: [], noFaces: [], fresh: [9] });
  // Compared once, they are not new any more.
  await people.update(...grouped([], [faceOn('new', 0)]));
  expect(people.constraints([faceOn('new', 0)]).fresh).toEqual([]);
  // Away and back, they may have missed somebody.
  await people.update([], []);
  expect(people.constraints([faceOn('new', 0)]).fresh).toEqual([0]);
});

test('faces are found where they are now; copies of a photo are the same; two at one place are not', () => {
  const moved = (face: Face, by: number): Face => ({
    ...face,
    box: { ...face.box, left: face.box.left + by, right: face.box.right + by },
  });
  const [one] = anna as [Face, ...Face[]];
  const given = [moved(one, 30), moved(one, 5), moved(one, 30), moved(one, 5)];
  expect(people.constraints(given).people).toEqual(Int32Array.of(-1, 1, -1, 1));
});

test('decisions: those who were merged are several still, everybody on whom something was decided is to be kept', async () => {
  await people.merge(3, 2);
  await people.hide(1);
  await people.not(anna[1] as Face, 1);
  await people.not(eva[0] as Face, 2);
  await people.notFace(anna[2] as Face);
  expect(people.constraints(all)).toEqual({
    people: Int32Array.of(1, -1, -1, 1, 2, 2, 2, -1, 3),
    keep: [1, 2, 3],
    apart: [],
    // Who is not one of them is none of them.
    not: [
      [1, 1],
      [7, 2],
      [7, 3],
    ],
    noFaces: [2],
    // No longer who they were.
    fresh: [1, 2, 7],
  });
  // Places are those of the faces that are given.
  const some = [anna[2], faceOn('new', 0), eva[0], anna[2]] as Face[];
  expect(people.constraints(some)).toMatchObject({ not: [[2, 2]], noFaces: [0, 3] });
});

test('who differs, by who they are now, each pair once', async () => {
  await people.differ(3, 1);
  await people.differ(1, 3);
  await people.differ(2, 3);
  expect(people.constraints([])).toMatchObject({
    keep: [1, 2, 3],
    apart: [
      [1, 3],
      [2, 3],
    ],
  });
  await people.merge(1, 2);
  expect(people.constraints([])).toMatchObject({ apart: [[2, 3]] });
  await people.merge(3, 2);
  expect(people.constraints([])).toMatchObject({ keep: [1, 2, 3], apart: [] });
});

test('whom a split made is kept; undone, nobody is', async () => {
  const { as } = await people.split(anna.slice(0, 2));
  expect(people.constraints(anna)).toMatchObject({ people: Int32Array.of(as, as, 1, 1), keep: [1, as] });
  await people.undo();
  expect(people.constraints(anna)).toMatchObject({ people: Int32Array.of(1, 1, 1, 1), keep: [] });
});

test('absorbed people are who absorbed them; they are two again when somebody says so', async () => {
  await people.update(...grouped([[...anna, ...ben], eva]));
  expect(people.constraints(ben).people).toEqual(Int32Array.of(1, 1, 1));
  await people.differ(1, 2);
  expect(people.constraints(ben)).toMatchObject({
    people: Int32Array.of(2, 2, 2),
    keep: [1, 2],
    apart: [[1, 2]],
  });
});

test('refused: what are no faces', async () => {
  const call = async (faces: unknown) => people.constraints(faces as Face[]);
  expect(await rejection(call(undefined))).toMatchObject({ argument: 'faces' });
  expect(await rejection(call([null]))).toMatchObject({ argument: 'faces[0]' });
  expect(await rejection(call([{ photo: 'a', box: all[0]?.box }]))).toMatchObject({ argument: 'faces[0]' });
});
