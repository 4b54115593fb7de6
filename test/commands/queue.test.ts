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
import { Board } from '../../src/queue/board';
import { QueueServer } from '../../src/queue/server';
import { runCli } from '../support/cli';
import {
  coordinator,
  ENCODE,
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
 * The real commands with a real server, as on several computers: the encodings file is, byte for byte, that of one. Most of the time is
 * waited, so several tests run at once.
 */

/** Defines tests, each with a server of its own. */
const testsWith =
  <Server extends QueueServerProcess>(start: () => Promise<Server>) =>
  (name: string, run: (network: Network<Server>) => Promise<void>) =>
    test.concurrent(name, onNetwork(start, run));

/** Photos as people have them: copies, a damaged one, a link to one elsewhere, names of all kinds. */
async function oddPhotos({ temp }: Network): Promise<void> {
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

function sameEverywhere(check: ReturnType<typeof testsWith>): void {
  check('on two computers with a share, one of them the coordinator', async (network) => {
    const { temp } = network;
    await oddPhotos(network);
    // The share has another name there.
    symlinkSync(temp('photos'), temp('mnt'));
    const other = worker(network, temp('mnt'));
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(network, '-j', '1');
    expect(await main.ended).toMatchObject({ code: 3 });
    expect(main.events.at(-1)).toMatchObject({ problems: 3, photosFailed: 3 });
    const paths = main.events.flatMap(({ event, path }) => (event === 'problem' ? path : [])).sort();
    expect(paths).toEqual(['also broken.jpg', 'broken.jpg', 'empty.jpg'].map((name) => join('photos', name)));
    for (const { reason, path } of main.events.filter(({ event }) => event === 'problem')) {
      expect(reason).toContain(`"${path}"`);
    }
    await expectSame(network);
    await other.kill('SIGINT');
    expect(await other.ended).toEqual({ code: 0, signal: null });
    expect(other.events.at(-1)).toMatchObject({ event: 'done' });
  });

  check(
    'with photos that are sent, to a computer that has none, and none looked at here',
    async (network) => {
      await oddPhotos(network);
      const other = worker(network, undefined);
      const main = coordinator(network, '--no-work', '--send');
      expect(await main.ended).toMatchObject({ code: 3 });
      expect(main.events.at(-1)).toMatchObject({ photosFailed: 3 });
      await expectSame(network);
      await other.kill('SIGTERM');
      expect(await other.ended).toMatchObject({ code: 0 });
    },
  );

  check('mirror images of faces that are known', async (network) => {
    const { temp } = network;
    await makePhotos(temp('photos'), 6);
    expect(await coordinator(network, '-j', '1').ended).toMatchObject({ code: 0 });
    const again = coordinator(network, '-j', '1', '--mirror');
    expect(await again.ended).toMatchObject({ code: 0 });
    expect(again.events.at(-1)).toMatchObject({ photosMeasured: expect.any(Number) });
    expect(Number(again.events.at(-1)?.photosMeasured)).toBeGreaterThan(3);
    await expectSame(network);
  });

  check(
    'what a coordinator that was killed has left is removed by command, and only then',
    async (network) => {
      const { cwd, server, temp } = network;
      await makePhotos(temp('photos'), 80);
      const queue = (...args: string[]) => runCli(['queue', ...args], { cwd, env: server.env });
      const main = coordinator(network, '--no-work');
      await until(
        async () => JSON.parse((await queue('status', server.url, '--json')).stdout).runs.length > 0,
        main,
      );
      await main.kill();
      await main.ended;
      const there = await QueueServer.connect({
        queue: server.url,
        ...(server.password !== undefined && { password: server.password }),
      });
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
      expect(await coordinator(network).ended).toMatchObject({ code: 0 });
      await expectSame(network);
    },
  );

  check('stopped and started again', async (network) => {
    const { server, temp } = network;
    // More than a worker has in hand at once.
    await makePhotos(temp('photos'), 260);
    const other = worker(network, 'photos');
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(network, '--no-work');
    await until(() => main.done > 0, main);
    await main.kill('SIGINT');
    expect(await main.ended).toMatchObject({ code: 130 });
    await until(async () => (await server.holds()).length === 0);
    expect(await coordinator(network, '--no-work').ended).toMatchObject({ code: 0 });
    await expectSame(network);
  });
}

describeWithServer('Redis', 'encode on a queue', () => {
  const check = testsWith(() => startRedis({ password: 'geheim' }));
  sameEverywhere(check);

  check('the password is in no process list, in no output and in no job', async (network) => {
    const { server, temp } = network;
    await makePhotos(temp('photos'), 12);
    // Else it might be over before anybody has looked.
    await server.call('CLIENT', 'PAUSE', '600000', 'WRITE');
    const main = coordinator(network, '-j', '1');
    if (process.platform === 'linux') {
      const ours = () => {
        const list = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' });
        return list.split('\n').filter((line) => line.split(/\s+/).includes(String(main.child.pid)));
      };
      await until(() => ours().some((line) => line.includes('own-worker')), main);
      const lines = ours().join('\n');
      expect(lines).toMatch(/own-worker/);
      expect(lines).toMatch(/--queue/);
      expect(lines).not.toContain('geheim');
    }
    await server.call('CLIENT', 'UNPAUSE');
    expect(await main.ended).toMatchObject({ code: 0 });
    const folder = join(server.folder, 'appendonlydir');
    const name = readdirSync(folder).find((one) => one.endsWith('.incr.aof')) as string;
    const kept = readFileSync(join(folder, name), 'latin1');
    expect(kept).toContain('reports');
    expect(kept).not.toContain('geheim');
    expect(JSON.stringify(main.events) + main.stderr).not.toContain('geheim');
    expect(readFileSync(temp('queue/faces.pickle.journal'), 'utf8')).not.toContain('geheim');
  });

  check('a password in a file, a wrong one, none, and one where all can see it', async (network) => {
    const { cwd, server, temp } = network;
    await makePhotos(temp('photos'), 2);
    writeFileSync(temp('password'), 'geheim\n');
    const queue = ['--queue', server.url, '--no-work'];
    const run = (args: string[], env: NodeJS.ProcessEnv = {}) => runCli([...ENCODE, ...args], { cwd, env });
    const other = worker(network, 'photos');
    expect(await run([...queue, '--password-file', 'password'])).toMatchObject({ code: 0 });
    await other.kill();
    const wrong = await run(queue, { FACE_QUEUE_PASSWORD: 'falsch' });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/refuses the name or the password/),
    });
    // Redis' driver would say all that it sends.
    const talkative = await run(queue, { FACE_QUEUE_PASSWORD: 'falsch', DEBUG: '*', NODE_DEBUG: 'net,tls' });
    for (const { stderr } of [wrong, talkative]) expect(stderr).not.toContain('falsch');
    expect(await run(queue)).toMatchObject({ code: 1, stderr: expect.stringMatching(/asks for a password/) });
    const seen = await run(['--queue', server.url.replace('//', '//:geheim@'), '--no-work']);
    expect(seen).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds no password here/) });
    expect(seen.stderr).not.toContain('geheim');
    const asOption = await run(['--queue', 'postgres://tester@127.0.0.1:1/postgres?password=geheim']);
    expect(asOption).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds no password here/) });
    expect(asOption.stderr).not.toContain('geheim');
  });

  check('what is going on', async (network) => {
    const { cwd, server, temp } = network;
    await makePhotos(temp('photos'), 80);
    const status = async () =>
      JSON.parse((await runCli(['queue', 'status', server.url, '--json'], { cwd, env: server.env })).stdout);
    expect(await status()).toEqual({ server: server.url, runs: [] });
    const main = coordinator(network, '--no-work');
    await until(async () => (await server.holds()).some((key) => key.endsWith('photos:wait')), main);
    const found = await status();
    expect(found.runs).toMatchObject([
      { done: 0, total: 80, program: expect.stringMatching(/^face-cluster-native \d/), workers: [] },
    ]);
    const { stdout } = await runCli(['queue', 'status', server.url], { cwd, env: server.env });
    expect(stdout).toMatch(/^Run [0-9a-f]{16} of .*\n {2}0 of 80 photos done/);
    const other = worker(network, 'photos');
    const { workers } = await main.saw(({ event }) => event === 'workers');
    expect(workers).toMatchObject([{ pid: other.child.pid, jobs: 1, photos: expect.any(Number) }]);
    expect(await main.ended).toMatchObject({ code: 0 });
  });

  check('a worker with other photos, or none, says so, and so does the coordinator', async (network) => {
    const { temp } = network;
    await makePhotos(temp('photos'), 4);
    await makePhotos(temp('others'), 4, 200);
    const wrong = worker(network, temp('others'));
    const none = worker(network, undefined);
    for (const one of [wrong, none]) await one.saw(({ event }) => event === 'worker');
    const main = coordinator(network, '--no-work');
    const refused = await wrong.saw(({ what }) => what === 'refused');
    expect(refused.reason).toMatch(/is not the folder with the photos|is another photo/);
    expect((await none.saw(({ what }) => what === 'refused')).reason).toMatch(/--photos/);
    await until(() => main.notes.filter((note) => note.includes("can't take part")).length > 1, main);
    worker(network, 'photos');
    expect(await main.ended).toMatchObject({ code: 0 });
    await expectSame(network);
  });

  check(
    'what ends all processes of a service ends the own worker when its coordinator says so',
    async (network) => {
      const { temp } = network;
      await makePhotos(temp('photos'), 260);
      const main = coordinator(network, '-j', '1');
      await until(() => main.done > 0, main);
      const list = execFileSync('ps', ['-eo', 'pid,ppid'], { encoding: 'utf8' });
      const own = list
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number))
        .find(([, parent]) => parent === main.child.pid);
      process.kill(own?.[0] as number, 'SIGTERM');
      expect(await main.ended).toMatchObject({ code: 0 });
      expect(main.notes).toEqual([]);
      await expectSame(network);
    },
  );

  check('a worker whose share is there later than itself takes part then', async (network) => {
    const { temp } = network;
    await makePhotos(temp('photos'), 4);
    mkdirSync(temp('mnt'));
    const other = worker(network, temp('mnt'));
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(network, '--no-work');
    await other.saw(({ what }) => what === 'refused');
    cpSync(temp('photos'), temp('mnt'), { recursive: true });
    expect(await main.ended).toMatchObject({ code: 0 });
  });

  check('two coordinators on one file', async (network) => {
    const { server, temp } = network;
    await makePhotos(temp('photos'), 10);
    const first = coordinator(network, '--no-work');
    await until(async () => (await server.holds()).length > 0, first);
    const second = coordinator(network, '--no-work');
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(second.events.at(-1)).toMatchObject({ event: 'error', code: 'FACE_LOCKED' });
    worker(network, 'photos');
    expect(await first.ended).toMatchObject({ code: 0 });
    await expectSame(network);
  });

  check('a server that is away is told of, and waited for', async (network) => {
    const { server, temp } = network;
    await makePhotos(temp('photos'), 260);
    const other = worker(network, 'photos');
    await other.saw(({ event }) => event === 'worker');
    const main = coordinator(network, '--no-work');
    await until(() => main.done > 0, main);
    await server.end('SIGKILL');
    for (const one of [main, other]) await one.told(/can't be reached/);
    await server.start();
    for (const one of [main, other]) await one.told(/^The queue's server .* answers again\.$/);
    expect(await main.ended).toMatchObject({ code: 0 });
    await expectSame(network);
  });

  check('a server that is full is told of, and waited for', async (network) => {
    const { server, temp } = network;
    await makePhotos(temp('photos'), 40);
    const other = worker(network, undefined);
    await other.saw(({ event }) => event === 'worker');
    await server.call('CONFIG', 'SET', 'maxmemory', '1');
    const main = coordinator(network, '--no-work', '--send');
    await main.told(/is full/);
    await server.call('CONFIG', 'SET', 'maxmemory', '0');
    expect(await main.ended).toMatchObject({ code: 0 });
    await expectSame(network);
  });

  check('a server that forgets keys when it is full is refused', async (network) => {
    const { server, temp } = network;
    await makePhotos(temp('photos'), 2);
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const main = coordinator(network);
    expect(await main.ended).toMatchObject({ code: 1 });
    expect(main.stderr).toMatch(/maxmemory-policy to noeviction/);
  });

  check('no server, and no such option without --queue', async (network) => {
    const { cwd, server, temp } = network;
    await makePhotos(temp('photos'), 2);
    await server.end();
    for (const away of [coordinator(network), worker(network, 'photos')]) {
      expect(await away.ended).toMatchObject({ code: 1 });
      expect(away.stderr).toMatch(/can't be reached.*Is it running/);
    }
    for (const option of ['--send', '--no-work']) {
      expect(await runCli([...ENCODE, option], { cwd })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('only together with --queue'),
      });
    }
    expect(await runCli(['worker'], { cwd })).toMatchObject({ code: 2 });
    expect(await runCli(['queue', 'status'], { cwd })).toMatchObject({ code: 2 });
  });
});

describeWithServer('PostgreSQL', 'encode on a queue', () => {
  const check = testsWith(startPostgres);
  sameEverywhere(check);

  check('a wrong password, and no such database', async (network) => {
    const { cwd, server, temp } = network;
    await makePhotos(temp('photos'), 2);
    const run = (url: string, env: NodeJS.ProcessEnv) => runCli([...ENCODE, '--queue', url], { cwd, env });
    const wrong = await run(server.url, { FACE_QUEUE_PASSWORD: 'falsch' });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/refuses the name or the password/),
    });
    expect(wrong.stderr).not.toContain('falsch');
    const none = await run(server.url.replace('/postgres', '/photos'), server.env);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/has no such database/) });
  });
});
