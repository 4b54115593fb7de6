import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { FaceError } from '../../src/base/errors';
import { encodeFaces } from '../../src/encode/encode';
import * as states from '../../src/encode/journal/photo-state';
import * as decode from '../../src/photos/decode';
import { Board, photosQueue, reportsQueue } from '../../src/queue/board';
import { type EncodeOnQueueOptions, encodeFacesOnQueue } from '../../src/queue/encode-on-queue';
import { OwnWorkerProcess } from '../../src/queue/own-worker';
import { RunFile } from '../../src/queue/run-file';
import { QueueServer } from '../../src/queue/server';
import { runQueueWorker } from '../../src/queue/worker';
import { PORTRAITS, useTempFolder } from '../support/files';
import { coordinatorOptions } from '../support/queue-machines';
import { describeWithServer, type RedisProcess, startRedis } from '../support/queue-servers';

jest.mock('../../src/photos/decode', () => {
  const actual = jest.requireActual('../../src/photos/decode');
  return { ...actual, openBytes: jest.fn(actual.openBytes) };
});

jest.mock('../../src/encode/journal/photo-state', () => {
  const actual = jest.requireActual('../../src/encode/journal/photo-state');
  return { ...actual, photoState: jest.fn(actual.photoState) };
});

const temp = useTempFolder();
const { photoState } = jest.requireActual('../../src/encode/journal/photo-state') as typeof states;

describeWithServer('Redis', 'a coordinator and a worker in one process', () => {
  let server: RedisProcess;
  beforeEach(async () => {
    server = await startRedis();
    mkdirSync(temp('photos'));
    const names = readdirSync(PORTRAITS).filter((name) => name.startsWith('franck_'));
    for (const name of names.slice(0, 3)) copyFileSync(`${PORTRAITS}/${name}`, temp('photos', name));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    jest.mocked(decode.openBytes).mockImplementation(jest.requireActual('../../src/photos/decode').openBytes);
    jest.mocked(states.photoState).mockImplementation(photoState);
    await server.remove();
  });

  const options = (more: Partial<EncodeOnQueueOptions> = {}) => coordinatorOptions(server, temp, more);
  const alone = (name: string, mirror = false) =>
    encodeFaces({ dataset: temp('photos'), encodings: temp(name, 'faces.pickle'), method: 'hog', mirror });

  /** Runs both to the coordinator's end. */
  async function encodeWithWorker(more: Partial<EncodeOnQueueOptions>) {
    const stop = new AbortController();
    const worker = runQueueWorker({ queue: server.url, photos: temp('photos'), jobs: 1, stop: stop.signal });
    try {
      return await encodeFacesOnQueue(options(more));
    } finally {
      stop.abort();
      await worker;
    }
  }

  test('a known photo that can not be decoded any more stays known when mirror images are asked for, as without a queue', async () => {
    for (const name of ['one', 'queue']) await alone(name);
    const [broken] = readdirSync(temp('photos')).sort();
    const { openBytes } = jest.requireActual('../../src/photos/decode') as typeof decode;
    jest.mocked(decode.openBytes).mockImplementation(async (bytes, name, ...rest) => {
      if (!name.path?.endsWith(broken as string)) return openBytes(bytes, name, ...rest);
      throw new FaceError('FACE_IMAGE_DECODE', 'It can not be decoded any more.');
    });
    const expected = await alone('one', true);
    expect(expected).toMatchObject({ photos: 3, photosFailed: 0, photosMeasured: 2, problems: [] });
    const { photos, faces, photosFailed, photosMeasured, photosKnown, problems } = expected;
    expect(await encodeWithWorker({ mirror: true })).toMatchObject({
      ...{ photos, faces, photosFailed, photosMeasured, photosKnown, problems },
    });
    expect(readFileSync(temp('queue/faces.pickle'))).toEqual(readFileSync(temp('one/faces.pickle')));
    expect(await server.holds()).toEqual([]);
  });

  test('what a coordinator has left that was killed at its end goes with the next, which needs no worker for that', async () => {
    // An hour from now they are known without being read.
    jest.mocked(states.photoState).mockImplementation((stats) => photoState(stats, Date.now() + 3_600_000));
    await encodeFaces({ dataset: temp('photos'), encodings: temp('queue/faces.pickle'), method: 'hog' });
    const runFile = await RunFile.open(temp('queue/faces.pickle'));
    const queue = await QueueServer.connect({ queue: server.url });
    const run = await runFile.begin('0'.repeat(16), queue.address, undefined);
    for (const name of [photosQueue(run), reportsQueue(run)]) {
      const left = queue.queue(name, true, () => {});
      await left.add('x', { message: '' }, { jobId: 'a_b' });
      await left.close();
    }
    expect(await server.holds()).not.toEqual([]);
    const start = jest.spyOn(OwnWorkerProcess.prototype, 'start');
    expect(await encodeFacesOnQueue(options({ work: true }))).toMatchObject({ photosKnown: 3 });
    expect(start).not.toHaveBeenCalled();
    expect(await server.holds()).toEqual([]);
    expect(existsSync(temp('queue/faces.pickle.queue'))).toBe(false);
    expect(readdirSync(temp('queue')).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
  });

  test('a run is on the board until all else of it is gone: whoever is ended before that has left what can be removed', async () => {
    const { remove } = Board.prototype;
    const held: string[][] = [];
    jest.spyOn(Board.prototype, 'remove').mockImplementation(async function (this: Board, run) {
      held.push(await server.holds());
      return remove.call(this, run);
    });
    expect(await encodeWithWorker({})).toMatchObject({ photos: 3, photosFailed: 0 });
    expect(held.length).toBe(1);
    for (const keys of held) expect(keys.filter((key) => !key.includes(':runs:'))).toEqual([]);
    expect(await server.holds()).toEqual([]);
  });
});
