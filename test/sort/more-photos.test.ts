import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { FaceOnPhoto, PersonId } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { sortPhotos } from '../../src/sort/sort';
import { useTempFolder } from '../support/files';
import { describeWithShared } from '../support/shared';

describeWithShared('more photos, and fewer', (shared) => {
  const temp = useTempFolder();
  const sort = () => sortPhotos({ photos: temp('photos'), output: temp('people'), method: 'hog' });

  async function everybody(): Promise<Map<string, [FaceOnPhoto, PersonId]>> {
    const people = await People.open(temp('people/.data/people.jsonl'), { readOnly: true });
    const faces = people
      .list()
      .flatMap(({ id, faces }) =>
        faces.map((face): [string, [FaceOnPhoto, PersonId]] => [JSON.stringify(face), [face, id]]),
      );
    await people.close();
    return new Map(faces);
  }

  test('1, 5, 500 added and one removed: nobody becomes somebody else unless it is said', async () => {
    const players = join(shared, 'data/players');
    const names = readdirSync(players).sort();
    mkdirSync(temp('photos'));
    const add = (name: string) => cpSync(join(players, name), temp('photos', name));
    const all = names.filter((_, i) => i % 2 === 0);
    for (const name of all) add(name);
    await sort();
    let before = await everybody();
    expect(before.size).toBeGreaterThan(50);

    const steps: (() => void | Promise<void>)[] = [
      () => add(names[1] as string),
      () => {
        for (const i of [3, 5, 7, 9, 11]) add(names[i] as string);
      },
      async () => {
        // As many as a long day at a wedding: other sides, exposures and sizes of the same photos.
        for (let i = 0; i < 500; i++) {
          const name = names[i % names.length] as string;
          const variant = Math.floor(i / names.length);
          await sharp(join(players, name))
            .flop(variant % 2 === 0)
            .modulate({ brightness: 0.8 + 0.1 * variant })
            .jpeg({ quality: 85 })
            .toFile(temp('photos', `${i}.jpg`));
        }
      },
      () => rmSync(temp('photos', all[0] as string)),
    ];
    for (const step of steps) {
      await step();
      const { changes } = await sort();
      const after = await everybody();
      const absorbed = new Map(changes.absorbed.map(({ person, into }) => [person, into]));
      const now = (person: PersonId): PersonId => {
        const into = absorbed.get(person);
        return into === undefined ? person : now(into);
      };
      const moved = [...before].filter(([face, [, person]]) => {
        const found = after.get(face);
        return found !== undefined && found[1] !== now(person);
      });
      expect(moved).toEqual([]);
      const lost = [...before.keys()].filter((face) => !after.has(face));
      // The last step takes a photo away.
      expect(lost.length).toBe(step === steps.at(-1) ? 1 : 0);
      before = after;
    }
  });
});
