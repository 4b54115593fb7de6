#!/usr/bin/env node
'use strict';
/*
 * What sharing `encode` over a queue costs, and how much faster two are. In turn, on the same photos: `encode` alone on one thread; two
 * of them at once, each with half of the photos and without a queue, which is what this machine can do; one worker with one thread; two.
 * Each has one core, as if it were a computer: with more, photos are decoded beside that thread. The coordinator and the server have
 * what is left of all. Wall time and CPU time of each, and what goes over the wire.
 *
 * npm run bench:queue                       48 photos of 12 megapixels, 3 rounds, Redis: some five minutes
 * npm run bench:queue -- 400 160 hog redis  400 photos, 160 pixels wide: what a photo costs whatever its size
 * npm run bench:queue -- 48 4000 hog postgres send
 *
 * BENCH_CORE_PERCENT=50 leaves each half of its core (as root): two computers that do not share one memory, and room for the coordinator
 * and the server, which with two cores take what the second worker would.
 *
 * Needs the compiled lib/, Python 3, and redis-server or PostgreSQL; and a machine with nothing else to do.
 */
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const sharp = require('sharp');
const { coreShare } = require('./bench/core-share');
const { startPostgres, startRedis } = require('./bench/queue-servers');

const MAIN = path.join(__dirname, '../lib/cli/main.js');
const MEASURE = path.join(__dirname, 'bench/measure.py');
const DEMO = path.join(__dirname, '../node_modules/@vladmandic/face-api/demo');
const TICKS = 100;

/** A core, or a part of it, which is a computer here. */
function computer(number, percent) {
  const share = percent < 100 ? coreShare(`bench-queue-${process.pid}-${number}`, percent) : undefined;
  return {
    run: (command) => {
      const measured = ['python3', MEASURE, `1@${number}`, ...command];
      return share ? share.within(measured) : measured;
    },
    remove: () => share?.remove(),
  };
}

/** Where there is room. */
const ANYWHERE = { run: (command) => ['python3', MEASURE, '0', ...command] };

/** Runs a command of ours and says what it took, when it has ended. */
function command(args, env = {}, where = ANYWHERE) {
  const [program, ...rest] = where.run([process.execPath, MAIN, ...args]);
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => {
    const measured = code === 0 && JSON.parse(stdout.trimEnd().split('\n').at(-1));
    if (measured?.status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    const { seconds } = JSON.parse(stdout.trimEnd().split('\n').at(-2));
    return { ...measured, work: seconds };
  });
  ended.catch(() => {});
  const ready = new Promise((resolve) => {
    child.stdout.on('data', () => stdout.includes('"event":"worker"') && resolve());
  });
  /** The process that python3 has started. */
  const stop = () => {
    for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGINT');
  };
  /** CPU time so far of the process itself. */
  const cpu = () => childrenOf(child.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);
  return { ended, ready, stop, cpu };
}

function childrenOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : Number(line)));
}

