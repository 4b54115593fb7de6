#!/usr/bin/env node
'use strict';
/*
 * What sharing `encode` over a queue costs: the same photos by `encode` alone on one thread, by one worker with one thread, and by two,
 * in turn; CPU time and wall time of each, those of the coordinator and of the server, and what goes over the wire.
 *
 * npm run bench:queue                       30 photos of 12 megapixels, 3 rounds, Redis: five minutes
 * npm run bench:queue -- 400 160 hog redis  400 photos, 160 pixels wide: what a photo costs whatever its size
 * npm run bench:queue -- 30 4000 hog postgres send
 *
 * Needs the compiled lib/, Python 3, and redis-server or PostgreSQL; a machine with three cores, if wall time is to mean anything.
 */
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const sharp = require('sharp');
const { startRedis, startPostgres } = require('./bench/queue-servers');

const MAIN = path.join(__dirname, '../lib/cli/main.js');
const MEASURE = path.join(__dirname, 'bench/measure.py');
const DEMO = path.join(__dirname, '../node_modules/@vladmandic/face-api/demo');
const TICKS = 100;

/** Runs a command of ours and says what it took, when it has ended. */
function command(args, env = {}) {
  const child = spawn('python3', [MEASURE, '0', process.execPath, MAIN, ...args], {
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
    const measured = JSON.parse(stdout.trimEnd().split('\n').at(-1));
    if (code !== 0 || measured.status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
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

async function makePhotos(folder, count, width) {
  const names = fs.readdirSync(DEMO).filter((name) => /^sample\d\.jpg$/.test(name));
  fs.mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    await sharp(path.join(DEMO, names[i % names.length]))
      .resize({ width, height: Math.round(0.75 * width), fit: 'cover' })
      .modulate({ brightness: 1 + i / 1000 })
      .jpeg({ quality: 88 })
      .toFile(path.join(folder, `${i}.jpg`));
  }
}

async function main() {
  const [count = '30', width = '4000', method = 'hog', kind = 'redis', mode] = process.argv.slice(2);
  const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
  const send = mode === 'send';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-queue-'));
  const server = await (kind === 'redis' ? startRedis() : startPostgres());
  try {
    const photos = path.join(folder, 'photos');
    await makePhotos(photos, Number(count), Number(width));
    const bytes = fs
      .readdirSync(photos)
      .reduce((sum, name) => sum + fs.statSync(path.join(photos, name)).size, 0);
    console.log(
      `${os.availableParallelism()} threads, ${os.cpus()[0]?.model}, Node ${process.version}; ${count} photos, ${(bytes / count / 1e6).toFixed(2)} MB each, ${method}, ${kind}${send ? ', sent' : ''}`,
    );
    const all = { alone: [], one: [], two: [] };
    // What starting takes is not counted: loading the models, and for workers measuring a drawing.
    const tiny = path.join(folder, 'tiny');
    await makePhotos(tiny, 1, 32);
    const start = await command([
      'encode',
      tiny,
      '-d',
      method,
      '--json',
      '-j',
      '1',
      '-e',
      path.join(folder, 'tiny.pickle'),
    ]).ended;
    for (let round = 0; round < rounds; round++) {
      const file = (name) => path.join(folder, `${round}-${name}`, 'faces.pickle');
      const encode = ['encode', photos, '-d', method, '--json'];
      const alone = await command([...encode, '-j', '1', '-e', file('alone')]).ended;
      all.alone.push({ ...alone, worker: alone.cpu - start.cpu });
      for (const [name, workers] of [
        ['one', 1],
        ['two', 2],
      ]) {
        const started = Array.from({ length: workers }, () =>
          command(
            ['worker', '--queue', server.url, '-j', '1', '--json', ...(send ? [] : ['--photos', photos])],
            server.env,
          ),
        );
        await Promise.all(started.map(({ ready }) => ready));
        const began = started.reduce((sum, { cpu }) => sum + cpu(), 0);
        const before = { cpu: cpuOf(server.pid), ...(await server.traffic()) };
        const run = await command(
          [...encode, '--queue', server.url, '--no-work', '-e', file(name), ...(send ? ['--send'] : [])],
          server.env,
        ).ended;
        const after = { cpu: cpuOf(server.pid), ...(await server.traffic()) };
        for (const one of started) one.stop();
        const ended = await Promise.all(started.map(({ ended }) => ended));
        if (!fs.readFileSync(file(name)).equals(fs.readFileSync(file('alone'))))
          throw new Error('other bytes');
        all[name].push({
          ...run,
          worker: ended.reduce((sum, { cpu }) => sum + cpu, 0) - began,
          server: after.cpu - before.cpu,
          read: after.input - before.input,
          written: after.output - before.output,
        });
      }
    }
    const of = (name, field) => median(all[name].map((one) => one[field]));
    console.log(
      '| | seconds | CPU of who looks at them | of the coordinator | of the server | to the server, KB a photo | from it |',
    );
    console.log('|:--|--:|--:|--:|--:|--:|--:|');
    console.log(
      `| encode alone | ${of('alone', 'work').toFixed(2)} | ${of('alone', 'cpu').toFixed(2)} | | | | |`,
    );
    for (const name of ['one', 'two']) {
      console.log(
        `| ${name} | ${of(name, 'work').toFixed(2)} | ${of(name, 'worker').toFixed(2)} | ${of(name, 'cpu').toFixed(2)} | ${of(name, 'server').toFixed(2)} | ${(of(name, 'read') / 1e3 / count).toFixed(1)} | ${(of(name, 'written') / 1e3 / count).toFixed(1)} |`,
      );
    }
  } finally {
    await server.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
