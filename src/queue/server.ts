import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConnectionOptions, PostgresConnection, PostgresConnectionOptions, Queue, Worker } from 'bullmq';
import { FaceError, messageOf, throwIfAborted } from '../base/errors';
import { invalidArgument } from '../base/validate';
import type { QueueServerOptions } from './options';
import { isForbidden, isTransient, isUnusable, queueError } from './trouble';

/** What all that this program puts onto a server is under: keys of Redis, a schema of PostgreSQL. */
const PREFIX = 'face-cluster-native';
const SCHEMA = 'face_cluster_native';

/** Of the connections of one queue to PostgreSQL; none is held for long. */
const POOL = 4;
/** How long to wait for an answer when connecting. */
const CONNECT_MS = 10_000;
/** How long a server is waited for that is not there at the beginning: it may be starting. */
const PATIENCE_MS = 15_000;
const AGAIN_MS = 500;
/** How long after the connection is lost the next attempt is, at most. */
const RECONNECT_MS = 3_000;

/**
 * How long a job is its worker's after the last sign of life. Jobs take seconds; a computer that was switched off is noticed within
 * {@link LOCK_MS} and two {@link CHECK_MS}.
 */
export const LOCK_MS = 15_000;
export const CHECK_MS = 10_000;
/** How far clocks may be apart where locks are by the time of who takes a job, and looked at by another's. */
const CLOCK_MS = 3_000;
/** How many events the engine keeps for others to read: nobody does. */
const EVENTS_KEPT = 16;

/** `ErrorCode.JobNotExist` of the engine, which is loaded only when there is a server. */
const JOB_NOT_THERE = -1;

type BullMq = typeof import('bullmq');
interface RedisClient {
  connect(): Promise<void>;
  exists(key: string): Promise<number>;
  info(section: string): Promise<string>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): void;
}
type Processor = import('bullmq').Processor;

/** How jobs are taken from a queue. */
export interface TakingOptions {
  /** What is done with each; without, none is taken. */
  readonly work?: Processor;
  /** How many at once. */
  readonly concurrency?: number;
  /** Whether to put jobs back whose worker is gone; one who does is enough. */
  readonly checks: boolean;
}

/** The server that queues are on. */
export class QueueServer {
  readonly #password: string;
  /** Whether Redis tells of itself: those who keep one for others may have that forbidden. */
  #mayAsk = true;

  private constructor(
    private readonly url: URL,
    password: string | undefined,
    private readonly engine: BullMq,
  ) {
    this.#password = password ?? decodeURIComponent(url.password);
  }

