import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SplitMix64 } from '../../src/base/random';
import { runCli } from '../support/cli';
import {
  coordinator,
  type Machine,
  makePhotos,
  type Network,
  onNetwork,
  resultsIn,
  until,
  worker,
} from '../support/queue-machines';
import { describeWithServer, startPostgres, startRedis } from '../support/queue-servers';

/*
 * Computers that are switched off, a server that is restarted: no photo is lost, none is there twice, and the encodings file is,
 * byte for byte, that of one computer: of 1,000 photos, with 10 workers killed, the coordinator twice, and the server once.
 * FACE_CLUSTER_QUEUE_PHOTOS=5000 takes more, and FACE_CLUSTER_QUEUE_SEED another order (see CONTRIBUTING.md).
 */
const PHOTOS = Number(process.env.FACE_CLUSTER_QUEUE_PHOTOS ?? 1000);
const SEED = BigInt(process.env.FACE_CLUSTER_QUEUE_SEED ?? 22);
const WORKERS_KILLED = 10;
const COORDINATORS_KILLED = 2;

const preload = (...files: string[]) => ({
  NODE_OPTIONS: files.map((file) => `--require ${JSON.stringify(file)}`).join(' '),
});
const SHORT_LOCKS = require.resolve('../support/queue-short-locks.js');

async function killAllKinds(bare: Network): Promise<void> {
  const network = { ...bare, env: preload(SHORT_LOCKS) };
  const { cwd, temp, server } = network;
  const random = new SplitMix64(SEED);
  mkdirSync(temp('queue'));
  await makePhotos(temp('photos'), PHOTOS);
  expect(await runCli(['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle'], { cwd })).toMatchObject({
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
  const workers = Array.from({ length: 3 }, () => worker(network, 'photos'));
  let main: Machine = coordinator(network, '-j', '1');
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
      workers[at] = worker(network, 'photos');
    } else if (kill === 'coordinator') {
      await main.kill();
      main = coordinator(network, '-j', '1');
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

/** What is to be loaded before a program that a certain photo is to kill. */
function deadlyPhoto({ temp }: Network, name: string): string {
  const file = temp('deadly-photo.js');
  writeFileSync(
    file,
    `const fs = require('node:fs/promises'); const { open } = fs;
    const isCoordinator = process.argv.includes('encode');
    fs.open = (path, ...rest) => {
      if (!isCoordinator && String(path).endsWith(${JSON.stringify(name)})) process.kill(process.pid, 'SIGKILL');
      return open(path, ...rest);
    };`,
  );
  return file;
}

/** One worker has photos in hand when it is killed, and another is there; with the times that are used. */
async function retake(network: Network): Promise<void> {
  const { temp } = network;
  await makePhotos(temp('photos'), 12);
  const main = coordinator(network, '--no-work');
  const first = worker({ ...network, env: preload(deadlyPhoto(network, '00003.jpg')) }, 'photos');
  expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
  const killed = performance.now();
  expect(main.done).toBe(0);
  worker(network, 'photos');
  expect(await main.ended).toMatchObject({ code: 0 });
  const seconds = (performance.now() - killed) / 1000;
  process.stdout.write(`Done by another ${seconds.toFixed(0)} s after the kill\n`);
  expect(seconds).toBeLessThan(60);
}

/** A photo that ends whatever opens it, among others. */
async function deadly(network: Network): Promise<void> {
  const { temp } = network;
  await makePhotos(temp('photos'), 6);
  const main = coordinator({ ...network, env: preload(SHORT_LOCKS, deadlyPhoto(network, '00003.jpg')) });
  expect(await main.ended).toMatchObject({ code: 3 });
  expect(main.events.filter(({ event }) => event === 'problem')).toEqual([
    expect.objectContaining({ code: 'FACE_WORKER_LOST', path: join('photos', 'album 3', '00003.jpg') }),
  ]);
  expect(main.events.at(-1)).toMatchObject({ event: 'done', photos: 6, photosFailed: 1 });
}

const LIMIT = 900_000;

describeWithServer('Redis', 'many machines', () => {
  // What was written in the last second may be gone after a power cut.
  const start = () => startRedis({ options: ['--appendfsync', 'everysec'] });
  test.concurrent('workers, coordinator and server killed', onNetwork(start, killAllKinds), LIMIT);
  test.concurrent('photos of a killed worker are retaken', onNetwork(start, retake), LIMIT);
  test.concurrent(
    'a photo that ends the process is a problem, and the others are done',
    onNetwork(start, deadly),
    LIMIT,
  );
});

describeWithServer('PostgreSQL', 'many machines', () => {
  test.concurrent('workers, coordinator and server killed', onNetwork(startPostgres, killAllKinds), LIMIT);
  test.concurrent('photos of a killed worker are retaken', onNetwork(startPostgres, retake), LIMIT);
});
