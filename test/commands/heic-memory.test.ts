import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { checkBuilt, MAIN } from '../support/cli';
import { useTempFolder } from '../support/files';
import {
  describeWithHeif,
  gridData,
  type HeifItem,
  heifEnc,
  heifFile,
  heifParts,
  ispe,
} from '../support/heif';
import { smallPhoto } from '../support/photos';
import { onLinux } from '../support/platform';

beforeAll(checkBuilt);
const temp = useTempFolder();

/** CI takes a few; FACE_CLUSTER_HEICS=200 takes some minutes. */
const PHOTOS = Number(process.env.FACE_CLUSTER_HEICS ?? 8);

describeWithHeif('HEIC', () => {
  onLinux('photos of 12 megapixels hold --max-memory, as many as there are', async () => {
    // By what is counted, one photo fits (37 MB of pixels, 141 MB to decode it, 220 MB for the process) and two do not: measured,
    // that is up to 342 MB. Without a limit, eight at once take 402 to 471 MB, though two cores decode but two.
    const limit = 400e6;
    mkdirSync(temp('photos'));
    const heic = await largePhoto();
    // Behind its end a photo may have anything, and these are different ones by that.
    for (let i = 0; i < PHOTOS; i++) {
      writeFileSync(temp('photos', `${i}.heic`), Buffer.concat([heic, Buffer.from(`number ${i}`)]));
    }
    const peak = temp('peak');
    writeFileSync(
      temp('hook.js'),
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)},
        /VmHWM:\\s+(\\d+) kB/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1]));`,
    );
    const options = ['-d', 'hog', '-j', '8', '--detect-size', '800', '--max-memory', `${limit}`, '--json'];
    const args = ['encode', '-i', temp('photos'), '-e', temp('faces.pickle'), ...options];
    const stdout = execFileSync(process.execPath, ['--require', temp('hook.js'), MAIN, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const summary = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .at(-1);
    expect(summary).toMatchObject({ photos: PHOTOS, photosFailed: 0 });
    expect(summary.faces).toBeGreaterThanOrEqual(PHOTOS);
    const used = 1024 * Number(readFileSync(peak, 'utf8'));
    process.stderr.write(`${PHOTOS} HEIC photos: at most ${Math.round(used / 1e6)} MB\n`);
    expect(used).toBeLessThan(limit);
  });
});

/** 4032 x 3024 pixels in tiles of 504, as phones write them: 48 times the same. */
async function largePhoto(): Promise<Buffer> {
  const photo = await smallPhoto('franck_02221.jpg', 504);
  const square = 504;
  const rows = photo.data.subarray(0, 3 * square * Math.min(square, photo.height));
  const data = new Uint8Array(3 * square * square);
  data.set(rows);
  const tile = heifParts(await heifEnc([{ data, width: square, height: square }], '-q', '60'))
    .items[0] as HeifItem;
  const tiles = Array.from({ length: 48 }, (_, i) => ({ ...tile, id: i + 1, hidden: true }));
  const [width, height] = [8 * square, 6 * square];
  const grid = {
    id: 999,
    type: 'grid',
    data: gridData(8, 6, width, height),
    properties: [ispe(width, height)],
    references: [{ type: 'dimg', to: tiles.map(({ id }) => id) }],
  };
  return heifFile({ primary: 999, items: [grid, ...tiles] });
}
