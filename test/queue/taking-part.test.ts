import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Job, type Queue } from 'bullmq';
import { FaceEngine } from '../../src/engine/engine';
import { Board, photosQueue, reportsQueue } from '../../src/queue/board';
import { machineFingerprint } from '../../src/queue/fingerprint';
import { type Announcement, pack, type Report, unpack } from '../../src/queue/messages';
import { QueueServer } from '../../src/queue/server';
import { termsOf } from '../../src/queue/terms';
import { type QueueRunEvent, type QueueWorkerOptions, runQueueWorker } from '../../src/queue/worker';
import { sha256 } from '../../src/system/sha256';
import { PORTRAITS, useTempFolder } from '../support/files';
import { describeWithServer, type RedisProcess, startRedis } from '../support/queue-servers';

/*
 * A worker whose coordinator is this test.
 */
const temp = useTempFolder();
const RUN = '0123456789abcdef';
const noTrouble = () => {};
const PORTRAIT = join(PORTRAITS, 'franck_02221.jpg');
const bytes = readFileSync(PORTRAIT);
const photo = { path: 'anna.jpg', within: 'anna.jpg', content: sha256(bytes), bytes: bytes.length };

describeWithServer('Redis', 'a worker', () => {
  let server: RedisProcess;
  let queue: QueueServer;
  let board: Board;
  let [photos, reports]: Queue[] = [];
  let fingerprint: string;
  beforeAll(async () => {
    const engine = new FaceEngine({ jobs: 1 });
    fingerprint = await machineFingerprint(engine);
    engine.dispose();
  });
  beforeEach(async () => {
    server = await startRedis();
    queue = await QueueServer.connect({ queue: server.url });
    board = new Board(queue, true, undefined, noTrouble);
    photos = queue.queue(photosQueue(RUN), true, noTrouble);
    reports = queue.queue(reportsQueue(RUN), true, noTrouble);
    mkdirSync(temp('photos'));
    copyFileSync(PORTRAIT, temp('photos/anna.jpg'));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all([board.close(), photos?.close(), reports?.close()]);
    await server.remove();
  });

  const announcement = ({ upsample = 0, numJitters = 1, maxPixels = 1e8 } = {}) => ({
    run: RUN,
    host: 'nas',
    program: 'face-cluster-native',
    terms: termsOf({ settings: { method: 'hog', upsample, numJitters }, mirror: false, maxPixels }),
    fingerprint,
    sends: false,
    sample: { within: photo.within, bytes: photo.bytes, content: photo.content },
    ...{ at: Date.now(), done: 0, total: 1, workers: [] },
  });
  const put = (more: Partial<Announcement> = {}) => board.put({ ...announcement(), ...more });
  const add = (id: string) =>
    photos?.add('photos', pack('job', { run: RUN, photos: [photo] }), { jobId: id, removeOnComplete: true });

  async function reported(is: (report: Report) => boolean): Promise<Report> {
    for (;;) {
      const jobs = await (reports as Queue).getJobs(['waiting']);
      const found = jobs.map((job) => unpack('report', job.data)).find(is);
      if (found) return found;
      await wait(20);
    }
  }

  /** A worker of this process, its events, and what ends it in good order. */
  function start(options: Partial<QueueWorkerOptions> = {}) {
    const events: QueueRunEvent[] = [];
    const stop = new AbortController();
    const ended = runQueueWorker({
      queue: server.url,
      photos: temp('photos'),
      jobs: 1,
      stop: stop.signal,
      onRun: (event) => events.push(event),
      ...options,
    });
    // A test that waits for what will not come says why.
    ended.catch((error: unknown) => events.push({ run: '', host: '', what: 'left', reason: String(error) }));
    const saw = async (what: QueueRunEvent['what']) => {
      for (;;) {
        const found = events.find((event) => event.what === what);
        if (found) return found;
        await wait(20);
      }
    };
    const end = () => {
      stop.abort();
      return ended;
    };
    return { events, saw, end };
  }

  test.each([
    ['--num-jitters', { numJitters: 5_000 }, {}],
    ['--upsample', { upsample: 8 }, {}],
    ['--max-pixels', { maxPixels: 1e8 }, { maxPixels: 5e7 }],
  ])('takes no part in a run that asks for more than its own %s', async (option, asked, own) => {
    await board.put(announcement(asked));
    await add('first');
    const worker = start(own);
    expect((await worker.saw('refused')).reason).toContain(`The run of nas has ${option} `);
    // The coordinator tells people of it, too.
    expect((await reported(({ cannot }) => cannot !== undefined)).cannot).toContain(option);
    expect(await worker.end()).toMatchObject({ photos: 0 });
    expect(await photos?.getWaitingCount()).toBe(1);
  });

  test('leaves a run that is over, and does not come back while it is on the board', async () => {
    await put();
    await add('first');
    const worker = start();
    expect(await reported(({ job }) => job === 'first')).toMatchObject({ answers: [{ result: {} }] });
    await put({ over: true });
    await worker.saw('left');
    const joined = worker.events.filter(({ what }) => what === 'joined').length;
    const { runs } = Board.prototype;
    let looked = 0;
    jest.spyOn(Board.prototype, 'runs').mockImplementation(async function (this: Board) {
      looked++;
      return runs.call(this);
    });
    while (looked < 2) await wait(20);
    await worker.end();
    expect(worker.events.filter(({ what }) => what === 'joined').length).toBe(joined);
  });

  test('leaves a run whose photos are away, and its jobs to others, when its share is gone', async () => {
    await put();
    await add('first');
    const worker = start();
    expect(await reported(({ job }) => job === 'first')).toMatchObject({ answers: [{ result: {} }] });
    renameSync(temp('photos'), temp('unmounted'));
    mkdirSync(temp('photos'));
    // Each is one that it has at hand.
    await Promise.all([add('second'), add('third')]);
    expect((await worker.saw('refused')).reason).toMatch(/is not the folder with the photos of nas/);
    await worker.saw('left');
    // Not begun, as if nobody had taken it.
    for (const id of ['second', 'third']) expect(await photos?.getJob(id)).toMatchObject({ progress: 0 });
    expect(await photos?.getWaitingCount()).toBe(2);
    await worker.end();
    const told = (await (reports as Queue).getJobs(['waiting'])).map((job) => unpack('report', job.data));
    expect(told.flatMap(({ job }) => job ?? [])).toEqual(['first']);
    expect(told.filter(({ cannot }) => cannot)).toHaveLength(1);
  });

  test('refuses a photo that alone is away', async () => {
    await put();
    await photos?.add('photos', pack('job', { run: RUN, photos: [{ ...photo, within: 'away.jpg' }] }), {
      jobId: 'away',
    });
    const worker = start();
    expect(await reported(({ job }) => job === 'away')).toMatchObject({
      answers: [{ refused: { code: 'FACE_IMAGE_NOT_FOUND' } }],
    });
    expect(worker.events).toMatchObject([{ what: 'joined' }]);
    await worker.end();
  });

  test('goes on when the server has forgotten a job before it was begun', async () => {
    const { updateProgress } = Job.prototype;
    const forget = jest.spyOn(Job.prototype, 'updateProgress').mockImplementationOnce(async function (
      this: Job,
      begun,
    ) {
      await server.call('FLUSHALL');
      return updateProgress.call(this, begun);
    });
    await put();
    await add('first');
    const worker = start();
    while (forget.mock.results.length === 0) await wait(20);
    await forget.mock.results[0]?.value.catch(() => {});
    // As its coordinator does when it has noticed.
    await put();
    await add('second');
    expect(await reported(({ job }) => job === 'second')).toMatchObject({ answers: [{ result: {} }] });
    expect(await worker.end()).toMatchObject({ photos: 1 });
  });
});
