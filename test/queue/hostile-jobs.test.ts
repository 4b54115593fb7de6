import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, openSync, readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { FaceEngine } from '../../src/engine/engine';
import { answersTo } from '../../src/queue/answers';
import { WireError } from '../../src/queue/check';
import { type JobMessage, MOST_BYTES, pack, unpack } from '../../src/queue/messages';
import { PhotoShare } from '../../src/queue/photo-share';
import { termsOf } from '../../src/queue/terms';
import { sha256 } from '../../src/system/sha256';
import { PORTRAITS, useTempFolder } from '../support/files';

/*
 * What a worker is asked to do comes from a server that others may write to: it opens nothing but photos in its folder, and says
 * nothing of what has other bytes than it was told.
 */
const temp = useTempFolder();
const engine = new FaceEngine({ jobs: 1 });
afterAll(() => engine.dispose());

const PORTRAIT = join(PORTRAITS, 'franck_02221.jpg');
const bytes = readFileSync(PORTRAIT);
const content = sha256(bytes);
const run = '0123456789abcdef';
const terms = () =>
  termsOf({ settings: { method: 'hog', upsample: 1, numJitters: 1 }, mirror: false, maxPixels: 1e8 });

const folder = () => temp('photos');
beforeEach(() => {
  mkdirSync(folder());
  copyFileSync(PORTRAIT, temp('photos', 'anna.jpg'));
  copyFileSync(PORTRAIT, temp('secret.jpg'));
});

const ask = async (photo: Partial<JobMessage['photos'][0]>) =>
  answersTo(
    { protocol: 1, run, photos: [{ path: 'photos/anna.jpg', content, bytes: bytes.length, ...photo }] },
    { engine, pipeline: engine.pipeline, terms: terms(), share: await PhotoShare.open(folder(), undefined) },
    undefined,
  );

test('a photo in the folder is looked at', async () => {
  expect(await ask({ within: 'anna.jpg' })).toMatchObject([{ content, result: { faces: [{}] } }]);
});

test.each([
  ['..', () => '../secret.jpg'],
  ['.. in the middle', () => 'a/../../secret.jpg'],
  ['an absolute path', () => temp('secret.jpg')],
  ['an empty name', () => 'a//anna.jpg'],
  ['a name with NUL', () => 'anna.jpg\0'],
  ['a link out of the folder', () => link('link.jpg', temp('secret.jpg'))],
  ['a link to a folder outside', () => join(link('album', temp()), 'secret.jpg')],
  ['a folder', () => link('self', folder())],
  ['nothing', () => 'nobody.jpg'],
])('%s is not opened', async (_, within) => {
  const [answer] = await ask({ within: within() });
  expect(answer).toMatchObject({ refused: { code: 'FACE_IMAGE_NOT_FOUND' } });
  expect(answer).not.toHaveProperty('result');
});

function link(name: string, to: string): string {
  symlinkSync(to, temp('photos', name));
  return name;
}

test('a pipe is not waited for', async () => {
  execFileSync('mkfifo', [temp('photos', 'pipe.jpg')]);
  expect(await ask({ within: 'pipe.jpg' })).toMatchObject([{ refused: { code: 'FACE_IMAGE_NOT_FOUND' } }]);
});

test('a link within the folder is a photo like any other', async () => {
  link('also-anna.jpg', 'anna.jpg');
  expect(await ask({ within: 'also-anna.jpg' })).toMatchObject([{ result: { faces: [{}] } }]);
});

test.each([
  ['other bytes than it should have', { content: 'f'.repeat(64) }],
  ['another length than it should have', { bytes: bytes.length + 1 }],
])('a photo with %s is not looked at', async (_, wrong) => {
  expect(await ask({ within: 'anna.jpg', ...wrong })).toMatchObject([
    { refused: { code: 'FACE_IMAGE_CHANGED' } },
  ]);
});

test('a photo that was sent has to be the one that it is said to be', async () => {
  expect(await ask({ data: bytes.toString('base64') })).toMatchObject([{ result: { faces: [{}] } }]);
  const other = Buffer.from(bytes);
  other[1000] = (other[1000] as number) ^ 1;
  expect(await ask({ data: other.toString('base64') })).toMatchObject([
    { refused: { code: 'FACE_IMAGE_CHANGED' } },
  ]);
});

test('a file of 2 GB is not read', async () => {
  const huge = temp('photos', 'huge.jpg');
  openSync(huge, 'w');
  truncateSync(huge, 2 ** 31);
  const photo = { path: 'photos/huge.jpg', content, within: 'huge.jpg' };
  const before = process.memoryUsage().rss;
  // It is longer than any that a job may name …
  const tooLong = pack('job', { run, photos: [{ ...photo, bytes: 2 ** 31 }] });
  expect(() => unpack('job', tooLong)).toThrow(/bytes is not an integer from 0 to 536870912/);
  // … and not as long as it would have to be.
  expect(await ask({ ...photo, bytes: MOST_BYTES })).toMatchObject([
    { refused: { code: 'FACE_IMAGE_CHANGED' } },
  ]);
  expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
});

test('a worker without a folder opens nothing', async () => {
  const answers = await answersTo(
    { protocol: 1, run, photos: [{ path: 'a.jpg', content, bytes: bytes.length, within: 'anna.jpg' }] },
    { engine, pipeline: engine.pipeline, terms: terms(), share: undefined },
    undefined,
  );
  expect(answers).toMatchObject([{ refused: { reason: expect.stringContaining('--photos') } }]);
});

const photo = { path: 'a.jpg', content, bytes: 1, within: 'a.jpg' };
test.each([
  ['no JSON', { message: '{' }],
  ['not a message', 'job'],
  ['another version', { message: JSON.stringify({ protocol: 2, run, photos: [] }) }],
  ['another kind of run', { message: JSON.stringify({ protocol: 1, run: '../x', photos: [] }) }],
  ['too many photos', pack('job', { run, photos: Array.from({ length: 65 }, () => photo) })],
  ['a path that is too long', pack('job', { run, photos: [{ ...photo, within: 'a'.repeat(10_000) }] })],
  ['a hash that is none', pack('job', { run, photos: [{ ...photo, content: 'F'.repeat(64) }] })],
  ['a length below 0', pack('job', { run, photos: [{ ...photo, bytes: -1 }] })],
  ['a path that is no text', pack('job', { run, photos: [{ ...photo, within: 7 as unknown as string }] })],
])('%s is no job', (_, message) => {
  expect(() => unpack('job', message)).toThrow(WireError);
});

test('names that are not UTF-8 come over as they are', () => {
  const odd = `caf\udce9.jpg`;
  const message = JSON.parse(JSON.stringify(pack('job', { run, photos: [{ ...photo, within: odd }] })));
  expect(unpack('job', message).photos[0]?.within).toBe(odd);
});
