import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { until } from '../support/queue-machines';
import { describeWithServer, startPostgres } from '../support/queue-servers';

/*
 * A test or a bench that is killed leaves none of the servers that it has started, nor what they had on the disk.
 */
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
const SERVERS = require.resolve('../../scripts/bench/queue-servers.js');

interface Started {
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
  readonly user: number;
}

/** A program with a server, and with a process that uses it and would go on for ever. */
async function program(start: 'startRedis' | 'startPostgres') {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `require(process.argv[1]).${start}().then((server) => {
        const user = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
        server.keep(user);
        const { pid, port, folder } = server;
        console.log(JSON.stringify({ pid, port, folder, user: user.pid }));
      })`,
      SERVERS,
    ],
    // As in a terminal: Ctrl-C reaches all.
    { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  running.add(child);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('it has ended')));
  const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  return { child, started: JSON.parse(said.toString()) as Started };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The piece of System V's shared memory by which PostgreSQL knows that it runs. */
function sharedMemory(folder: string): string {
  const [, id] =
    readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[6]?.trim().split(/\s+/) ?? [];
  return id as string;
}

const hasSharedMemory = (id: string) =>
  existsSync('/proc/sysvipc/shm') &&
  readFileSync('/proc/sysvipc/shm', 'utf8')
    .split('\n')
    .some((line) => line.trim().split(/\s+/)[1] === id);

for (const [kind, start] of [
  ['Redis', 'startRedis'],
  ['PostgreSQL', 'startPostgres'],
] as const) {
  describeWithServer(kind, 'a server', () => {
    test.each(['SIGKILL', 'SIGINT'] as const)('is gone after its program had %s', async (signal) => {
      const { child, started } = await program(start);
      const { pid, port, folder, user } = started;
      expect([runs(pid), runs(user), await answers(port), existsSync(folder)]).toEqual([
        true,
        true,
        true,
        true,
      ]);
      const memory = kind === 'PostgreSQL' ? sharedMemory(folder) : undefined;
      // Ctrl-C reaches all processes of a terminal, SIGKILL the one that it is meant for.
      process.kill(signal === 'SIGINT' ? -(child.pid as number) : (child.pid as number), signal);
      await once(child, 'exit');
      await until(async () => !runs(pid) && !runs(user) && !existsSync(folder) && !(await answers(port)));
      if (memory !== undefined) expect(hasSharedMemory(memory)).toBe(false);
    });
  });
}

describeWithServer('PostgreSQL', 'a server', () => {
  test('leaves no shared memory when it is removed, whatever has happened to it', async () => {
    const server = await startPostgres();
    await server.restart();
    const memory = sharedMemory(server.folder);
    await server.remove();
    expect(existsSync(server.folder)).toBe(false);
    expect(hasSharedMemory(memory)).toBe(false);
  });
});
