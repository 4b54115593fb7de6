import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { MAIN, runCli } from '../support/cli';
import { codeIn } from '../support/docs';
import { useTempFolder } from '../support/files';
import { coordinator, Machine, makePhotos, type Network, onNetwork, until } from '../support/queue-machines';
import { describeWithServer, REDIS, startRedis } from '../support/queue-servers';

/*
 * What docs/many-machines.md shows for systemd, for compose and for Debian's Redis, as far as there are the tools here.
 */
const PAGE = 'docs/many-machines.md';
const temp = useTempFolder();

/** `test`, or, said aloud, `test.skip` where there is no such program. */
function testWith(program: string, ...args: string[]): jest.It {
  if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return test;
  process.stderr.write(`SKIPPED a part of ${PAGE}: "${[program, ...args].join(' ')}" can't be run here.\n`);
  return test.skip;
}

const unit = () => codeIn(PAGE, 'ini', 'ExecStart');
const compose = () => codeIn(PAGE, 'yaml', 'services:');
/** The command of a service, a line of its own there. */
const commandOf = (service: string) =>
  new RegExp(`^ {2}${service}:\\n(?: {4}.*\\n)*? {4}command: (.*)$`, 'm').exec(compose())?.[1] as string;

testWith('systemd-analyze', '--version')('the service is one that systemd takes', () => {
  // It looks for the program, too.
  writeFileSync(temp('face-cluster-native'), '#!/bin/sh\n', { mode: 0o755 });
  const service = temp('face-worker.service');
  writeFileSync(service, unit().replace('/usr/local/bin/face-cluster-native', temp('face-cluster-native')));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', service], { encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

testWith(
  'docker',
  'compose',
  'version',
)('the compose file is one that docker takes', () => {
  writeFileSync(temp('compose.yaml'), compose());
  const { status, stderr } = spawnSync('docker', ['compose', '-f', temp('compose.yaml'), 'config'], {
    encoding: 'utf8',
    env: { ...process.env, FACE_QUEUE_PASSWORD: 'geheim' },
  });
  expect([status, stderr]).toEqual([0, '']);
});

describeWithServer('Redis', 'what the page shows', () => {
  /** The line as a worker on this computer. */
  async function works(line: string, network: Network): Promise<void> {
    const { cwd, server, machines } = network;
    await makePhotos(network.temp('photos'), 4);
    const [program, ...args] = line
      .replace(/redis:\/\/\S+/, server.url)
      .replace(/(?<=--photos )\S+/, network.temp('photos'))
      .split(' ');
    expect(program).toMatch(/(^|\/)face-cluster-native$/);
    const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
      cwd,
      env: { ...process.env, ...server.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server.keep(child);
    const worker = new Machine(child);
    machines.add(worker);
    const main = coordinator(network, '--no-work');
    expect({ ...(await main.ended), stderr: main.stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    // As systemd and docker end it.
    await worker.kill('SIGTERM');
    const { stderr } = worker;
    expect({ ...(await worker.ended), stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(worker.events.at(-1)).toMatchObject({ event: 'done', photos: 4 });
  }

  const start = () => startRedis({ password: 'geheim' });
  test.concurrent(
    'the command of the service works',
    onNetwork(start, (network) => works(/^ExecStart=(.*)$/m.exec(unit())?.[1] as string, network)),
  );
  test.concurrent(
    'the command of the container works',
    onNetwork(start, (network) => works(commandOf('worker'), network)),
  );

  test.concurrent(
    'the server of the container asks for the password, and keeps what it has in its folder',
    onNetwork(start, async ({ cwd, temp, server }) => {
      // In its place, on its port.
      await server.end();
      for (const name of ['bin', 'data']) mkdirSync(temp(name));
      const program = `#!/bin/sh\nexec '${REDIS}' "$@" --port ${server.port} --bind 127.0.0.1\n`;
      writeFileSync(temp('bin/valkey-server'), program, { mode: 0o755 });
      const [, line] = /^sh -c '(.*)'$/.exec(commandOf('queue')) as unknown as [string, string];
      // Compose takes $$ for $; in the image, /data is the current folder.
      const child = spawn('sh', ['-c', line.replaceAll('$$', '$')], {
        cwd: temp('data'),
        env: { ...process.env, ...server.env, PATH: `${temp('bin')}${delimiter}${process.env.PATH}` },
        stdio: 'ignore',
        detached: true,
      });
      server.keep(child);
      const ended = once(child, 'exit');
      try {
        const status = (env: NodeJS.ProcessEnv) => runCli(['queue', 'status', server.url], { cwd, env });
        await until(async () => (await status(server.env)).code === 0 || child.exitCode !== null);
        expect(child.exitCode).toBe(null);
        expect((await status({})).stderr).toContain('asks for a password');
        expect(readdirSync(temp('data'))).toEqual(['appendonlydir']);
      } finally {
        // The shell is one process of several.
        process.kill(-(child.pid as number), 'SIGKILL');
        await ended;
      }
    }),
  );

  const conf = '/etc/redis/redis.conf';
  testWith(
    'test',
    '-r',
    conf,
  )("Debian's Redis is set up by the line for that", () => {
    copyFileSync(conf, temp('redis.conf'));
    const [line] = /^sudo sed .*$/m.exec(codeIn(PAGE, 'sh', conf)) as unknown as [string];
    execFileSync('sh', ['-c', line.replace('sudo ', '').replace(conf, 'redis.conf')], { cwd: temp() });
    const set = readFileSync(temp('redis.conf'), 'utf8').match(/^(bind|requirepass|appendonly) .*/gm);
    expect(set).toEqual(['bind 192.168.1.10', 'requirepass A-LONG-PASSWORD', 'appendonly yes']);
  });
});
