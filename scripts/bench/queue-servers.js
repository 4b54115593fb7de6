'use strict';
/*
 * Real servers of queues for tests and benches, on a free port of this computer, in a folder of their own that goes with them, and with
 * whoever has started them. Nothing is asked of those that may be running already.
 */
const { execFileSync, fork, spawnSync } = require('node:child_process');
const { randomInt } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const { createServer } = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: wait } = require('node:timers/promises');
const { findProgram } = require('../setup/project');

/** Another address of this computer, at which no server listens. */
const MARKED = '127.0.0.2';
const KEEPER = path.join(__dirname, 'queue-server-keeper.js');
const PASSWORD = 'geheim';
const ATTEMPTS = 200;
const AGAIN_MS = 100;

const REDIS = findProgram('redis-server') ?? findProgram('valkey-server');
const [POSTGRES, INITDB] = ['postgres', 'initdb'].map(
  (name) => findProgram(name) ?? postgresFolders().map((folder) => path.join(folder, name))[0],
);

/** Where Debian has what is not for everybody's PATH, newest first. */
function postgresFolders() {
  const versions = '/usr/lib/postgresql';
  if (!fs.existsSync(versions)) return [];
  return fs
    .readdirSync(versions)
    .sort((a, b) => b - a)
    .map((version) => path.join(versions, version, 'bin'))
    .filter((folder) => fs.existsSync(path.join(folder, 'initdb')));
}

/**
 * A port that nobody listens on, below those that systems give to whoever asks for any. It may be seconds until the server has it, and
 * it lets go of it when it is started again: until then, `mark` keeps others from it who ask here, in other processes too.
 * @returns {Promise<{port: number, mark: import('node:net').Server | undefined}>}
 */
async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const mark = await listener(port, MARKED);
    if (mark === 'taken') continue;
    const server = await listener(port, '127.0.0.1');
    if (typeof server !== 'string') {
      await closed(server);
      return { port, mark: typeof mark === 'string' ? undefined : mark };
    }
    if (typeof mark !== 'string') await closed(mark);
  }
}

/** `none` if the system does not have that address: macOS has 127.0.0.1 alone. */
async function listener(port, host) {
  const server = createServer().listen(port, host);
  server.unref();
  return once(server, 'listening').then(
    () => server,
    ({ code }) => (code === 'EADDRNOTAVAIL' ? 'none' : 'taken'),
  );
}

const closed = (server) => new Promise((resolve) => server.close(resolve));

/** Whether Redis was built with TLS; without, it does not know the word. Where it listens nowhere, it ends at once. */
function redisHasTls() {
  const { stdout } = spawnSync(REDIS, ['--port', '0', '--tls-port', '0'], { encoding: 'utf8' });
  return !/Bad directive/.test(stdout);
}

/** A server in a process that ends with this one, see queue-server-keeper.js. */
class QueueServerProcess {
  #keeper;
  #mark;
  #end;
  #ended;

