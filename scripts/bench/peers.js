'use strict';
/* What a JavaScript developer would take instead, on the same photos and in the same run: how fast, and how well it tells people apart. */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { dbscan, evaluateClustering, readEncodings } = require('../..');
const { oursOn, setsToMeasure } = require('./instruction-sets');
const { linkPhotos } = require('./photos');
const { hasTensorFlow, installPeers, versionOf } = require('./peers-folder');
const { alternate, here, ours } = require('./run');

const MIN_SAMPLES = 5;
/** Distances to try for DBSCAN: the best for each, since the encodings are not of one network. */
const DISTANCES = Array.from({ length: 61 }, (_, i) => (20 + i) / 100);

/** The faces in an encodings file of ours. */
async function ourFaces(file) {
  const records = await readEncodings(file);
  return records.map(({ imagePath, encoding }) => ({ photo: path.basename(imagePath), encoding }));
}

const peerFaces = async (file) => JSON.parse(fs.readFileSync(file, 'utf8')).faces;

/**
 * What is measured: `run(folder, out)` is a command that writes the faces of the photos in `folder` to the file `out`, which
 * `read` reads.
 */
function programs() {
  const encode = (method, set) => (folder, out) =>
    oursOn(set, ours('encode', '-i', folder, '-e', out, '-d', method));
  const sets = setsToMeasure();
  const us = { read: ourFaces };
  const faceApi = (backend) => ({
    title: `face-api ${versionOf('@vladmandic/face-api')}, ${backend === 'node' ? 'TensorFlow' : 'WebAssembly'}`,
    read: peerFaces,
    run: (folder, out) => [process.execPath, here('face-api.js'), backend, folder, out],
  });
  const all = os.availableParallelism();
  return [
    ...sets.map((set) => ({
      ...us,
      title: `ours, \`-d cnn\`, ${set.title}`,
      cores: all,
      run: encode('cnn', set),
    })),
    { ...us, title: `ours, \`-d cnn\`, ${sets[0].title}`, cores: 1, run: encode('cnn', sets[0]) },
    { ...us, title: `ours, \`-d hog\`, ${sets[0].title}`, cores: all, run: encode('hog', sets[0]) },
    // In Node.js, its WebAssembly has one thread.
    { ...faceApi('wasm'), cores: 1 },
    ...(hasTensorFlow() ? [{ ...faceApi('node'), cores: all }] : []),
  ];
}

/** Who is on each photo, by the photo's name, from a file with a line `name,person` for each. */
function readIdentities(file) {
  const lines = fs.readFileSync(file, 'utf8').split(/\r?\n/);
  return new Map(lines.filter((line) => line.includes(',')).map((line) => line.split(',')));
}

/** Numbers of the people that faces are of, -1 where that is not known: only of a photo's only face it is. */
function truth(faces, personOf) {
  const onPhoto = new Map();
  for (const { photo } of faces) onPhoto.set(photo, (onPhoto.get(photo) ?? 0) + 1);
  const names = [];
  return faces.map(({ photo }) => {
    const name = onPhoto.get(photo) === 1 ? personOf(photo) : undefined;
    if (name === undefined) return -1;
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  });
}

/** B-cubed F of DBSCAN's groups at that distance; a face that belongs to nobody is a group of its own. */
async function accuracy(faces, person, eps) {
  const d = faces[0].encoding.length;
  const data = Float64Array.from(faces.flatMap(({ encoding }) => [...encoding]));
  const { labels } = await dbscan({ data, n: faces.length, d }, { eps, minSamples: MIN_SAMPLES });
  return evaluateClustering(labels, person).bcubed.f1;
}

/** The best F of all distances, and the least distance that has it. */
async function bestAccuracy(faces, person) {
  let best = { f: 0 };
  for (const eps of DISTANCES) {
    const f = await accuracy(faces, person, eps);
    if (f > best.f) best = { f, eps };
  }
  return best;
}

/**
 * Prints a table.
 * @param identities path of a file that says who is on each photo, or undefined
 * @param fresh gives paths for temporary files
 */
async function measurePeers(photos, identities, rounds, fresh) {
  installPeers();
  const folder = linkPhotos(fresh('photos'), photos);
  const all = programs();
  const files = [];
  const runs = alternate(
    all.map(({ run }, i) => () => {
      files[i] = fresh('faces');
      return run(folder, files[i]);
    }),
    rounds,
    all.map(({ cores }) => cores),
  );
  const people = identities && readIdentities(identities);
  const personOf = (name) => people.get(path.basename(photos[Number.parseInt(name, 10)]));
  const first = runs[0].seconds;
  console.log(
    `\n|  | cores | ${photos.length} photos | a photo | CPU time | peak memory | first row is faster | faces | F |`,
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
  for (const [i, { title, cores, read }] of all.entries()) {
    const { seconds, cpu, peak } = runs[i];
    const faces = await read(files[i]);
    const best = people && faces.length > 0 ? await bestAccuracy(faces, truth(faces, personOf)) : undefined;
    const cells = [
      ...[title, cores, `${seconds.toFixed(1)} s`, `${((1000 * seconds) / photos.length).toFixed(0)} ms`],
      ...[`${cpu.toFixed(1)} s`, `${Math.round(peak / 1e6).toLocaleString('en')} MB`],
      ...[i === 0 ? '' : `${(seconds / first).toFixed(1)} x`, faces.length],
      best ? `${best.f.toFixed(3)} (${best.eps})` : '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const tensorFlow = hasTensorFlow()
    ? `tfjs-node ${versionOf('@tensorflow/tfjs-node')}`
    : 'tfjs-node could not be installed here: it fetches a library of TensorFlow when it is';
  console.log(`\ntfjs ${versionOf('@tensorflow/tfjs')}; ${tensorFlow}.`);
}

module.exports = { measurePeers };
