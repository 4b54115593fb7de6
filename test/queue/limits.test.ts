import { encodeFacesOnQueue } from '../../src/queue/encode-on-queue';
import { pack, unpack } from '../../src/queue/messages';
import { termsOf, whyTooMuch } from '../../src/queue/terms';
import { runQueueWorker } from '../../src/queue/worker';
import { useTempFolder } from '../support/files';

/*
 * What a coordinator asks for is bounded by the worker: it is the worker's time and memory.
 */
const temp = useTempFolder();
const DEFAULT = 0x3fff * 0x3fff;

const run = ({ upsample = 1, numJitters = 1, maxPixels = DEFAULT } = {}) => ({
  host: 'nas',
  terms: termsOf({ settings: { method: 'cnn', upsample, numJitters }, mirror: true, maxPixels }),
});

test('what people ask for is done', () => {
  expect(whyTooMuch(run(), DEFAULT)).toBeUndefined();
  expect(whyTooMuch(run({ numJitters: 100, upsample: 3 }), DEFAULT)).toBeUndefined();
  expect(whyTooMuch(run({ maxPixels: 4e8 }), 4e8)).toBeUndefined();
});

test.each([
  [
    '--num-jitters',
    run({ numJitters: 1_001 }),
    'The run of nas has --num-jitters 1,001; workers go up to 1,000.',
  ],
  ['--upsample', run({ upsample: 5 }), 'The run of nas has --upsample 5; workers go up to 4.'],
  [
    '--max-pixels',
    run({ maxPixels: 4e8 }),
    'The run of nas has --max-pixels 400,000,000; workers go up to 268,402,689. ' +
      'This one takes part if it is started with --max-pixels 400000000.',
  ],
])('a run that asks for too much is told which option it is: %s', (_, asked, text) => {
  expect(whyTooMuch(asked, DEFAULT)).toBe(text);
});

const announcement = (change: object) => ({
  message: JSON.stringify({
    protocol: 1,
    run: '0123456789abcdef',
    program: 'face-cluster-native',
    fingerprint: null,
    sends: true,
    sample: null,
    ...{ at: 0, done: 0, total: 1, workers: [] },
    ...run(),
    ...change,
  }),
});
const withTerms = (change: object) => announcement({ terms: { ...run().terms, ...change } });
const withSettings = (change: object) => withTerms({ settings: { ...run().terms.settings, ...change } });

test.each([
  ['a detector that there is not', withSettings({ method: 'eigenfaces' })],
  ['upsample below 0', withSettings({ upsample: -1 })],
  ['upsample that is no integer', withSettings({ upsample: 1.5 })],
  ['upsample as text', withSettings({ upsample: '1' })],
  ['no jitters', withSettings({ numJitters: 0 })],
  ['jitters without end', withSettings({ numJitters: 1e300 })],
  ['a detectSize of 0', withSettings({ detectSize: 0 })],
  ['a model that is no SHA-256', withSettings({ models: { recognition: 'x' } })],
  [
    'models without end',
    withSettings({ models: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [i, 'a'.repeat(64)])) }),
  ],
  ['no revision', withSettings({ revision: undefined })],
  ['mirror as a number', withTerms({ mirror: 1 })],
  ['no pixels', withTerms({ maxPixels: 0 })],
  ['pixels that are no safe integer', withTerms({ maxPixels: 2 ** 53 })],
  ['a reader without end', withTerms({ reader: 'x'.repeat(301) })],
  ['no terms', announcement({ terms: null })],
])('%s is no run', (_, message) => {
  expect(() => unpack('announcement', announcement({}))).not.toThrow();
  expect(() => unpack('announcement', message)).toThrow(/^announcement\.terms/);
});

test('names of models are no way to other properties', () => {
  const models = JSON.parse(`{"__proto__": "${'a'.repeat(64)}"}`);
  const { terms } = unpack('announcement', withSettings({ models }));
  expect(Object.getPrototypeOf(terms.settings.models)).toBe(Object.prototype);
});

test('a coordinator says at once what no worker would do', async () => {
  const more = { queue: 'redis://127.0.0.1:1', dataset: temp(), encodings: temp('faces.pickle') };
  await expect(encodeFacesOnQueue({ ...more, numJitters: 1_001 })).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'numJitters',
  });
  await expect(encodeFacesOnQueue({ ...more, upsample: 5 })).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'upsample',
  });
});

test('a worker says that its own limit is none', async () => {
  await expect(runQueueWorker({ queue: 'redis://127.0.0.1:1', maxPixels: 0 })).rejects.toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'maxPixels',
  });
});

test('what a run is packed as can be read', () => {
  const whole = unpack('announcement', announcement({}));
  expect(unpack('announcement', pack('announcement', whole))).toEqual(whole);
});
