import { sortPhotos } from '../../src/sort/sort';
import { PORTRAITS, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

const temp = useTempFolder();

test('people are found, though a run that finds them anew was stopped', async () => {
  const sort = (options = {}) =>
    sortPhotos({ photos: PORTRAITS, output: temp('people'), method: 'hog', ...options });
  const before = await sort();
  expect(before.people.length).toBeGreaterThan(0);
  const stop = new AbortController();
  const stopped = await rejection(
    sort({
      regroup: true,
      signal: stop.signal,
      onProgress: ({ phase }: { readonly phase: string }) => {
        if (phase === 'cluster') stop.abort();
      },
    }),
  );
  expect(stopped).toMatchObject({ code: 'FACE_ABORTED' });
  const after = await sort();
  expect(after.people.map(({ photos }) => photos)).toEqual(before.people.map(({ photos }) => photos));
});
