import * as library from '../../src';
import { rejection } from '../support/photos';

type Call = (options: object) => Promise<unknown>;

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
  evaluatePhotos: { photos: 'photos', encodings: 'faces.pickle' },
};

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
