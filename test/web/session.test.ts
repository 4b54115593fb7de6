import { readdirSync } from 'node:fs';
import { PeopleSession } from '../../src/web/session';
import { useTempFolder } from '../support/files';
import { drawPhotos, sortDrawn } from './support';

const temp = useTempFolder();

const CAST = {
  'a1.png': [1, 2],
  'a2.png': [1, 2],
  'a3.png': [1],
  'a4.png': [1, 0],
  'b1.png': [2],
  'c1.png': [3, 1],
  'c2.png': [3],
  'c3.png': [3],
  'd1.png': [4],
  'nobody.png': [0],
};

async function opened() {
  await drawPhotos(temp('photos'), CAST);
  await sortDrawn({ photos: temp('photos'), output: temp('people') });
  return PeopleSession.open(temp('people'));
}

test('a name is shown at once, and the folder follows', async () => {
  const session = await opened();
  const { people, photosWithoutFaces } = session.overview();
  expect(people.map(({ label, faces }) => [label, faces])).toEqual([
    [1, 5],
    [2, 3],
    [3, 3],
    [-1, 1],
  ]);
  expect(photosWithoutFaces).toBe(1);
  const { gesture, state } = await session.decide([{ do: 'name', person: 1, name: 'Anna' }]);
  expect(state).toMatchObject({ unapplied: 1, busy: null });
  expect(session.overview().people[0]).toMatchObject({ label: 1, name: 'Anna' });
  expect(readdirSync(temp('people'))).toContain('Person 01 (5)');
  await session.apply();
  expect(session.state.unapplied).toBe(0);
  expect(readdirSync(temp('people'))).toContain('Anna (5)');
  expect((await session.undo(gesture)).state.unapplied).toBe(1);
  await session.close();
});
