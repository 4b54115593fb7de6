import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { facesAt, grouped, stateOf } from './support';

const temp = useTempFolder();

test('those on whom nothing was decided are found anew, with new numbers; others stay', async () => {
  const [anna, ben, carl] = [facesAt(0, 4), facesAt(10, 3), facesAt(20, 2)];
  const all = [...anna, ...ben, ...carl];
  const people = await People.open(temp('people.jsonl'));
  await people.update(...grouped([anna, ben, carl]));
  await people.name(2, 'Ben');
  await people.not(anna[0] as (typeof anna)[0], 1);
  await people.undo();
  expect(await people.dissolve()).toBe(2);
  expect(people.list().map(({ id, name }) => [id, name])).toEqual([[2, 'Ben']]);
  expect(people.constraints(all)).toMatchObject({ people: Int32Array.of(-1, -1, -1, -1, 2, 2, 2, -1, -1) });
  const state = stateOf(people, all);
  await people.close();

  const again = await People.open(temp('people.jsonl'));
  expect(stateOf(again, all)).toBe(state);
  expect(await again.update(...grouped([anna, ben, carl]))).toMatchObject({ newPeople: [4, 5], joined: [] });
  expect(all.map((face) => again.personOf(face))).toEqual([4, 4, 4, 4, 2, 2, 2, 5, 5]);
  await again.close();
});

test('whom somebody was taken for stays with them if that one stays', async () => {
  const [anna, ben] = [facesAt(0, 4), facesAt(1, 2)];
  const people = await People.open(temp('people.jsonl'));
  await people.update(...grouped([anna, ben]));
  await people.update(...grouped([[...anna, ...ben]]));
  await people.name(1, 'Anna');
  expect(await people.dissolve()).toBe(0);
  expect(people.list()).toMatchObject([{ id: 1, name: 'Anna', absorbed: [2], photos: 6 }]);
  await people.undo();
  expect(await people.dissolve()).toBe(1);
  expect(people.list()).toEqual([]);
  await people.close();
});
