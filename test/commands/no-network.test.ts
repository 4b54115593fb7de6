import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN, runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';

/*
 * Faces are biometric data, and README promises that nothing leaves the machine: no command uses a network.
 */
const temp = useTempFolder();
const uses = () => join(temp(), 'uses.txt');
const ENCODE = ['encode', '-i', PORTRAITS, '-d', 'hog', '-e', 'faces.pickle'];
const CLUSTER = ['cluster', '-e', 'faces.pickle', '-o', 'people', '--min-samples', '2'];

/** Every way to the network that Node has is written down, and fails; also in worker threads and child processes. */
function guard(): string {
  const file = join(temp(), 'guard.js');
  writeFileSync(
    file,
    `const { appendFileSync } = require('node:fs');
    const refuse = (name) => () => {
      appendFileSync(${JSON.stringify(uses())}, name + '\\n');
      throw new Error('network: ' + name);
    };
    const { Socket, Server } = require('node:net');
    // Of pipes to other processes it is none.
    const { connect } = Socket.prototype;
    Socket.prototype.connect = function (...args) {
      const [to] = Array.isArray(args[0]) ? args[0] : args;
      return to && to.path ? connect.apply(this, args) : refuse('connect')();
    };
    Server.prototype.listen = refuse('listen');
    for (const name of ['send', 'bind', 'connect']) require('node:dgram').Socket.prototype[name] = refuse(name);
    const dns = require('node:dns');
    for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
      dns[name] = refuse(name);
      dns.promises[name] = refuse(name);
    }
    globalThis.fetch = refuse('fetch');`,
  );
  return file;
}

const guarded = () => ({ cwd: temp(), env: { NODE_OPTIONS: `--require ${JSON.stringify(guard())}` } });

test.each([
  `fetch('http://127.0.0.1:9')`,
  `require('node:http').get('http://127.0.0.1:9')`,
  `require('node:net').connect(9, '127.0.0.1')`,
  `require('node:dns').lookup('example.org', () => {})`,
  `require('node:dgram').createSocket('udp4').send('x', 9, '127.0.0.1')`,
])('%s would be noticed', (code) => {
  const { cwd, env } = guarded();
  spawnSync(process.execPath, ['-e', code], { cwd, env: { ...process.env, ...env } });
  expect(readFileSync(uses(), 'utf8')).toMatch(/\w/);
});

test('sort and the commands on people ask for no network', async () => {
  expect(await runCli(['sort', PORTRAITS, '-d', 'hog'], guarded())).toMatchObject({ code: 0 });
  for (const args of [['people'], ['name', '1', 'Anna'], ['suggest'], ['undo']]) {
    expect(await runCli(args, guarded())).toMatchObject({ code: 0 });
  }
  expect(existsSync(uses())).toBe(false);
});

test('encode and cluster ask for no network', async () => {
  expect(await runCli(ENCODE, guarded())).toMatchObject({ code: 0 });
  expect(await runCli(CLUSTER, guarded())).toMatchObject({ code: 0 });
  expect(readdirSync(join(temp(), 'people'))).toContain('index.html');
  expect(existsSync(uses())).toBe(false);
});

/** As root, or as anybody where the system lets users do that. */
const CUT_OFF = [['-n'], ['-r', '-n']].find(
  (flags) => spawnSync('unshare', [...flags, 'true'], { stdio: 'ignore' }).status === 0,
);

(CUT_OFF ? test : test.skip)('they work on a machine that is cut off, without so much as a loopback', () => {
  for (const args of [ENCODE, CLUSTER]) {
    const command = [...(CUT_OFF as string[]), process.execPath, MAIN, ...args];
    execFileSync('unshare', command, { cwd: temp(), stdio: 'pipe' });
  }
  expect(readdirSync(join(temp(), 'people'))).toContain('index.html');
});

test('the native part is not linked to anything of a network', () => {
  const addon = readFileSync(join(__dirname, '../../build/Release/face_cluster_native.node'), 'latin1');
  // Names that are imported stand in the file with a zero behind them; one may be the end of another.
  const imports = (name: string) => addon.includes(`${name}\0`);
  expect(imports('pthread_create') || imports('pthread_mutex_lock')).toBe(true);
  expect(['socket', 'connect', 'getaddrinfo', 'gethostbyname', 'sendto'].filter(imports)).toEqual([]);
});
