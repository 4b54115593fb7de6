import { writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import * as read from '../../src/photos/read';
import { PATIENCE_MS, PhotoShare } from '../../src/queue/photo-share';
import { useTempFolder } from '../support/files';

jest.mock('../../src/photos/read', () => {
  const actual = jest.requireActual('../../src/photos/read');
  return { ...actual, readPhoto: jest.fn(actual.readPhoto) };
});

/*
 * A folder on a share whose server does not answer: who reads from it waits for ever.
 */
const temp = useTempFolder();
const SECOND = 256 * 1024;
const never = () => new Promise<never>(() => {});
const silent = (path: string) => ({
  code: 'FACE_IO',
  path,
  message: expect.stringMatching(/has not answered for 5 minutes\. Look whether the computer/),
});
let share: PhotoShare;

beforeEach(async () => {
  for (const name of ['a.jpg', 'b.jpg']) writeFileSync(temp(name), Buffer.alloc(10 * SECOND));
  share = await PhotoShare.open(temp(), undefined);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
});
afterEach(() => {
  jest.useRealTimers();
  jest.mocked(read.readPhoto).mockImplementation(jest.requireActual('../../src/photos/read').readPhoto);
});

const reads = (count: number) => {
  jest.mocked(read.readPhoto).mockImplementation(never).mockClear();
  return async () => {
    while (jest.mocked(read.readPhoto).mock.calls.length < count) await new Promise(setImmediate);
  };
};

test('a photo is read, and nothing is left waiting for the time that it had', async () => {
  expect((await share.read('a.jpg', 10 * SECOND, undefined)).bytes).toHaveLength(10 * SECOND);
  expect(jest.getTimerCount()).toBe(0);
});

test('it has five minutes, and a second for each 256 KB that are being read', async () => {
  const begun = reads(2);
  const told: unknown[] = [];
  for (const name of ['a.jpg', 'b.jpg'])
    share.read(name, 10 * SECOND, undefined).catch((error: unknown) => told.push(error));
  const work = share.unlessSilent(never()).catch((error: unknown) => told.push(error));
  await begun();
  // The first was begun alone.
  await jest.advanceTimersByTimeAsync(PATIENCE_MS + 10_000 - 1);
  expect(told).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  await work;
  const path = await realpath(temp());
  expect(told).toMatchObject([silent(path), silent(path), silent(path)]);
});

test('from then on nothing is waited for, whatever it is', async () => {
  const begun = reads(1);
  const first = expect(share.read('a.jpg', 10 * SECOND, undefined)).rejects.toMatchObject({
    code: 'FACE_IO',
  });
  await begun();
  await jest.advanceTimersByTimeAsync(PATIENCE_MS + 10_000);
  await first;
  await expect(share.read('b.jpg', 10 * SECOND, undefined)).rejects.toMatchObject({ code: 'FACE_IO' });
  await expect(share.unlessSilent(never())).rejects.toMatchObject({ code: 'FACE_IO' });
  expect(jest.getTimerCount()).toBe(0);
});

test('who ends does not wait for it', async () => {
  const begun = reads(1);
  const ends = new AbortController();
  const reading = share.read('a.jpg', 10 * SECOND, ends.signal);
  await begun();
  ends.abort();
  await expect(reading).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  await expect(share.unlessSilent(never(), ends.signal)).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect(jest.getTimerCount()).toBe(0);
});

test('a folder that is not there is told of', async () => {
  await expect(PhotoShare.open(temp('none'), undefined)).rejects.toMatchObject({
    code: 'FACE_IO',
    message: expect.stringMatching(/by the name that it has on this computer/),
  });
});