function cpuOf(pid) {
  const of = (id) => {
    const stat = fs.readFileSync(`/proc/${id}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Its own and that of its children that have ended: PostgreSQL has one for each connection.
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
  };
  return childrenOf(pid).reduce((sum, id) => sum + of(id), of(pid));
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Photos as `<folder>/<half>/<number>.jpg`, the same pictures in either half if there are a multiple of twelve. */
async function makePhotos(folder, count, width) {
  const names = fs.readdirSync(DEMO).filter((name) => /^sample\d\.jpg$/.test(name));
  for (let i = 0; i < count; i++) {
    const half = path.join(folder, i < count / 2 ? 'a' : 'b');
    fs.mkdirSync(half, { recursive: true });
    await sharp(path.join(DEMO, names[i % names.length]))
      .resize({ width, height: Math.round(0.75 * width), fit: 'cover' })
      .modulate({ brightness: 1 + i / 1000 })
      .jpeg({ quality: 88 })
      .toFile(path.join(half, `${i}.jpg`));
  }
}

async function main() {
  const [count = '48', width = '4000', method = 'hog', kind = 'redis', mode] = process.argv.slice(2);
  const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
  const percent = Number(process.env.BENCH_CORE_PERCENT ?? 100);
  const send = mode === 'send' ? ['--send'] : [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-queue-'));
  const computers = [0, 1].map((number) => computer(number, percent));
  const server = await (kind === 'redis' ? startRedis() : startPostgres());
  try {
    const photos = path.join(folder, 'photos');
    await makePhotos(photos, Number(count), Number(width));
    const bytes = fs
      .readdirSync(photos, { recursive: true })
      .reduce(
        (sum, name) => sum + (name.endsWith('.jpg') ? fs.statSync(path.join(photos, name)).size : 0),
        0,
      );
    console.log(
      `${os.availableParallelism()} threads, ${os.cpus()[0]?.model}, Node ${process.version}; ${count} photos, ${(bytes / count / 1e6).toFixed(2)} MB each, ${method}, ${kind}${send.length > 0 ? ', sent' : ''}, ${percent} % of a core each`,
    );
    const encode = (of, to, options, env, where) =>
      command(['encode', of, '-d', method, '--json', '-e', path.join(folder, to), ...options], env, where)
        .ended;
    // What starting takes is not counted: loading the models, and for workers measuring a drawing.
    const tiny = path.join(folder, 'tiny');
    await makePhotos(tiny, 1, 32);
    const start = await encode(tiny, 'tiny.pickle', ['-j', '1'], {}, computers[0]);

    /** So many `encode` at once, each with an equal part of the photos. */
    const withoutQueue = async (to, folders) => {
      const runs = await Promise.all(
        folders.map((of, i) => encode(of, `${to}${i}.pickle`, ['-j', '1'], {}, computers[i])),
      );
      return {
        work: Math.max(...runs.map(({ work }) => work)),
        worker: runs.reduce((sum, { cpu }) => sum + cpu - start.cpu, 0),
      };
    };

    /** So many workers on the queue, and a coordinator. */
    const onQueue = async (to, workers) => {
      const share = send.length > 0 ? [] : ['--photos', photos];
      const started = Array.from({ length: workers }, (_, i) =>
        command(['worker', '--queue', server.url, '-j', '1', '--json', ...share], server.env, computers[i]),
      );
      await Promise.all(started.map(({ ready }) => ready));
      const began = started.reduce((sum, { cpu }) => sum + cpu(), 0);
      const before = { cpu: cpuOf(server.pid), ...(await server.traffic()) };
      const options = ['--queue', server.url, '--no-work', ...send];
      const { work, cpu } = await encode(photos, `${to}.pickle`, options, server.env);
      const after = { cpu: cpuOf(server.pid), ...(await server.traffic()) };
      for (const one of started) one.stop();
      const ended = await Promise.all(started.map(({ ended }) => ended));
      return {
        work,
        cpu,
        worker: ended.reduce((sum, one) => sum + one.cpu, 0) - began,
        server: after.cpu - before.cpu,
        read: after.input - before.input,
        written: after.output - before.output,
      };
    };

    const ways = {
      '`encode` alone': (to) => withoutQueue(to, [photos]),
      'two, half each': (to) => withoutQueue(to, [path.join(photos, 'a'), path.join(photos, 'b')]),
      'one worker': (to) => onQueue(to, 1),
      'two workers': (to) => onQueue(to, 2),
    };
    const all = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
    const pickle = (to) => fs.readFileSync(path.join(folder, `${to}.pickle`));
    for (let round = 0; round < rounds; round++) {
      for (const [i, name] of Object.keys(ways).entries()) all[name].push(await ways[name](`${round}-${i}-`));
      for (const i of [2, 3]) {
        if (!pickle(`${round}-${i}-`).equals(pickle(`${round}-0-0`))) throw new Error('other bytes');
      }
    }
    /** PostgreSQL does not count them. */
    const kilobytes = (bytes) => (Number.isFinite(bytes) ? (bytes / 1e3).toFixed(1) : '');
    const of = (name, field) => median(all[name].map((one) => one[field]));
    /** Medians of ratios within a round: what else the machine does changes from round to round. */
    const faster = (name, than) => median(all[than].map(({ work }, round) => work / all[name][round].work));
    console.log(
      '| | seconds | times as fast as alone | CPU of who looks at them | of the coordinator | of the server | to the server, KB a photo | from it |',
    );
    console.log('|:--|--:|--:|--:|--:|--:|--:|--:|');
    for (const [name, [{ cpu }]] of Object.entries(all)) {
      const coordinated =
        cpu === undefined
          ? ['', '', '', '']
          : [
              of(name, 'cpu').toFixed(2),
              of(name, 'server').toFixed(2),
              ...['read', 'written'].map((field) => kilobytes(of(name, field) / count)),
            ];
      console.log(
        `| ${[name, of(name, 'work').toFixed(2), faster(name, '`encode` alone').toFixed(2), of(name, 'worker').toFixed(2), ...coordinated].join(' | ')} |`,
      );
    }
    console.log(`\nTwo workers: ${faster('two workers', 'one worker').toFixed(2)} times as fast as one.`);
  } finally {
    await server.remove();
    for (const one of computers) one.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
