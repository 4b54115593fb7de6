import type { DecisionToMake } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { useTempFolder } from '../support/files';
import { facesAt, grouped } from './support';

const inFolder = useTempFolder();

test('more decisions at once than a call can have arguments: who empties a large folder makes one for each photo', async () => {
  const many = facesAt(0, 130_000, 'Anna');
  const people = await People.open(inFolder('people.jsonl'));
  await people.update(...grouped([many]));
  await people.decide(many.slice(1).map((face): DecisionToMake => ({ do: 'not', face, person: 1 })));
  expect(people.list()).toMatchObject([{ id: 1, photos: 1 }]);
  await people.close();
  const again = await People.open(inFolder('people.jsonl'));
  expect(again.decisions()).toHaveLength(129_999);
  await again.close();
});
