import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';

/*
 * Real servers of queues, on a free port of this computer, in a folder of their own that goes with them. Nothing is asked of
 * those that may be running already.
 */

export interface QueueServerProcess {
  /** Its address, for `--queue`. */
  readonly url: string;
  readonly password: string | undefined;
  readonly port: number;
  /** Ends it as a power cut would, and starts it again with what it has on its disk. */
  restart(): Promise<void>;
  /** Ends it; what it has stays. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
  /** Ends it, and removes all that it has. */
  remove(): Promise<void>;
  /** All that it holds of ours: keys, or rows. */
  holds(): Promise<string[]>;
}

const ROOT = process.getuid?.() === 0;

function program(name: string, folders: readonly string[] = []): string | undefined {
  const all = [...(process.env.PATH ?? '').split(delimiter), ...folders];
  return all.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function postgresFolders(): string[] {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  return readdirSync(versions).map((version) => join(versions, version, 'bin'));
}

export const REDIS = program('redis-server') ?? program('valkey-server');
export const POSTGRES = program('postgres', postgresFolders());
const INITDB = program('initdb', postgresFolders());

/** `describe`, or, said aloud, `describe.skip` where there is no such server. */
export function describeWithServer(kind: 'Redis' | 'PostgreSQL', name: string, tests: () => void): void {
  const there = kind === 'Redis' ? REDIS : POSTGRES && INITDB;
  if (there) {
    describe(`${name}, ${kind}`, tests);
    return;
  }
  const debian = kind === 'Redis' ? 'redis-server' : 'postgresql';
  process.stderr.write(`SKIPPED "${name}, ${kind}": there is none here (Debian: ${debian}).\n`);
  describe.skip(`${name}, ${kind}`, () => {
    test(`needs ${debian}`, () => {});
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Tries again until it works; what can't work ends with the test's own limit. */
async function until(attempt: () => Promise<unknown>, child: () => ChildProcess): Promise<void> {
  for (;;) {
    if (child().exitCode !== null || child().signalCode !== null) throw new Error('the server has ended');
    try {
      await attempt();
      return;
    } catch {
      await wait(20);
    }
  }
}

abstract class ServerProcess implements QueueServerProcess {
  abstract readonly url: string;
  abstract readonly password: string | undefined;
  protected child!: ChildProcess;

  constructor(
    readonly folder: string,
    readonly port: number,
  ) {}

  protected abstract spawn(): ChildProcess;
  protected abstract answers(): Promise<unknown>;
  abstract holds(): Promise<string[]>;

  async start(): Promise<void> {
    this.child = this.spawn();
    await until(
      () => this.answers(),
      () => this.child,
    );
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const end = once(this.child, 'exit');
    this.child.kill(signal);
    await end;
  }

  async restart(): Promise<void> {
    await this.end('SIGKILL');
    await this.start();
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

class RedisProcess extends ServerProcess {
  readonly url: string;

  constructor(
    folder: string,
    port: number,
    readonly password: string | undefined,
    private readonly options: readonly string[],
  ) {
    super(folder, port);
    this.url = `redis://127.0.0.1:${port}`;
  }

  spawn(): ChildProcess {
    const { folder, port, password, options } = this;
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const safe = ['--appendonly', 'yes', ...(password === undefined ? [] : ['--requirepass', password])];
    return spawn(REDIS as string, [...own, ...safe, ...options], { stdio: 'ignore' });
  }

  async #ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis({
      port: this.port,
      host: '127.0.0.1',
      ...(this.password !== undefined && { password: this.password }),
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  }

  answers() {
    return this.#ask((client) => client.ping());
  }

  holds() {
    return this.#ask((client) => client.keys('*'));
  }

  command(...words: [string, ...string[]]): Promise<unknown> {
    const [name, ...rest] = words;
    return this.#ask((client) => client.call(name, ...rest));
  }
}

export type TestRedis = RedisProcess;

/** With all on its disk within a second of its being written. */
export async function startRedis({
  password,
  options = [],
}: {
  password?: string;
  options?: readonly string[];
} = {}): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'face-cluster-redis-'));
  const server = new RedisProcess(folder, await freePort(), password, options);
  await server.start();
  return server;
}

class PostgresProcess extends ServerProcess {
  readonly url: string;
  readonly password = 'geheim';

  constructor(
    folder: string,
    port: number,
    private readonly user: { uid?: number; gid?: number },
  ) {
    super(folder, port);
    this.url = `postgres://tester@127.0.0.1:${port}/postgres`;
  }

  spawn(): ChildProcess {
    const { port, folder, user } = this;
    const own = ['-D', join(folder, 'data'), '-p', String(port), '-c', 'listen_addresses=127.0.0.1'];
    return spawn(POSTGRES as string, [...own, '-c', 'unix_socket_directories='], {
      stdio: 'ignore',
      ...user,
    });
  }

  async query(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url.replace('tester', `tester:${this.password}`) });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query(text)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  answers() {
    return this.query('SELECT 1');
  }

  async holds() {
    const rows: string[] = [];
    for (const table of ['job', 'meta', 'event', 'job_log', 'rate_limit', 'metrics']) {
      const found = await this.query(`SELECT count(*) AS n FROM face_cluster_native.${table}`);
      if (Number(found[0]?.n) > 0) rows.push(`${table}: ${found[0]?.n}`);
    }
    return rows;
  }
}

/** As another user if we are root, whom PostgreSQL does not want to be. */
export async function startPostgres(): Promise<PostgresProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'face-cluster-postgres-'));
  const [uid, gid] = ROOT ? ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'nobody']))) : [];
  const user = uid === undefined || gid === undefined ? {} : { uid, gid };
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  const password = join(folder, 'password');
  writeFileSync(password, 'geheim', { mode: 0o644 });
  mkdirSync(join(folder, 'data'));
  if (uid !== undefined && gid !== undefined) chownSync(join(folder, 'data'), uid, gid);
  const make = ['-D', join(folder, 'data'), '-U', 'tester', '-A', 'scram-sha-256', `--pwfile=${password}`];
  execFileSync(INITDB as string, [...make, '-E', 'UTF8', '--locale=C', '--no-sync'], {
    stdio: 'ignore',
    ...user,
  });
  const server = new PostgresProcess(folder, await freePort(), user);
  await server.start();
  return server;
}
