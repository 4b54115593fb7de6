import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Board } from '../../src/queue/board';
import { QueueServer } from '../../src/queue/server';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { coordinator, endMachines, makePhotos, resultsIn, worker } from '../support/queue-machines';
import {
  describeWithServer,
  type QueueServerProcess,
  startPostgres,
  startRedis,
} from '../support/queue-servers';

/*
 * The real commands with a real server, as on several computers: the encodings file is, byte for byte, that of one.
 */
const temp = useTempFolder();
let server: QueueServerProcess;
afterEach(async () => {
  await endMachines();
  await server?.remove();
});

const options = () => ({ cwd: temp(), server });
const password = () => ({ FACE_QUEUE_PASSWORD: server.password ?? '' });
const ENCODE = ['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle'];

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(20);
}

/** Photos as people have them: copies, a damaged one, a link to one elsewhere, names of all kinds. */
async function oddPhotos(): Promise<void> {
  await makePhotos(temp('photos'), 20);
  const [first] = readdirSync(temp('photos', 'album 0')) as [string];
  const anna = temp('photos', 'album 0', first);
  mkdirSync(temp('elsewhere'));
  copyFileSync(anna, temp('photos', 'copy.jpg'));
  copyFileSync(anna, temp('photos', 'Zürich.jpg'));
  writeFileSync(temp('photos', 'broken.jpg'), 'nothing that is a photo');
  copyFileSync(temp('photos', 'broken.jpg'), temp('photos', 'also broken.jpg'));
  writeFileSync(temp('photos', 'empty.jpg'), '');
  await makePhotos(temp('elsewhere'), 1, 200);
  symlinkSync(temp('elsewhere', 'album 0', '00000.jpg'), temp('photos', 'link.jpg'));
  if (process.platform === 'linux') {
    const odd = Buffer.concat([Buffer.from(`${temp('photos')}/caf`), Buffer.of(0xe9), Buffer.from('.jpg')]);
    copyFileSync(temp('photos', 'album 1', readdirSync(temp('photos', 'album 1'))[0] as string), odd);
  }
}

