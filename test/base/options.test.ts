import * as library from '../../src';
import { rejection } from '../support/photos';

type Call = (options: object) => Promise<unknown>;

const QUEUE = { queue: 'redis://127.0.0.1:1' };
const ENCODE = { ...QUEUE, dataset: 'photos', encodings: 'faces.pickle' };

/** What each of them needs, so that nothing else is wrong. */
const CALLS: Readonly<Record<string, object>> = {
  sortPhotos: { photos: 'photos', output: 'people' },
  encodeFaces: { dataset: 'photos', encodings: 'faces.pickle' },
  clusterFaces: { encodings: 'faces.pickle', output: 'clusters' },
  findPhotos: { output: 'people' },
  exportPerson: { output: 'people', people: 1, to: 'out' },
  tagPhotos: { output: 'people' },
  forgetPeople: { output: 'people', people: 1 },
  recognizePhotos: { known: 'known', photos: 'photos' },
  runQueueWorker: { ...QUEUE, photos: 'photos' },
  evaluatePhotos: { photos: 'photos', encodings: 'faces.pickle' },
};

test('a hole among folders is none', async () => {
  const dataset = ['photos'];
  dataset.length = 2;
  expect(await rejection(library.encodeFaces({ dataset, encodings: 'faces.pickle' }))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'dataset[1]',
  });
});

describe.each(Object.entries(CALLS))('%s', (name, needed) => {
  const call = (library as unknown as Record<string, Call>)[name] as Call;

  test.each<[string, object]>([
    // Whoever forgets ".signal" could never stop it.
    ['signal', { signal: new AbortController() }],
    ['signal', { signal: null }],
    ['onProgress', { onProgress: 'yes' }],
    ['signall', { signall: new AbortController().signal }],
  ])('refuses a wrong %s before it does anything', async (argument, wrong) => {
    expect(await rejection(call({ ...needed, ...wrong }))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument,
    });
  });
});

test.each<[string, string, object]>([
  ['queueStatus', 'queue', {}],
  ['queueStatus', 'signal', { ...QUEUE, signal: new AbortController() }],
  ['queueStatus', 'passwrod', { ...QUEUE, passwrod: 'secret' }],
  ['queueStatus', 'password', { ...QUEUE, password: 5 }],
  ['runQueueWorker', 'password', { ...QUEUE, password: 5 }],
  ['removeQueueRun', 'queue', { run: '0f3a5c7e9b1d2468' }],
  ['removeQueueRun', 'run', QUEUE],
  ['removeQueueRun', 'runs', { ...QUEUE, runs: '0f3a5c7e9b1d2468' }],
  ['encodeFacesOnQueue', 'queue', {}],
  ['encodeFacesOnQueue', 'numJiters', { ...ENCODE, numJiters: 2 }],
  ['encodeFacesOnQueue', 'method', { ...ENCODE, method: 'eigenfaces' }],
  ['encodeFacesOnQueue', 'jobs', { ...ENCODE, jobs: 0 }],
  ['encodeFacesOnQueue', 'signal', { ...ENCODE, signal: new AbortController() }],
  ['encodeFacesOnQueue', 'onProgress', { ...ENCODE, onProgress: 'yes' }],
  ['encodeFacesOnQueue', 'onNote', { ...ENCODE, onNote: true }],
])('%s refuses a wrong %s before it asks the server', async (name, argument, options) => {
  const call = (library as unknown as Record<string, Call>)[name] as Call;
  expect(await rejection(call(options))).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument });
});

test.each(['queueStatus', 'removeQueueRun', 'encodeFacesOnQueue'])('%s without options', async (name) => {
  const call = (library as unknown as Record<string, Call>)[name] as (options?: object) => Promise<unknown>;
  expect(await rejection(call())).toMatchObject({ code: 'FACE_INVALID_ARGUMENT', argument: 'options' });
});
