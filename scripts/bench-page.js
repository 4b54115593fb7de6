#!/usr/bin/env node
'use strict';
/*
 * What the page that `view` serves takes to open, and to answer each kind of decision: until it is on the disk, faces that it frees
 * are grouped anew, and the overview is made.
 *
 * npm run bench:page              10,000 faces of 200 people, then 100,000 of 2,000: ten minutes, most of it sorting them
 * npm run bench:page -- 10000     another number of faces; a fiftieth as many people
 * npm run bench:page -- people    a people folder that is there; what is decided is undone again
 *
 * Photos and faces are made up as for bench:sort. Needs the compiled lib/ and the addon (npm run build).
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { addPhotos, standIn } = require('./bench/sorted-folder');
const { sortPhotos } = require('../lib');
const { PeopleSession } = require('../lib/web/session');

const ROUNDS = 5;

async function timed(work) {
  const started = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, time: performance.now() - started, cpu: (user + system) / 1000 };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** What is decided, of people on many photos and on few: each time of others. */
const GESTURES = {
  name: (people, i) => [{ do: 'name', person: people[i].label, name: `Anna ${i}` }],
  merge: (people, i) => [{ do: 'merge', person: people[20 + i].label, into: people[i].label }],
  'not, one face': (people, i, faces) => [
    { do: 'not', person: people[i].label, faces: faces(people[i]).slice(0, 1) },
  ],
  'not, ten faces': (people, i, faces) => [
    { do: 'not', person: people[30 + i].label, faces: faces(people[30 + i]).slice(0, 10) },
  ],
  split: (people, i, faces) => [{ do: 'split', faces: faces(people[40 + i]).slice(0, 10) }],
};

async function measure(output) {
  const opened = await timed(() => PeopleSession.open(output));
  const session = opened.result;
  const { people, faces: count } = session.overview();
  const shown = people.filter(({ label }) => label >= 0);
  const { pageSize } = session.overview();
  const faces = ({ label }) => {
    const { first } = session.overview().people.find((one) => one.label === label);
    const page = session.page('faces', Math.floor(first / pageSize));
    return page.filter((face) => face.label === label).map(({ id }) => id);
  };
  const row = (what, runs) => {
    const [time, cpu] = [median(runs.map((run) => run.time)), median(runs.map((run) => run.cpu))];
    console.log(`| ${count.toLocaleString('en')} | ${what} | ${time.toFixed(0)} ms | ${cpu.toFixed(0)} ms |`);
  };
  row('open', [opened]);
  for (const [title, gesture] of Object.entries(GESTURES)) {
    const taken = { it: [], undo: [] };
    for (let i = 0; i < ROUNDS; i++) {
      const decisions = gesture(shown, i, faces);
      const done = await timed(async () => {
        const decided = await session.decide(decisions);
        session.overview();
        session.page('faces', 0);
        session.page('photos', 0);
        return decided;
      });
      taken.it.push(done);
      const undone = await timed(async () => {
        await session.undo(done.result.gesture);
        session.overview();
      });
      taken.undo.push(undone);
    }
    row(title, taken.it);
    row('its undo', taken.undo);
  }
  await session.close();
}

async function make(faces, folder) {
  await addPhotos(path.join(folder, 'photos'), 0, Math.floor(faces / 2));
  const engine = standIn(Math.floor(faces / 50), 1);
  await sortPhotos({ photos: path.join(folder, 'photos'), output: path.join(folder, 'people'), engine });
}

async function main() {
  const [given] = process.argv.slice(2);
  console.log(`${os.availableParallelism()} threads, ${os.cpus()[0]?.model}, Node ${process.version}\n`);
  console.log('| faces | | median | CPU time |\n|--:|:--|--:|--:|');
  if (given !== undefined && !/^\d+$/.test(given)) {
    await measure(given);
    return;
  }
  for (const faces of given === undefined ? [10_000, 100_000] : [Number(given)]) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-page-'));
    try {
      await make(faces, folder);
      await measure(path.join(folder, 'people'));
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