async function expectSame(): Promise<void> {
  const { stderr, code } = await runCli(ENCODE, { cwd: temp() });
  expect([3, 0]).toContain(code);
  expect(stderr).not.toContain('Error');
  expect(readFileSync(temp('queue/faces.pickle')).equals(readFileSync(temp('one/faces.pickle')))).toBe(true);
  const results = resultsIn(temp('queue/faces.pickle.journal'));
  expect(new Set(results).size).toBe(new Set(resultsIn(temp('one/faces.pickle.journal'))).size);
  expect(readdirSync(temp('queue')).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
  await until(async () => (await server.holds()).length === 0);
}

function sameEverywhere(): void {
  test('on two computers with a share, one of them the coordinator', async () => {
    await oddPhotos();
    // The share has another name there.
    symlinkSync(temp('photos'), temp('mnt'));
    const other = worker(options(), temp('mnt'));
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(options(), '-j', '1');
    expect(await main.ended).toMatchObject({ code: 3 });
    expect(main.events.at(-1)).toMatchObject({ problems: 3, photosFailed: 3 });
    const paths = main.events.flatMap(({ event, path }) => (event === 'problem' ? path : [])).sort();
    expect(paths).toEqual(['also broken.jpg', 'broken.jpg', 'empty.jpg'].map((name) => join('photos', name)));
    for (const { reason, path } of main.events.filter(({ event }) => event === 'problem')) {
      expect(reason).toContain(`"${path}"`);
    }
    await expectSame();
    await other.kill('SIGINT');
    expect(await other.ended).toEqual({ code: 0, signal: null });
    expect(other.events.at(-1)).toMatchObject({ event: 'done' });
  });

  test('with photos that are sent, to a computer that has none, and none looked at here', async () => {
    await oddPhotos();
    const other = worker(options(), undefined);
    const main = coordinator(options(), '--no-work', '--send');
    expect(await main.ended).toMatchObject({ code: 3 });
    expect(main.events.at(-1)).toMatchObject({ photosFailed: 3 });
    await expectSame();
    await other.kill('SIGTERM');
    expect(await other.ended).toMatchObject({ code: 0 });
  });

  test('mirror images of faces that are known', async () => {
    await makePhotos(temp('photos'), 6);
    expect(await coordinator(options(), '-j', '1').ended).toMatchObject({ code: 0 });
    const again = coordinator(options(), '-j', '1', '--mirror');
    expect(await again.ended).toMatchObject({ code: 0 });
    expect(again.events.at(-1)).toMatchObject({ photosMeasured: expect.any(Number) });
    expect(Number(again.events.at(-1)?.photosMeasured)).toBeGreaterThan(3);
    await expectSame();
  });

  test('what a coordinator that was killed has left is removed by command, and only then', async () => {
    await makePhotos(temp('photos'), 80);
    const queue = (...args: string[]) => runCli(['queue', ...args], { cwd: temp(), env: password() });
    const main = coordinator(options(), '--no-work');
    await until(async () => JSON.parse((await queue('status', server.url, '--json')).stdout).runs.length > 0);
    await main.kill();
    await main.ended;
    const there = await QueueServer.connect({ queue: server.url, password: server.password ?? '' });
    const board = new Board(there, false, undefined, () => {});
    const [run] = await board.runs();
    if (!run) throw new Error('no run is left');
    const early = await queue('remove', server.url, run.run);
    expect(early.code).not.toBe(0);
    expect(early.stderr).toContain('may still be running');
    const unknown = await queue('remove', server.url, '0'.repeat(16));
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toContain('There is no run');
    expect(await board.runs()).toMatchObject([{ run: run.run }]);
    // As two minutes later.
    await board.put({ ...run, at: run.at - 120_000 });
    await board.close();
    expect(await queue('remove', server.url, run.run)).toMatchObject({
      code: 0,
      stdout: `Removed the run ${run.run}.\n`,
    });
    expect(await server.holds()).toEqual([]);
    expect(await coordinator(options()).ended).toMatchObject({ code: 0 });
    await expectSame();
  });

  test('stopped and started again', async () => {
    // More than a worker has in hand at once.
    await makePhotos(temp('photos'), 260);
    const other = worker(options(), 'photos');
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(options(), '--no-work');
    await until(() => main.done > 0);
    await main.kill('SIGINT');
    expect(await main.ended).toMatchObject({ code: 130 });
    await until(async () => (await server.holds()).length === 0);
    expect(await coordinator(options(), '--no-work').ended).toMatchObject({ code: 0 });
    await expectSame();
  });
}

describeWithServer('Redis', 'encode on a queue', () => {
  beforeEach(async () => {
    server = await startRedis({ password: 'geheim' });
  });
  sameEverywhere();

  test('the password is in no process list, in no output and in no job', async () => {
    await makePhotos(temp('photos'), 80);
    const main = coordinator(options(), '-j', '1');
    await until(() => main.done > 0);
    const redis = server as Awaited<ReturnType<typeof startRedis>>;
    const kept = readFileSync(
      join(
        redis.folder,
        'appendonlydir',
        readdirSync(join(redis.folder, 'appendonlydir')).find((name) => name.endsWith('.incr.aof')) as string,
      ),
      'latin1',
    );
    expect(kept).toContain('reports');
    expect(kept).not.toContain('geheim');
    if (process.platform === 'linux') {
      const lists = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
      const ours = lists
        .split('\n')
        .filter((line) => line.includes('own-worker') || line.includes('--queue'));
      expect(ours.length).toBeGreaterThan(1);
      expect(ours.join('\n')).not.toContain('geheim');
    }
    expect(await main.ended).toMatchObject({ code: 0 });
    expect(JSON.stringify(main.events) + main.stderr).not.toContain('geheim');
    expect(readFileSync(temp('queue/faces.pickle.journal'), 'utf8')).not.toContain('geheim');
  });

  test('a password in a file, a wrong one, none, and one where all can see it', async () => {
    await makePhotos(temp('photos'), 2);
    writeFileSync(temp('password'), 'geheim\n');
    const queue = ['--queue', server.url, '--no-work'];
    const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
      runCli([...ENCODE, ...args], { cwd: temp(), env });
    const other = worker(options(), 'photos');
    expect(await run([...queue, '--password-file', 'password'])).toMatchObject({ code: 0 });
    await other.kill();
    const wrong = await run(queue, { FACE_QUEUE_PASSWORD: 'falsch' });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/refuses the name or the password/),
    });
    expect(wrong.stderr).not.toContain('falsch');
    expect(await run(queue)).toMatchObject({ code: 1, stderr: expect.stringMatching(/asks for a password/) });
    const seen = await run(['--queue', server.url.replace('//', '//:geheim@'), '--no-work']);
    expect(seen).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds no password here/) });
    expect(seen.stderr).not.toContain('geheim');
    const asOption = await run(['--queue', 'postgres://tester@127.0.0.1:1/postgres?password=geheim']);
    expect(asOption).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds no password here/) });
    expect(asOption.stderr).not.toContain('geheim');
  });

  test('what is going on', async () => {
    await makePhotos(temp('photos'), 80);
    const status = async () =>
      JSON.parse(
        (await runCli(['queue', 'status', server.url, '--json'], { cwd: temp(), env: password() })).stdout,
      );
    expect(await status()).toEqual({ server: server.url, runs: [] });
    const main = coordinator(options(), '--no-work');
    await until(async () => (await server.holds()).some((key) => key.endsWith('photos:wait')));
    const found = await status();
    expect(found.runs).toMatchObject([
      { done: 0, total: 80, program: expect.stringMatching(/^face-cluster-native \d/), workers: [] },
    ]);
    const { stdout } = await runCli(['queue', 'status', server.url], { cwd: temp(), env: password() });
    expect(stdout).toMatch(/^Run [0-9a-f]{16} of .*\n {2}0 of 80 photos done/);
    const other = worker(options(), 'photos');
    const { workers } = await main.saw(({ event }) => event === 'workers');
    expect(workers).toMatchObject([{ pid: other.child.pid, jobs: 1, photos: expect.any(Number) }]);
    expect(await main.ended).toMatchObject({ code: 0 });
  });

  test('a worker with other photos, or none, says so, and so does the coordinator', async () => {
    await makePhotos(temp('photos'), 4);
    await makePhotos(temp('others'), 4, 200);
    const wrong = worker(options(), temp('others'));
    const none = worker(options(), undefined);
    for (const one of [wrong, none]) await one.saw(({ event }) => event === 'worker');
    const main = coordinator(options(), '--no-work');
    const refused = await wrong.saw(({ what }) => what === 'refused');
    expect(refused.reason).toMatch(/is not the folder with the photos|is another photo/);
    expect((await none.saw(({ what }) => what === 'refused')).reason).toMatch(/--photos/);
    await until(() => main.notes.filter((note) => note.includes("can't take part")).length > 1);
    worker(options(), 'photos');
    expect(await main.ended).toMatchObject({ code: 0 });
    await expectSame();
  });

  test('what ends all processes of a service ends the own worker when its coordinator says so', async () => {
    await makePhotos(temp('photos'), 80);
    const main = coordinator(options(), '-j', '1');
    await until(() => main.done > 0);
    const list = execFileSync('ps', ['-eo', 'pid,ppid'], { encoding: 'utf8' });
    const own = list
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .find(([, parent]) => parent === main.child.pid);
    process.kill(own?.[0] as number, 'SIGTERM');
    expect(await main.ended).toMatchObject({ code: 0 });
    expect(main.notes).toEqual([]);
    await expectSame();
  });

  test('a worker whose share is there later than itself takes part then', async () => {
    await makePhotos(temp('photos'), 4);
    mkdirSync(temp('mnt'));
    const other = worker(options(), temp('mnt'));
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(options(), '--no-work');
    await other.saw(({ what }) => what === 'refused');
    cpSync(temp('photos'), temp('mnt'), { recursive: true });
    expect(await main.ended).toMatchObject({ code: 0 });
  });

  test('two coordinators on one file', async () => {
    await makePhotos(temp('photos'), 10);
    const first = coordinator(options(), '--no-work');
    await until(async () => (await server.holds()).length > 0);
    const second = coordinator(options(), '--no-work');
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(second.events.at(-1)).toMatchObject({ event: 'error', code: 'FACE_LOCKED' });
    worker(options(), 'photos');
    expect(await first.ended).toMatchObject({ code: 0 });
    await expectSame();
  });

  test('a server that is away is told of, and waited for', async () => {
    await makePhotos(temp('photos'), 100);
    const other = worker(options(), 'photos');
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(options(), '--no-work');
    await until(() => main.done > 0);
    await server.end('SIGKILL');
    await until(() => main.notes.some((note) => note.includes("can't be reached")));
    await until(() => other.events.some(({ message }) => String(message).includes("can't be reached")));
    await server.start();
    expect(await main.ended).toMatchObject({ code: 0 });
    await expectSame();
  });

  test('a server that is full is told of, and waited for', async () => {
    await makePhotos(temp('photos'), 40);
    const redis = server as Awaited<ReturnType<typeof startRedis>>;
    const other = worker(options(), undefined);
    await other.saw(({ event }) => event === 'worker');
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const main = coordinator(options(), '--no-work', '--send');
    await until(() => main.notes.some((note) => note.includes('is full')));
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await main.ended).toMatchObject({ code: 0 });
    await expectSame();
  });

  test('a server that forgets keys when it is full is refused', async () => {
    await makePhotos(temp('photos'), 2);
    const redis = server as Awaited<ReturnType<typeof startRedis>>;
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const main = coordinator(options());
    expect(await main.ended).toMatchObject({ code: 1 });
    expect(main.stderr).toMatch(/maxmemory-policy to noeviction/);
  });

  test('no server, and no such option without --queue', async () => {
    await makePhotos(temp('photos'), 2);
    await server.end();
    const away = coordinator(options());
    expect(await away.ended).toMatchObject({ code: 1 });
    expect(away.stderr).toMatch(/can't be reached.*Is it running/);
    expect(await worker(options(), 'photos').ended).toMatchObject({ code: 1 });
    for (const option of ['--send', '--no-work']) {
      expect(await runCli([...ENCODE, option], { cwd: temp() })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('only together with --queue'),
      });
    }
    expect(await runCli(['worker'], { cwd: temp() })).toMatchObject({ code: 2 });
    expect(await runCli(['queue', 'status'], { cwd: temp() })).toMatchObject({ code: 2 });
  });
});

