import { createHash } from 'node:crypto';
import { groupBy } from '../../src/base/maps';
import { SplitMix64 } from '../../src/base/random';
import { facesToCluster } from '../../src/clustering/faces-to-cluster';
import type { GroupedFace } from '../../src/people/carry-over';
import type { FaceOnPhoto } from '../../src/people/decisions';
import type { KnownPerson } from '../../src/people/list';
import { People } from '../../src/people/people';
import type { FoundFaces } from '../../src/sort/found-faces';
import { regroup } from '../../src/sort/regroup';
import { FacePoints, regroupSome } from '../../src/sort/regroup-some';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();

/** Faces of many people who look alike: nearer to each other than a face may be to the next person where few are about. */
function crowd(seed: number, mirrored: boolean): FoundFaces {
  const random = new SplitMix64(BigInt(seed));
  const uniform = () => Number(random.next() >> 11n) / 2 ** 53 - 0.5;
  const around = (centre: Float64Array, spread: number) => centre.map((value) => value + spread * uniform());
  const middle = new Float64Array(128);
  const people = Array.from({ length: 60 }, () => around(middle, 0.115));
  const strangers = Array.from({ length: 40 }, () => around(middle, 0.13));
  const all = [
    ...people.flatMap((centre) => Array.from({ length: 3 + random.below(8) }, () => around(centre, 0.105))),
    ...strangers,
  ];
  const faces = all.map(
    (encoding, i): GroupedFace => ({
      photo: createHash('sha256').update(`${i}`).digest('hex'),
      box: { top: 0, right: 90, bottom: 90, left: 0 },
      encoding,
      ...(mirrored && { mirrored: around(encoding, 0.02) }),
    }),
  );
  const records = faces.map(({ encoding, box }, i) => ({ imagePath: `${i}.jpg`, loc: box, encoding }));
  const known = {
    faces: faces.map(({ mirrored }) => ({
      score: 1,
      sharpness: random.below(12) === 0 ? 0.1 : 1,
      ...(mirrored && { mirrored }),
    })),
    photos: new Map(faces.map(({ photo }, i) => [`${i}.jpg`, { content: photo }])),
  };
  return {
    records,
    faces,
    toCluster: facesToCluster(records, known),
    onPhoto: groupBy(faces.keys(), (place) => (faces[place] as GroupedFace).photo),
  } as unknown as FoundFaces;
}

const run = { threads: 2, maxMemory: 1e9, onProgress: () => {} };

test.each([
  [1, true],
  [2, true],
  [3, true],
  [4, false],
  [5, false],
] as const)(
  'grouping what decisions have freed comes to what grouping all does: %i',
  async (seed, mirrored) => {
    const found = crowd(seed, mirrored);
    const random = new SplitMix64(BigInt(seed + 50));
    const options = { threshold: null, minPhotos: 3, compared: 0, anew: false, run };
    const [one, other] = await Promise.all(
      ['one', 'other'].map((name) => People.open(temp(`${name}.jsonl`), { by: 'test' })),
    );
    if (!one || !other) throw new Error('nobody');
    for (const people of [one, other]) await regroup(people, found, options);
    expect(one.list().length).toBeGreaterThan(20);
    const points = new FacePoints(found);
    let moved = 0;
    for (let round = 0; round < 12; round++) {
      // What is not somebody any more may be who was split off from them, who looks the same.
      const large = one.list().filter(({ faces }) => faces.length >= 6);
      const person = large[random.below(large.length)] as KnownPerson;
      const [face, ...half] = person.faces.slice(0, 3) as [FaceOnPhoto, ...FaceOnPhoto[]];
      const others = Array.from(
        { length: 2 },
        () => found.faces[random.below(found.faces.length)] as GroupedFace,
      );
      for (const people of [one, other]) {
        await people.split(half);
        for (const freed of [face, ...others]) {
          const now = people.personOf(freed);
          if (now !== undefined) await people.not(freed, now);
        }
      }
      await regroup(one, found, { ...options, compared: found.faces.length });
      await regroupSome(other, found, points, other.whoAre(found.faces), options);
      expect(other.whoAre(found.faces).people).toEqual(one.whoAre(found.faces).people);
      if (one.personOf(face) !== undefined) moved++;
    }
    expect(moved).toBeGreaterThan(0);
    // What was not written yet is, by now; and the same comes of it.
    await other.close();
    const again = await People.open(temp('other.jsonl'), { readOnly: true });
    expect(again.whoAre(found.faces).people).toEqual(one.whoAre(found.faces).people);
    await one.close();
  },
);
