import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SplitMix64 } from '../../src/base/random';
import { queueStatus } from '../../src/queue/status';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import {
  coordinator,
  endMachines,
  type Machine,
  makePhotos,
  resultsIn,
  worker,
} from '../support/queue-machines';
import {
  describeWithServer,
  type QueueServerProcess,
  startPostgres,
  startRedis,
} from '../support/queue-servers';

/*
 * Computers that are switched off, a server that is restarted: no photo is lost, none is there twice, and the encodings file is,
 * byte for byte, that of one computer. FACE_CLUSTER_QUEUE_PHOTOS=1000 is the whole of it: 1,000 photos, 10 workers killed, the
 * coordinator twice, and the server once (see CONTRIBUTING.md).
 */
const temp = useTempFolder();
const PHOTOS = Number(process.env.FACE_CLUSTER_QUEUE_PHOTOS ?? 240);
const WHOLE = PHOTOS >= 1000;
const WORKERS_KILLED = WHOLE ? 10 : 3;
const COORDINATORS_KILLED = WHOLE ? 2 : 1;

let server: QueueServerProcess;
afterEach(async () => {
  await endMachines();
  await server.remove();
});

/** Checks now and then whether something is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(20);
}

async function killAllKinds(): Promise<void> {
  const options = { cwd: temp(), server };
  const random = new SplitMix64(22n);
  await makePhotos(temp('photos'), PHOTOS);
  expect(
    await runCli(['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle'], { cwd: temp() }),
  ).toMatchObject({
    code: 0,
  });
  const expected = readFileSync(temp('one/faces.pickle'));

  type Kill = 'worker' | 'coordinator' | 'server';
  const kills: Kill[] = [
    ...Array<Kill>(WORKERS_KILLED).fill('worker'),
    ...Array<Kill>(COORDINATORS_KILLED).fill('coordinator'),
    'server',
  ];
  // In a random order, the last with a fifth of the photos yet to be done.
  for (let i = kills.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [kills[i], kills[j]] = [kills[j] as Kill, kills[i] as Kill];
  }
  const workers = Array.from({ length: 3 }, () => worker(options, 'photos'));
  let main: Machine = coordinator(options, '-j', '1');
  const journal = temp('queue/faces.pickle.journal');
  const done = () => {
    try {
      return resultsIn(journal).length;
    } catch {
      // The last line may be half written, and there is none at first.
      return 0;
    }
  };
  const struck: string[] = [];
  for (const [i, kill] of kills.entries()) {
    const after = Math.floor((0.8 * PHOTOS * (i + 1)) / (kills.length + 1));
    await until(() => done() >= after || !main.isRunning);
    expect(main.isRunning).toBe(true);
    struck.push(`${kill} at ${done()}`);
    if (kill === 'worker') {
      const at = random.below(workers.length);
      await workers[at]?.kill();
      workers[at] = worker(options, 'photos');
    } else if (kill === 'coordinator') {
      await main.kill();
      main = coordinator(options, '-j', '1');
    } else await server.restart();
  }
  const { code } = await main.ended;
  process.stdout.write(`Killed: ${struck.join(', ')}; ${main.notes.join(' | ')}\n`);
  expect([code, main.stderr]).toEqual([0, '']);
  expect(main.events.at(-1)).toMatchObject({ event: 'done', photos: PHOTOS, problems: 0 });
  expect(readFileSync(temp('queue/faces.pickle')).equals(expected)).toBe(true);
  const results = resultsIn(journal);
  expect(results.length).toBe(PHOTOS);
  expect(new Set(results).size).toBe(PHOTOS);
  // Nothing is left beside the file, and nothing on the server when the workers have noticed.
  expect(readdirSync(temp('queue')).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
  for (const one of workers) {
    await one.saw(({ event, what }) => event === 'run' && what === 'left');
    await one.kill('SIGINT');
  }
  await until(async () => (await server.holds()).length === 0);
}

/** One worker has photos in hand when it is killed, and another is there. */
async function retake(): Promise<void> {
  const options = { cwd: temp(), server };
  const photos = 12;
  await makePhotos(temp('photos'), photos);
  const main = coordinator(options, '--no-work');
  const first = worker(options, 'photos');
  const address = {
    queue: server.url,
    ...(server.password !== undefined && { password: server.password }),
  };
  await until(async () => ((await queueStatus(address)).runs[0]?.jobsInHand ?? 0) > 0);
  await first.kill();
  const killed = performance.now();
  expect(main.done).toBeLessThan(photos);
  worker(options, 'photos');
  expect(await main.ended).toMatchObject({ code: 0 });
  const seconds = (performance.now() - killed) / 1000;
  process.stdout.write(`Done by another ${seconds.toFixed(0)} s after the kill\n`);
  expect(seconds).toBeLessThan(60);
}

/** A photo that ends whatever opens it, among others. */
async function deadly(): Promise<void> {
  const options = { cwd: temp(), server };
  await makePhotos(temp('photos'), 6);
  const kill = temp('kill.js');
  writeFileSync(
    kill,
    `const fs = require('node:fs/promises'); const { open } = fs;
    const isCoordinator = process.argv.includes('encode');
    fs.open = (path, ...rest) => {
      if (!isCoordinator && String(path).endsWith('00003.jpg')) process.kill(process.pid, 'SIGKILL');
      return open(path, ...rest);
    };`,
  );
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(kill)}` };
  const main = coordinator({ ...options, env });
  expect(await main.ended).toMatchObject({ code: 3 });
  expect(main.events.filter(({ event }) => event === 'problem')).toEqual([
    expect.objectContaining({ code: 'FACE_WORKER_LOST', path: join('photos', 'album 3', '00003.jpg') }),
  ]);
  expect(main.events.at(-1)).toMatchObject({ event: 'done', photos: 6, photosFailed: 1 });
}

const LIMIT = 900_000;

describeWithServer('Redis', 'many machines', () => {
  beforeEach(async () => {
    // What was written in the last second may be gone after a power cut.
    server = await startRedis({ options: ['--appendfsync', 'everysec'] });
    mkdirSync(temp('queue'));
  });
  test('workers, coordinator and server killed', killAllKinds, LIMIT);
  test('photos of a killed worker are retaken', retake, LIMIT);
  test('a photo that ends the process is a problem, and the others are done', deadly, LIMIT);
});

describeWithServer('PostgreSQL', 'many machines', () => {
  beforeEach(async () => {
    server = await startPostgres();
    mkdirSync(temp('queue'));
  });
  test('workers, coordinator and server killed', killAllKinds, LIMIT);
  test('photos of a killed worker are retaken', retake, LIMIT);
});