describeWithServer('Redis', 'with TLS', () => {
  test('is trusted by its certificate', async () => {
    const [key, certificate] = [temp('key.pem'), temp('certificate.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const make = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
    ];
    execFileSync('openssl', [...make, ...subject], { stdio: 'ignore' });
    const plain = await startRedis();
    const { port } = plain;
    const secure = port > 40_000 ? port - 10_000 : port + 10_000;
    await plain.end();
    await plain.remove();
    server = await startRedis({
      options: [
        '--tls-port',
        String(secure),
        '--tls-cert-file',
        certificate,
        '--tls-key-file',
        key,
        '--tls-ca-cert-file',
        certificate,
        '--tls-auth-clients',
        'no',
      ],
    });
    await makePhotos(temp('photos'), 4);
    const tls = { ...server, url: `rediss://localhost:${secure}`, password: undefined } as QueueServerProcess;
    const refused = coordinator({ cwd: temp(), server: tls });
    expect(await refused.ended).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(/NODE_EXTRA_CA_CERTS/);
    const trusted = coordinator(
      { cwd: temp(), server: tls, env: { NODE_EXTRA_CA_CERTS: certificate } },
      '-j',
      '1',
    );
    expect(await trusted.ended).toMatchObject({ code: 0 });
    await expectSame();
  });
});

describeWithServer('PostgreSQL', 'encode on a queue', () => {
  beforeEach(async () => {
    server = await startPostgres();
  });
  sameEverywhere();

  test('a wrong password, and no such database', async () => {
    await makePhotos(temp('photos'), 2);
    const run = (url: string, env: NodeJS.ProcessEnv) =>
      runCli([...ENCODE, '--queue', url], { cwd: temp(), env });
    const wrong = await run(server.url, { FACE_QUEUE_PASSWORD: 'falsch' });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/refuses the name or the password/),
    });
    expect(wrong.stderr).not.toContain('falsch');
    const none = await run(server.url.replace('/postgres', '/photos'), password());
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/has no such database/) });
  });
});