  /**
   * @param {string} folder  for all that it has
   * @param {Awaited<ReturnType<typeof freePort>>} free
   * @param {NodeJS.Signals} atOnce  ends it, and all processes that it has started
   * @param {object} user  whom it runs as, `uid` and `gid`
   */
  constructor(folder, { port, mark }, atOnce, user = {}) {
    this.folder = folder;
    this.port = port;
    this.#mark = mark;
    this.user = user;
    this.#keeper = fork(KEEPER, [folder, atOnce], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#keeper.on('message', ({ pid, ended }) => {
      if (pid !== undefined) this.pid = pid;
      if (ended !== undefined) this.#end(ended);
    });
  }

  /** What `--queue` needs in the environment. */
  get env() {
    return this.password === undefined ? {} : { FACE_QUEUE_PASSWORD: this.password };
  }

  /** Starts it, with what it has on its disk. */
  async start() {
    // Of one that was killed, others may hold the memory for another moment.
    for (let attempt = 1; ; attempt++) {
      const ended = this.begin(...this.command());
      const said = await this.#firstAnswer(ended);
      if (said === undefined) return;
      if (attempt === ATTEMPTS) throw new Error(`the server ends when it is started: ${said}`);
      await wait(AGAIN_MS);
    }
  }

  /** Waits until it answers. @returns if it has ended before: what with */
  async #firstAnswer(ended) {
    let end;
    void ended.then((said) => {
      end = said;
    });
    for (;;) {
      try {
        await this.answers();
        return undefined;
      } catch {
        if (end !== undefined) return end;
        await wait(20);
      }
    }
  }

  /** Starts a program in its folder. @returns what it ended with: its exit code, or a signal */
  begin(program, args) {
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#keeper.send({ start: { program, args, user: this.user } });
    return this.#ended;
  }

  /** Ends it; what it has stays. */
  async end(signal = 'SIGTERM') {
    this.#keeper.send({ signal });
    await this.#ended;
  }

  /** Ends it as a power cut would, and starts it again. */
  async restart() {
    await this.end('SIGKILL');
    await this.start();
  }

  /** Ends it, and removes all that it has. */
  async remove() {
    const end = once(this.#keeper, 'exit');
    this.#keeper.disconnect();
    await end;
    this.#mark?.close();
  }

  /** Has a process that uses it end with it where nobody else does. */
  keep(child) {
    const { pid } = child;
    this.#keeper.send({ keep: pid });
    child.once('exit', () => this.#keeper.connected && this.#keeper.send({ release: pid }));
  }
}

class RedisProcess extends QueueServerProcess {
  #options;
  #tls;

  constructor(folder, free, { password, options = [], tls }) {
    super(folder, free, 'SIGKILL');
    const { port } = free;
    this.password = password;
    this.#options = options;
    this.#tls = tls;
    this.url = tls ? `rediss://localhost:${port}` : `redis://127.0.0.1:${port}`;
  }

  command() {
    const { folder, port, password } = this;
    const tls = this.#tls;
    const ports = tls
      ? ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no']
      : ['--port', String(port)];
    const certificate = tls ? ['--tls-cert-file', tls.certificate, '--tls-key-file', tls.key] : [];
    const own = ['--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const safe = ['--appendonly', 'yes', ...(password === undefined ? [] : ['--requirepass', password])];
    return [REDIS, [...ports, ...certificate, ...own, ...safe, ...this.#options]];
  }

  async #ask(question) {
    const { Redis } = require('ioredis');
    const { port, password } = this;
    const client = new Redis({
      port,
      host: 'localhost',
      ...(password !== undefined && { password }),
      ...(this.#tls && { tls: { ca: fs.readFileSync(this.#tls.certificate) } }),
      // It may be one that tells nobody of itself.
      enableReadyCheck: false,
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

  /** All that it holds: its keys. */
  holds() {
    return this.#ask((client) => client.keys('*'));
  }

  /** Has it do something, in its own words. */
  call(...words) {
    return this.#ask((client) => client.call(...words));
  }

  /** Bytes that have gone to it, and from it. */
  async traffic() {
    const stats = await this.call('INFO', 'stats');
    const of = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)[1]);
    return { input: of('total_net_input_bytes'), output: of('total_net_output_bytes') };
  }
}

class PostgresProcess extends QueueServerProcess {
  #options;
  #tls;

  constructor(folder, free, user, { options = [], tls }) {
    // SIGKILL would leave its shared memory.
    super(folder, free, 'SIGQUIT', user);
    const { port } = free;
    this.password = PASSWORD;
    this.#options = options;
    this.#tls = tls;
    this.url = tls
      ? `postgres://tester@localhost:${port}/postgres?sslmode=verify-full`
      : `postgres://tester@127.0.0.1:${port}/postgres`;
  }

  get data() {
    return path.join(this.folder, 'data');
  }

  /** Makes its files, with one user who has a password. */
  async make() {
    const password = this.own('password', PASSWORD);
    const who = ['-U', 'tester', '-A', 'scram-sha-256', `--pwfile=${password}`];
    const how = ['-E', 'UTF8', '--locale=C', '--no-sync'];
    const ended = await this.begin(INITDB, ['-D', this.data, ...who, ...how]);
    if (ended !== 0) throw new Error(`initdb ended with ${ended}`);
    // It wants them to be its own.
    for (const [name, file] of Object.entries(this.#tls ?? {})) this.own(name, fs.readFileSync(file));
  }

  /** Writes a file that nobody else may read. @returns its path */
  own(name, content) {
    const file = path.join(this.folder, name);
    fs.writeFileSync(file, content, { mode: 0o600 });
    const { uid, gid } = this.user;
    if (uid !== undefined) fs.chownSync(file, uid, gid);
    return file;
  }

  command() {
    const own = ['-D', this.data, '-p', String(this.port)];
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];
    if (this.#tls) {
      const [certificate, key] = ['certificate', 'key'].map((name) => path.join(this.folder, name));
      settings.push('ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`);
    }
    return [POSTGRES, [...own, ...settings.flatMap((setting) => ['-c', setting]), ...this.#options]];
  }

  async query(text) {
    const { Client } = require('pg');
    const client = new Client({
      host: 'localhost',
      port: this.port,
      user: 'tester',
      password: this.password,
      database: 'postgres',
      ...(this.#tls && { ssl: { ca: fs.readFileSync(this.#tls.certificate) } }),
    });
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

  /** All that it holds of ours: how many rows of each table. */
  async holds() {
    const rows = [];
    for (const table of ['job', 'meta', 'event', 'job_log', 'rate_limit', 'metrics']) {
      const [found] = await this.query(`SELECT count(*) AS n FROM face_cluster_native.${table}`);
      if (Number(found.n) > 0) rows.push(`${table}: ${found.n}`);
    }
    return rows;
  }

  /** What goes over its connections it does not count. */
  async traffic() {
    return { input: Number.NaN, output: Number.NaN };
  }
}

const folderFor = (name, disk = os.tmpdir()) => fs.mkdtempSync(path.join(disk, `face-cluster-${name}-`));

async function started(server, make) {
  try {
    await make?.();
    await server.start();
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

/**
 * Redis, with all on its disk within a second of its being written.
 * @param {object} [options]
 * @param {string} [options.password]  default: none
 * @param {string[]} [options.options]  more, for its command line
 * @param {string} [options.disk]  folder that its own is made in; default: where temporary ones are
 * @param {{key: string, certificate: string}} [options.tls]  files for TLS, with which alone it can then be reached
 */
async function startRedis(options = {}) {
  return started(new RedisProcess(folderFor('redis', options.disk), await freePort(), options));
}

/** PostgreSQL, always with a password; as another user if we are root, whom it does not want to be. Options as those of Redis. */
async function startPostgres(options = {}) {
  const folder = folderFor('postgres', options.disk);
  const [uid, gid] =
    process.getuid?.() === 0 ? ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'nobody']))) : [];
  if (uid !== undefined) fs.chownSync(folder, uid, gid);
  const server = new PostgresProcess(
    folder,
    await freePort(),
    uid === undefined ? {} : { uid, gid },
    options,
  );
  return started(server, () => server.make());
}

module.exports = {
  REDIS,
  redisHasTls,
  hasPostgres: POSTGRES !== undefined && INITDB !== undefined,
  startRedis,
  startPostgres,
};
