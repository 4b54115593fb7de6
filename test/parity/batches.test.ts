import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getOrMake, groupBy } from '../../src/base/maps';
import { SplitMix64, sample } from '../../src/base/random';
import { linkage } from '../../src/clustering/linkage';
import { evaluateClustering } from '../../src/evaluate/clustering-quality';
import { describeWithShared } from '../support/shared';

/*
 * What is lost by adding faces to people who are known instead of grouping all of them at once: the table of
 * docs/grouping.md. FACE_CLUSTER_BATCHES=1 adds batches of ten and of one, some minutes.
 */

/** How faces are added. */
interface Policy {
  readonly batch: number;
  /** On how many different photos a group has to be to be a person from then on. */
  readonly photos: number;
  /** By how much the faces have to have grown since people were last joined, to join them again; `undefined`: never. */
  readonly grown?: number;
  /** Whether only the faces around the new ones are looked at. */
  readonly around?: boolean;
  /** The threshold while people are not joined, if it is not the usual one. */
  readonly threshold?: number;
}

const NOBODY = -1;

describeWithShared('half of Labeled Faces in the Wild, in batches, by who is known', (shared) => {
  const file = (name: string) => readFileSync(join(shared, 'lfw-half', name));
  const floats = (name: string) => {
    const { buffer, byteOffset, byteLength } = file(name);
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  const encodings = floats('encodings.f32');
  const mirrored = floats('mirrored.f32');
  const truth: { person: number[]; photo: (number | string)[] } = JSON.parse(String(file('truth.json')));
  const n = truth.person.length;
  const order = sample([...Array(n).keys()], n, new SplitMix64(7n));
  const turn = new Map(order.map((face, place) => [face, place]));

  const fOf = (labels: Int32Array) => evaluateClustering(labels, truth.person).bcubed.f1;

  /** A collection that grows. */
  class Collection {
    readonly people = new Int32Array(n).fill(NOBODY);
    /** The groups of the last run. */
    groups = new Map<number, number>();
    #next = 0;

    constructor(readonly photos: number) {}

    /** Groups the first faces in the order, and makes people of groups. */
    async run(
      count: number,
      joinPeople: boolean,
      fresh?: (face: number) => boolean,
      threshold = 0.56,
    ): Promise<void> {
      const own = [...Array(n).keys()].filter((face) => (turn.get(face) as number) < count);
      const matrix = (values: Float32Array) => {
        const data = new Float32Array(own.length * 128);
        own.forEach((face, place) => {
          data.set(values.subarray(face * 128, (face + 1) * 128), place * 128);
        });
        return { data, n: own.length, d: 128 };
      };
      const { labels } = await linkage(matrix(encodings), {
        mirrored: matrix(mirrored),
        people: own.map((face) => this.people[face] as number),
        joinPeople,
        threshold,
        ...(fresh && { fresh: [...own.keys()].filter((place) => fresh(own[place] as number)) }),
      });
      this.groups = new Map(own.map((face, place) => [face, labels[place] as number]));
      this.#remember();
    }

    #remember(): void {
      for (const faces of groupBy(this.groups.keys(), (face) => this.groups.get(face) as number).values()) {
        const known = groupBy(faces, (face) => this.people[face] as number);
        known.delete(NOBODY);
        const [largest] = [...known].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]);
        if (!largest && new Set(faces.map((face) => truth.photo[face])).size < this.photos) continue;
        const person = largest?.[0] ?? this.#next++;
        for (const face of faces) this.people[face] = person;
      }
    }

    f() {
      return fOf(Int32Array.from(this.people.keys(), (face) => this.groups.get(face) ?? NOBODY));
    }
    /** If whoever is no person's is alone. */
    fOfPeople() {
      return fOf(this.people);
    }
  }

  async function added({ batch, photos, grown, around, threshold }: Policy): Promise<Collection> {
    const collection = new Collection(photos);
    let joined = 0;
    for (let from = 0; from < n; from += batch) {
      const to = Math.min(n, from + batch);
      const before = Int32Array.from(collection.people);
      const joining = grown !== undefined && to >= joined * (1 + grown);
      if (joining) joined = to;
      const fresh = around ? (face: number) => (turn.get(face) as number) >= from : undefined;
      await collection.run(to, joining, fresh, joining ? undefined : threshold);
      expectWhole(before, collection.people);
      if (!joining) expectSame(before, collection.people);
    }
    return collection;
  }

  /** Whoever was one person is one. */
  function expectWhole(before: Int32Array, after: Int32Array): void {
    const now = new Map<number, number>();
    const parted = [...before.keys()].filter((face) => {
      const person = before[face] as number;
      return person !== NOBODY && getOrMake(now, person, () => after[face] as number) !== after[face];
    });
    expect(parted).toEqual([]);
  }

  /** Who was somebody is so still. */
  function expectSame(before: Int32Array, after: Int32Array): void {
    const moved = [...before.keys()].filter(
      (face) => before[face] !== NOBODY && before[face] !== after[face],
    );
    expect(moved).toEqual([]);
  }

  const rows: readonly (readonly [Policy, number, number, number])[] = [
    [{ batch: n, photos: 1 }, 0.9699, 0.9699, 0.9699],
    [{ batch: n, photos: 3 }, 0.9699, 0.9465, 0.9698],
    [{ batch: 2000, photos: 1 }, 0.9558, 0.9558, 0.9642],
    [{ batch: 500, photos: 1 }, 0.9505, 0.9505, 0.9596],
    [{ batch: 2000, photos: 3 }, 0.965, 0.9422, 0.9662],
    [{ batch: 500, photos: 3 }, 0.9619, 0.9393, 0.9633],
    [{ batch: 2000, photos: 3, grown: 0.2 }, 0.9661, 0.9434, 0.9659],
    [{ batch: 500, photos: 3, grown: 0.2 }, 0.9638, 0.9412, 0.9634],
    [{ batch: 500, photos: 3, grown: 0.2, around: true }, 0.9436, 0.941, 0.9633],
  ];
  const slow: typeof rows = [
    [{ batch: 2000, photos: 1, grown: 0.1 }, 0.9642, 0.9642, 0.9642],
    [{ batch: 2000, photos: 1, grown: 0.2 }, 0.9636, 0.9636, 0.9642],
    [{ batch: 2000, photos: 1, grown: 0.3 }, 0.9636, 0.9636, 0.9642],
    [{ batch: 500, photos: 1, grown: 0.1 }, 0.9602, 0.9602, 0.9604],
    [{ batch: 500, photos: 1, grown: 0.2 }, 0.96, 0.96, 0.9603],
    [{ batch: 500, photos: 1, grown: 0.3 }, 0.9588, 0.9588, 0.9596],
    [{ batch: 2000, photos: 3, grown: 0.1 }, 0.9662, 0.9435, 0.966],
    [{ batch: 2000, photos: 3, grown: 0.3 }, 0.9661, 0.9434, 0.9659],
    [{ batch: 500, photos: 3, grown: 0.1 }, 0.9636, 0.9409, 0.9633],
    [{ batch: 500, photos: 3, grown: 0.3 }, 0.9632, 0.9406, 0.9629],
    [{ batch: 500, photos: 3, threshold: 0.52 }, 0.9478, 0.9254, 0.9688],
    [{ batch: 10, photos: 1 }, 0.9479, 0.9479, 0.9589],
    [{ batch: 10, photos: 3 }, 0.9552, 0.933, 0.9566],
    [{ batch: 10, photos: 1, grown: 0.1 }, 0.9545, 0.9545, 0.9548],
    [{ batch: 10, photos: 1, grown: 0.2 }, 0.9556, 0.9556, 0.9556],
    [{ batch: 10, photos: 1, grown: 0.3 }, 0.9545, 0.9545, 0.9553],
    [{ batch: 10, photos: 3, grown: 0.1 }, 0.9566, 0.9345, 0.9565],
    [{ batch: 10, photos: 3, grown: 0.2 }, 0.956, 0.934, 0.9558],
    [{ batch: 10, photos: 3, grown: 0.3 }, 0.9559, 0.9338, 0.9558],
    [{ batch: 1, photos: 1, around: true }, 0.9479, 0.9479, 0.9585],
    [{ batch: 1, photos: 3, grown: 0.2, around: true }, 0.9347, 0.9347, 0.9565],
  ];

  // Where all are known, F of the groups and of people is the same.
  test.each(process.env.FACE_CLUSTER_BATCHES ? [...rows, ...slow] : rows)(
    '%j: F %f; %f if whoever is no person is alone; %f if people are joined at the end',
    async (policy, ofGroups, ofPeople, joined) => {
      const collection = await added(policy);
      const found = [collection.f(), collection.fOfPeople()];
      await collection.run(n, true);
      found.push(collection.f());
      expect(found).toEqual([ofGroups, ofPeople, joined].map((f) => expect.closeTo(f, 3)));
    },
    600_000,
  );
});
