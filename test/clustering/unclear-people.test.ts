import { linkageClusterer } from '../../src/clustering/clusterer';
import type { KnownPeople } from '../../src/clustering/known-people';

/* Unclear faces, where every group counts, as in `sort`. */
const face = (x: number) => Float64Array.of(x, ...new Array(127).fill(0));

/** @param clear where they are; likewise `unclear`, which come behind */
async function groupsOf(clear: readonly number[], unclear: readonly number[], known?: KnownPeople) {
  const encodings = [...clear, ...unclear].map(face);
  const { cluster } = linkageClusterer({ threshold: 0.61, minSamples: 1, keepUnclear: false }, false);
  const { labels } = await cluster(
    {
      encodings,
      mirrored: undefined,
      ids: encodings.map((_, i) => `${i}`),
      unclear: encodings.map((_, i) => i >= clear.length),
      known,
    },
    { threads: 1 },
  );
  return [...labels];
}

test('join people, not one face alone, unless that is known to be somebody', async () => {
  expect(await groupsOf([0, 0.01, 5], [0.02, 5.02, 9])).toEqual([0, 0, 1, 0, -1, -1]);
  const people = Int32Array.of(-1, -1, 7, -1, -1, -1);
  expect(await groupsOf([0, 0.01, 5], [0.02, 5.02, 9], { people })).toEqual([0, 0, 1, 0, 1, -1]);
});

test('are looked at again when people are compared; else only new ones', async () => {
  const people = Int32Array.of(3, 3, -1, -1);
  const known = { people, fresh: [3] };
  expect(await groupsOf([0, 0.01], [0.02, 0.03], { ...known, joinPeople: false })).toEqual([0, 0, -1, 0]);
  expect(await groupsOf([0, 0.01], [0.02, 0.03], { ...known, joinPeople: true })).toEqual([0, 0, 0, 0]);
});
