import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import sharp from 'sharp';
import type { DetectionMethod } from '../../src/base/types';
import type { EncodeForecast } from '../../src/encode/time-left';
import { type SortPhotosOptions, sortPhotos } from '../../src/sort/sort';
import { useTempFolder } from '../support/files';

/* Where looking for faces takes long, the user may choose a quicker way while it goes on. */
const temp = useTempFolder();

/** Milliseconds that have passed: by looking for faces alone, however much else the machine has to do. */
let now = 0;
beforeEach(() => jest.spyOn(performance, 'now').mockImplementation(() => now));
afterEach(() => jest.restoreAllMocks());

/** As slow as a large collection for one detector, and quick for the other. */
const engine = (used: DetectionMethod[]): NonNullable<SortPhotosOptions['engine']> => ({
  jobs: 2,
  async detectAndEncode(_photo, { method = 'cnn' } = {}) {
    used.push(method);
    await turn();
    now += method === 'cnn' ? 225 : 0.25;
    return [];
  },
});

async function makePhotos(count: number): Promise<void> {
  mkdirSync(temp('photos'));
  const picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < count; i++) {
    writeFileSync(temp('photos', `${i}.jpg`), Buffer.concat([picture, Buffer.from(String(i))]));
  }
}

const methodKept = () => JSON.parse(readFileSync(temp('people/.data/sort.json'), 'utf8')).method;

test('a quicker detector is taken when the user says so, and later runs take it, too', async () => {
  // A quarter of an hour.
  await makePhotos(4000);
  const used: DetectionMethod[] = [];
  const asked: EncodeForecast[] = [];
  const { encode } = await sortPhotos({
    photos: temp('photos'),
    output: temp('people'),
    engine: engine(used),
    choose: async (forecast) => {
      asked.push(forecast);
      return 'hog';
    },
  });
  expect(encode).toMatchObject({ photos: 4000, faces: 0 });
  expect(asked).toHaveLength(1);
  const [quick] = (asked[0] as EncodeForecast).instead;
  expect(quick).toMatchObject({ method: 'hog', detectSize: 1600 });
  expect((quick?.secondsLeft as number) < (asked[0] as EncodeForecast).secondsLeft / 5).toBe(true);
  expect(used.filter((method) => method === 'cnn').length).toBeLessThan(200);
  expect(methodKept()).toBe('hog');
  const again: DetectionMethod[] = [];
  await sortPhotos({ photos: temp('photos'), output: temp('people'), engine: engine(again) });
  expect(again).toEqual([]);
});

test('nobody is asked about few photos, or who has chosen', async () => {
  await makePhotos(3);
  const choose = jest.fn();
  await sortPhotos({ photos: temp('photos'), output: temp('people'), engine: engine([]), choose });
  expect(choose).not.toHaveBeenCalled();
  expect(methodKept()).toBe('cnn');
});
