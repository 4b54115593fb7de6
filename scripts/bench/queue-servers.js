'use strict';
/* Servers of queues for bench-queue.js: on a free port of this computer, in a folder of their own. */
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { createServer } = require('node:net');
const path = require('node:path');
const { setTimeout: wait } = require('node:timers/promises');

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(attempt) {
  for (let i = 0; ; i++) {
    try {
      return await attempt();
    } catch (error) {
      if (i > 500) throw error;
      await wait(20);
    }
  }
}

const ending = (child) => async () => {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
};

async function startRedis(folder) {
  const { Redis } = require('ioredis');
  const port = await freePort();
  const options = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  const child = spawn('redis-server', options, { stdio: 'ignore' });
  const client = new Redis({ port, host: '127.0.0.1' });
  client.on('error', () => {});
  await client.ping();
  return {
    url: `redis://127.0.0.1:${port}`,
    env: {},
    pid: child.pid,
    async traffic() {
      const stats = await client.info('stats');
      const of = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)[1]);
      return { input: of('total_net_input_bytes'), output: of('total_net_output_bytes') };
    },
    async end() {
      client.disconnect();
      await ending(child)();
    },
  };
}

async function startPostgres(folder) {
  const { Client } = require('pg');
  const [bin] = fs
    .readdirSync('/usr/lib/postgresql')
    .sort((a, b) => b - a)
    .map((version) => path.join('/usr/lib/postgresql', version, 'bin'));
  // PostgreSQL does not want to be root.
  const user =
    process.getuid() === 0
      ? Object.fromEntries(
          ['u', 'g'].map((what) => [`${what}id`, Number(execFileSync('id', [`-${what}`, 'nobody']))]),
        )
      : {};
  const data = path.join(folder, 'data');
  fs.mkdirSync(data);
  if (user.uid !== undefined) {
    fs.chmodSync(folder, 0o755);
    fs.chownSync(data, user.uid, user.gid);
  }
  execFileSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'tester', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
    {
      stdio: 'ignore',
      ...user,
    },
  );
  const port = await freePort();
  const options = [
    '-D',
    data,
    '-p',
    port,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
  ];
  const child = spawn(path.join(bin, 'postgres'), options, { stdio: 'ignore', ...user });
  const url = `postgres://tester@127.0.0.1:${port}/postgres`;
  await until(async () => {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    await client.end();
  });
  // What goes over its connections it does not count.
  const traffic = async () => ({ input: Number.NaN, output: Number.NaN });
  return { url, env: {}, pid: child.pid, traffic, end: ending(child) };
}

module.exports = { startRedis, startPostgres };
