import type { ChildProcess } from 'node:child_process';

/*
 * Real servers of queues, on a free port of this computer, in a folder of their own that goes with them; what the benches use, too.
 */

export interface QueueServerProcess {
  /** Its address, for `--queue`. */
  readonly url: string;
  readonly password: string | undefined;
  /** The password, in the environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  /** Ends it as a power cut would, and starts it again with what it has on its disk. */
  restart(): Promise<void>;
  /** Ends it; what it has stays. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
  /** Ends it, and removes all that it has. */
  remove(): Promise<void>;
  /** Has a process that uses it end with it where nobody else does: if the test is killed. */
  keep(child: ChildProcess): void;
  /** All that it holds of ours: keys, or rows. */
  holds(): Promise<string[]>;
}

export interface RedisProcess extends QueueServerProcess {
  /** Has it do something, in its own words. */
  call(...words: string[]): Promise<unknown>;
}

export interface PostgresProcess extends QueueServerProcess {
  readonly password: string;
  query(text: string): Promise<Record<string, unknown>[]>;
}

export interface QueueServerProcessOptions {
  /** More, for its command line. */
  readonly options?: readonly string[];
  /** Folder that its own is made in, instead of that for temporary ones. */
  readonly disk?: string;
  /** Files for TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string };
}

const { hasPostgres, ...servers } = require('../../scripts/bench/queue-servers') as {
  /** Path of the program: Redis, or Valkey. */
  readonly REDIS: string | undefined;
  redisHasTls(): boolean;
  readonly hasPostgres: boolean;
  startRedis(options?: QueueServerProcessOptions & { readonly password?: string }): Promise<RedisProcess>;
  startPostgres(options?: QueueServerProcessOptions): Promise<PostgresProcess>;
};
export const { REDIS, redisHasTls, startRedis, startPostgres } = servers;

/** `describe`, or, said aloud, `describe.skip` where there is no such server. */
export function describeWithServer(kind: 'Redis' | 'PostgreSQL', name: string, tests: () => void): void {
  if (kind === 'Redis' ? REDIS : hasPostgres) {
    describe(`${name}, ${kind}`, tests);
    return;
  }
  const debian = kind === 'Redis' ? 'redis-server' : 'postgresql';
  process.stderr.write(`SKIPPED "${name}, ${kind}": there is none here (Debian: ${debian}).\n`);
  describe.skip(`${name}, ${kind}`, () => {
    test(`needs ${debian}`, () => {});
  });
}
