import { FaceEngine } from '../../src/engine/engine';
import { native } from '../../src/native';
import { machineFingerprint } from '../../src/queue/fingerprint';
import { termsOf, whyOther } from '../../src/queue/terms';
import { useInstructionSet } from '../support/instruction-sets';

/*
 * Computers with different processors may take part in one run only if they come to the same numbers.
 */
const engine = new FaceEngine({ jobs: 1 });
afterAll(() => {
  useInstructionSet();
  engine.dispose();
});

/** What Highway calls those with fused multiply-adds, of those that have been compiled. */
const FUSED = /^(AVX2|AVX3|NEON)/;

test('processors with fused multiply-adds come to the same, those without are told from them', async () => {
  const prints = new Map<string, string>();
  for (const name of native().instructionSets()) {
    useInstructionSet(name);
    // What is laid out for one instruction set is made anew.
    const other = new FaceEngine({ jobs: 1 });
    prints.set(name, await machineFingerprint(other));
    other.dispose();
  }
  const [fused, others] = [true, false].map(
    (is) => new Set([...prints].flatMap(([name, print]) => (FUSED.test(name) === is ? print : []))),
  );
  process.stdout.write(`${[...prints].map(([name, print]) => `${name} ${print.slice(0, 8)}`).join(', ')}\n`);
  expect(fused?.size).toBeLessThanOrEqual(1);
  for (const print of fused ?? []) expect(others).not.toContain(print);
});

test('the same machine comes to the same again, with many threads, too', async () => {
  useInstructionSet();
  const many = new FaceEngine({ jobs: 4 });
  expect(await machineFingerprint(many)).toBe(await machineFingerprint(engine));
  many.dispose();
});

const terms = termsOf({
  settings: { method: 'hog', upsample: 1, numJitters: 1 },
  mirror: false,
  maxPixels: 1e8,
});
const run = { terms, fingerprint: 'a'.repeat(64), host: 'server', program: 'face-cluster-native 0.1.0' };
const worker = { fingerprint: 'a'.repeat(64), instructions: 'AVX2' };
const { settings } = terms;

test('a worker that would come to the same takes part', () => {
  expect(whyOther(run, worker)).toBeUndefined();
  expect(whyOther({ ...run, fingerprint: null }, worker)).toBeUndefined();
});

test.each([
  [
    'another revision',
    { terms: { ...terms, settings: { ...settings, revision: 999 } } },
    /revision \d+, not 999/,
  ],
  [
    'another model',
    {
      terms: { ...terms, settings: { ...settings, models: { ...settings.models, resnet: 'b'.repeat(64) } } },
    },
    /models are not those of server \(resnet\)/,
  ],
  ['another image library', { terms: { ...terms, reader: 'sharp 0.1' } }, /by sharp 0\.1 on server/],
  ['another processor', { fingerprint: 'b'.repeat(64) }, /AVX2.*fused multiply-add/],
])('a worker with %s is told why it can not', (_, change, why) => {
  expect(whyOther({ ...run, ...change }, worker)).toMatch(why);
});
