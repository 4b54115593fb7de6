import type { FacesToCluster } from '../../src/clustering/clusterer';
import { evaluateThresholds } from '../../src/evaluate/thresholds';
import { rejection } from '../support/photos';

/** Faces of people in pairs: of each two photos, `within` from each other, and so far from the next person. */
function people(count: number, within: number, apart: number): FacesToCluster & { truth: string[] } {
  const encodings = Array.from({ length: 2 * count }, (_, i) => {
    const encoding = new Float64Array(128);
    const person = Math.floor(i / 2);
    encoding[person] = apart / Math.SQRT2;
    encoding[64 + person] = (i % 2) * within;
    return encoding;
  });
  return {
    encodings,
    mirrored: encodings,
    unclear: encodings.map(() => false),
    ids: encodings.map((_, i) => `face ${String(i).padStart(3, '0')}`),
    truth: encodings.map((_, i) => `Person ${Math.floor(i / 2)}`),
  };
}

const strictness = (settings: Awaited<ReturnType<typeof evaluateThresholds>>, method: string) =>
  settings.flatMap(({ parameters: p }) =>
    p.method !== method ? [] : p.method === 'dbscan' ? p.eps : p.threshold,
  );
const run = (faces: FacesToCluster & { truth: string[] }, minSamples = 2) =>
  evaluateThresholds(faces, faces.truth, { minSamples }, {});

test('groups by both methods, five steps to either side of the defaults', async () => {
  const settings = await run(people(6, 0.2, 2));
  expect(strictness(settings, 'dbscan')).toEqual([
    0.4, 0.42, 0.44, 0.46, 0.48, 0.5, 0.52, 0.54, 0.56, 0.58, 0.6,
  ]);
  expect(strictness(settings, 'linkage')).toEqual([
    0.46, 0.48, 0.5, 0.52, 0.54, 0.56, 0.58, 0.6, 0.62, 0.64, 0.66,
  ]);
  for (const one of settings) {
    expect(one).toMatchObject({ faces: 12, people: 6, clusters: 6, bcubed: { f1: 1 }, pairwise: { f1: 1 } });
  }
  // All are right: the defaults are as good as any.
  expect(settings.filter(({ usual }) => usual)).toEqual(settings.filter(({ best }) => best));
  expect(settings.filter(({ usual }) => usual).map(({ parameters }) => parameters)).toEqual([
    { method: 'dbscan', eps: 0.5, minSamples: 2 },
    { method: 'linkage', threshold: 0.56, mirrored: true, minSamples: 1, keepUnclear: false },
  ]);
});

test('goes on where the loosest does best, until it does not any more', async () => {
  const settings = await run(people(6, 0.75, 3));
  const eps = strictness(settings, 'dbscan');
  // From 0.76 on all are right, and looser is no better.
  expect(eps.slice(-3)).toEqual([0.72, 0.74, 0.76].map((value) => expect.closeTo(value, 9)));
  expect(settings.find(({ best }) => best)).toMatchObject({ parameters: { eps: 0.76 }, bcubed: { f1: 1 } });
});

test('goes on where the strictest does best', async () => {
  const settings = await run(people(6, 0.1, 0.33));
  expect(settings.find(({ best }) => best)).toMatchObject({ parameters: { eps: 0.32 }, bcubed: { f1: 1 } });
  expect(strictness(settings, 'dbscan')[0]).toBe(0.32);
});

test('without mirror images linkage has its other default', async () => {
  const { mirrored: _, ...faces } = people(4, 0.2, 2);
  const usual = (await run(faces)).find((one) => one.usual && one.parameters.method === 'linkage');
  expect(usual?.parameters).toMatchObject({ threshold: 0.61, mirrored: false });
});

test('dbscan asks for so many alike faces; who has fewer is alone', async () => {
  const settings = await run(people(3, 0.2, 2), 3);
  const clusters = settings.filter(({ usual }) => usual).map(({ clusters }) => clusters);
  expect(clusters).toEqual([6, 3]);
});

test('says how far it is, up to all, and can be stopped', async () => {
  const faces = people(3, 0.2, 2);
  const told: number[] = [];
  await evaluateThresholds(faces, faces.truth, { minSamples: 2 }, { onProgress: (done) => told.push(done) });
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect([told[0], told.at(-1)]).toEqual([expect.closeTo(1 / 22, 9), 1]);
  const stopped = evaluateThresholds(faces, faces.truth, { minSamples: 2 }, { signal: AbortSignal.abort() });
  expect(await rejection(stopped)).toMatchObject({ code: 'FACE_ABORTED' });
});