  /**
   * Makes sure that the server is there and lets us in.
   * @param onTrouble is told of attempts that failed, if there are to be several: for {@link PATIENCE_MS}, while that may help
   * @throws FaceError FACE_INVALID_ARGUMENT, FACE_QUEUE, FACE_ABORTED
   */
  static async connect(
    { queue, password }: QueueServerOptions,
    signal?: AbortSignal,
    onTrouble?: (error: FaceError) => void,
  ): Promise<QueueServer> {
    const url = checkAddress(queue);
    const server = new QueueServer(url, password, loadEngine(url));
    const since = performance.now();
    for (;;) {
      throwIfAborted(signal);
      try {
        await (server.isRedis ? server.#tryRedis() : server.#tryPostgres());
        return server;
      } catch (error) {
        if (!onTrouble || !isTransient(error) || performance.now() - since > PATIENCE_MS)
          throw server.error(error);
        onTrouble(server.error(error, true));
      }
      await wait(AGAIN_MS, undefined, { ...(signal && { signal }) }).catch(() => {});
    }
  }

  get isRedis(): boolean {
    return this.url.protocol.startsWith('redis');
  }

  /** Its address, without the password. */
  get address(): string {
    const url = new URL(this.url);
    url.password = '';
    url.searchParams.delete('password');
    return url.href;
  }

  /**
   * Makes sure that jobs are not taken away from workers, or left with those that are gone, because of a wrong clock: Redis goes by its
   * own, with PostgreSQL it is that of each computer.
   * @throws FaceError FACE_QUEUE
   */
  async checkClock(): Promise<void> {
    if (this.isRedis) return;
    await this.#withPostgres(async ({ pool }) => {
      const asked = Date.now();
      const { rows } = await pool.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now');
      const answered = Date.now();
      const apart = Number(rows[0]?.now) - (asked + answered) / 2;
      if (Math.abs(apart) <= CLOCK_MS + (answered - asked) / 2) return;
      const seconds = Math.round(Math.abs(apart) / 1000);
      throw new FaceError(
        'FACE_QUEUE',
        `The clock of this computer is ${seconds} seconds ${apart > 0 ? 'behind' : 'ahead of'} that of the queue's server ${this.address}.`,
        { remedy: 'Set it, or have it set by the network (NTP).' },
      );
    }).catch((error: unknown) => {
      throw this.error(error);
    });
  }

  /**
   * Makes sure that the server throws nothing away when it is full, which may be set otherwise while it runs. Where nobody may ask, it is
   * taken to be so.
   * @throws FaceError FACE_QUEUE
   */
  async checkKeepsAll(): Promise<void> {
    if (!this.isRedis || !this.#mayAsk) return;
    await this.#withRedis((client) => this.#checkPolicy(client)).catch((error: unknown) => {
      throw this.error(error, true);
    });
  }

  /** What went wrong with the server, in words. @param again see {@link queueError} */
  error(error: unknown, again = false): FaceError {
    return queueError(error, this.address, again);
  }

  /** @param isOwner whether it is the only one to write what there is to know of the queue as a whole */
  queue(name: string, isOwner: boolean, onTrouble: (error: FaceError) => void): Queue {
    const options = {
      prefix: PREFIX,
      skipVersionCheck: true,
      skipMetasUpdate: !isOwner,
      streams: { events: { maxLen: EVENTS_KEPT } },
    };
    const { Queue, createPostgresBackend } = this.engine;
    const queue = this.isRedis
      ? new Queue(name, { ...options, connection: this.#redis() })
      : (new Queue(
          name,
          { ...options, connection: this.#postgres() },
          createPostgresBackend,
        ) as unknown as Queue);
    queue.on('error', (error) => this.#onError(error, onTrouble));
    return queue;
  }

  /** Takes jobs from a queue, or only puts those back whose worker is gone. */
  worker(
    name: string,
    { work, concurrency = 1, checks }: TakingOptions,
    onTrouble: (error: FaceError) => void,
  ): Worker {
    const options = {
      prefix: PREFIX,
      skipVersionCheck: true,
      autorun: work !== undefined,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: CHECK_MS,
      skipStalledCheck: !checks,
      // What has killed its worker is told by who takes it next, who sees how often that was.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1_000,
      drainDelay: 5,
    };
    const { Worker, createPostgresBackend } = this.engine;
    const worker = this.isRedis
      ? new Worker(name, work ?? null, { ...options, connection: this.#redis() })
      : (new Worker(
          name,
          work ?? null,
          { ...options, connection: this.#postgres() },
          createPostgresBackend,
        ) as unknown as Worker);
    worker.on('error', (error) => this.#onError(error, onTrouble));
    if (!work) void worker.startStalledCheckTimer();
    return worker;
  }

  /** The engine tells of jobs that are another's by now, too: that is what they are for. */
  #onError(error: unknown, onTrouble: (error: FaceError) => void): void {
    if (isTransient(error) || isUnusable(error)) onTrouble(this.error(error, true));
  }

  #redis(): ConnectionOptions {
    const { hostname, port, username, pathname, protocol } = this.url;
    const db = Number(pathname.slice(1));
    return {
      host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
      port: Number(port || 6379),
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(this.#password !== '' && { password: this.#password }),
      ...(db > 0 && { db }),
      ...(protocol === 'rediss:' && { tls: {} }),
      connectTimeout: CONNECT_MS,
      enableReadyCheck: this.#mayAsk,
      retryStrategy: (times: number) => Math.min(200 * times, RECONNECT_MS),
    };
  }

  #postgres(): Exclude<PostgresConnectionOptions, string> & object {
    const url = new URL(this.url);
    if (this.#password !== '') url.password = encodeURIComponent(this.#password);
    return {
      connectionString: url.href,
      schema: SCHEMA,
      migrate: true,
      max: POOL,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: PREFIX,
    };
  }

  async #tryRedis(): Promise<void> {
    await this.#withRedis(async (client) => {
      // One that is starting refuses this.
      await client.exists(`${PREFIX}:runs:meta`);
      await this.#checkPolicy(client);
    });
  }

  /** @throws FaceError FACE_QUEUE if keys may vanish: they would be photos that nobody looks at */
  async #checkPolicy(client: RedisClient): Promise<void> {
    try {
      const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1];
      if (policy !== undefined && policy !== 'noeviction') throw forgetful(this.address, policy);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#mayAsk = false;
    }
  }

  /** A connection of its own, with no second attempt. */
  async #withRedis(use: (client: RedisClient) => Promise<void>): Promise<void> {
    const { Redis } = require('ioredis') as { Redis: new (options: object) => RedisClient };
    const client = new Redis({
      ...this.#redis(),
      enableReadyCheck: false,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    let failure: unknown;
    client.on('error', (error) => (failure ??= error));
    try {
      await client.connect();
      await use(client);
    } catch (error) {
      // The connection's own error says more than that it is closed.
      throw failure ?? error;
    } finally {
      client.disconnect();
    }
  }

  async #tryPostgres(): Promise<void> {
    await this.#withPostgres(async () => {});
  }

  /** With all that belongs to the engine: its tables are made now, if need be. */
  async #withPostgres(use: (connection: PostgresConnection) => Promise<void>): Promise<void> {
    const connection = new this.engine.PostgresConnection(this.#postgres());
    try {
      await connection.waitUntilReady();
      await use(connection);
    } finally {
      await connection.close();
    }
  }
}

/** Whether a job is not on the server any more: the engine says so on each kind of server. */
export function isForgotten(error: unknown): boolean {
  return (error as { code?: unknown }).code === JOB_NOT_THERE;
}

function forgetful(address: string, policy: string): FaceError {
  return new FaceError(
    'FACE_QUEUE',
    `The queue's server ${address} throws away what it holds when it is full (its maxmemory-policy is ${policy}).`,
    { remedy: 'Set maxmemory-policy to noeviction, or use another server.' },
  );
}

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkAddress(address: string): URL {
  const expected = 'the address of a queue, redis://host, rediss://host or postgres://user@host/database';
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    // A password would be before the last @.
    throw invalidArgument('queue', expected, address.replace(/^.*@/s, '…@'));
  }
  const known = ['redis:', 'rediss:', 'postgres:', 'postgresql:'];
  if (!known.includes(url.protocol)) throw invalidArgument('queue', expected, url.protocol);
  if (url.protocol.startsWith('redis') && !/^\/?\d*$/.test(url.pathname)) {
    throw invalidArgument(
      'queue',
      'the number of a database after the host, as in redis://host/0,',
      url.pathname,
    );
  }
  return url;
}

/** @throws FaceError FACE_QUEUE if it is not installed */
function loadEngine(url: URL): BullMq {
  const driver = url.protocol.startsWith('redis') ? 'ioredis' : 'pg';
  try {
    const path = require.resolve(driver);
    if (driver === 'ioredis') keepQuiet(path);
    return require('bullmq') as BullMq;
  } catch (cause) {
    throw new FaceError(
      'FACE_QUEUE',
      `Queues need two packages that do not come with this one: bullmq and ${driver} (${messageOf(cause).split('\n', 1)[0]}).`,
      {
        cause,
        remedy: `Install them where face-cluster-native is: npm install bullmq ${driver} (npm install -g, if it was installed with -g)`,
      },
    );
  }
}

/** With `DEBUG=*` in the environment, Redis' driver writes all that it sends to stderr: the password, too. */
function keepQuiet(driver: string): void {
  const path = require.resolve('debug', { paths: [dirname(driver)] });
  const debug = require(path) as { disable(): string; enable(names: string): void };
  const names = debug.disable();
  if (names !== '') debug.enable(`${names},-ioredis:*`);
}
