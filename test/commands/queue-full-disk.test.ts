import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testWithMount } from '../support/mount';
import {
  coordinator,
  expectSame,
  makePhotos,
  type Network,
  onNetwork,
  until,
  worker,
} from '../support/queue-machines';
import {
  describeWithServer,
  type QueueServerProcess,
  startPostgres,
  startRedis,
} from '../support/queue-servers';

/*
 * A server whose disk gets full while a run is under way: both sides are told, nothing is lost, and the run goes on when there is room.
 */
const SHORT_LOCKS = {
  NODE_OPTIONS: `--require ${JSON.stringify(require.resolve('../support/queue-short-locks.js'))}`,
};

/** A test with a server that has a disk of its own. */
function onDisk<Server extends QueueServerProcess>(
  size: string,
  start: (disk: string) => Promise<Server>,
  run: (network: Network<Server>, disk: string) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const disk = mkdtempSync(join(tmpdir(), 'face-cluster-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', disk]);
    try {
      await onNetwork(
        () => start(disk),
        (network) => run({ ...network, env: SHORT_LOCKS }, disk),
      )();
    } finally {
      execFileSync('umount', [disk]);
      rmSync(disk, { recursive: true });
    }
  };
}

/** Leaves no room on a disk. @returns makes room again */
function fill(disk: string): () => void {
  const file = join(disk, 'others');
  const handle = openSync(file, 'w');
  for (let length = 1 << 20; length > 0; ) {
    try {
      writeSync(handle, Buffer.alloc(length));
    } catch {
      length >>= 1;
    }
  }
  closeSync(handle);
  return () => rmSync(file);
}

async function getsFull(network: Network, disk: string, told: RegExp): Promise<void> {
  const { server, temp } = network;
  await makePhotos(temp('photos'), 260);
  const main = coordinator(network, '--no-work');
  await until(async () => (await server.holds().catch(() => [])).length > 0, main);
  const makeRoom = fill(disk);
  const other = worker(network, 'photos');
  expect(await other.told(told)).toMatch(/It is tried again and again; what is done is kept\.$/);
  expect(main.isRunning).toBe(true);
  makeRoom();
  expect(await main.ended).toEqual({ code: 0, signal: null });
  expect(main.events.at(-1)).toMatchObject({ photos: 260, photosFailed: 0 });
  await expectSame(network);
}

describeWithServer('Redis', 'a full disk', () => {
  testWithMount("a full disk of the queue's server, Redis")(
    'is told of, and the run goes on when there is room',
    onDisk(
      '16m',
      (disk) => startRedis({ disk }),
      (network, disk) =>
        getsFull(network, disk, /can't write to its disk: MISCONF [^@]*No space left on device\. /),
    ),
  );
});

describeWithServer('PostgreSQL', 'a full disk', () => {
  testWithMount("a full disk of the queue's server, PostgreSQL")(
    'is told of, and the run goes on when there is room',
    onDisk(
      '160m',
      (disk) => startPostgres({ disk, options: ['-c', 'max_wal_size=32MB', '-c', 'min_wal_size=32MB'] }),
      (network, disk) => getsFull(network, disk, /has no room left on its disk: could not /),
    ),
  );
});
