'use strict';
/*
 * Real encodings and, up to any number, made ones that are like them: the same for the same n on every machine.
 *
 * A made person's centre is a mixture of those of six real ones, mean + s (sum of w (c - mean)), with weights w that are drawn
 * from a normal distribution, without their signs, and divided by the root of the sum of their squares: that keeps the
 * variance in every direction, and so the distances between strangers. s makes up for what the centres of few faces differ
 * too much, so that the mean squared distance of strangers is that of the real faces. Of two, three and four people mixed,
 * too many made ones were alike; of ten, too few. The made person has as many faces as some real one, and each has the
 * deviations of some real face and of its mirror image from their centre.
 * Only people of 4 faces and more are mixed: with fewer, the centre is mostly the face.
 * Made people may have so many times as many faces; each then has the deviations of two real faces, mixed so that the variance
 * stays, for there would be copies otherwise.
 */
const fs = require('node:fs');
const path = require('node:path');
const { DIMENSIONS, normal, uniform } = require('./embeddings');

const LEAST = 4;
const MIXED = 6;

/** A folder with `encodings.f32` and `mirrored.f32`, (n, 128) each, and `truth.json` with the `person` of each, -1: unknown. */
function readFaces(folder) {
  const values = (name) => {
    const { buffer, byteOffset, byteLength } = fs.readFileSync(path.join(folder, name));
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  const { person } = JSON.parse(fs.readFileSync(path.join(folder, 'truth.json'), 'utf8'));
  return { plain: values('encodings.f32'), mirrored: values('mirrored.f32'), person };
}

function peopleOf(faces) {
  const places = new Map();
  for (const [i, person] of faces.person.entries()) {
    if (person >= 0) places.set(person, [...(places.get(person) ?? []), i]);
  }
  return [...places.values()];
}

function centreOf(faces, places) {
  const centre = new Float64Array(DIMENSIONS);
  for (const place of places) {
    for (let k = 0; k < DIMENSIONS; k++) {
      const at = place * DIMENSIONS + k;
      centre[k] += (faces.plain[at] + faces.mirrored[at]) / 2 / places.length;
    }
  }
  return centre;
}

/** Squared distances, of the means of face and mirror image, of so many pairs of strangers drawn at random. */
function strangers(faces, count, seed = 7) {
  const random = uniform(seed);
  const n = faces.person.length;
  const squares = [];
  while (squares.length < count) {
    const a = Math.floor(random() * n);
    const b = Math.floor(random() * n);
    if (faces.person[a] < 0 || faces.person[b] < 0 || faces.person[a] === faces.person[b]) continue;
    let sum = 0;
    for (let k = 0; k < DIMENSIONS; k++) {
      const i = a * DIMENSIONS + k;
      const j = b * DIMENSIONS + k;
      sum += ((faces.plain[i] + faces.mirrored[i] - faces.plain[j] - faces.mirrored[j]) / 2) ** 2;
    }
    squares.push(sum);
  }
  return squares;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The real faces, or their first n, and made ones up to n, of people with so many times as many faces. */
function makeFaces(real, n, times = 1) {
  const plain = new Float32Array(n * DIMENSIONS);
  const mirrored = new Float32Array(n * DIMENSIONS);
  const kept = Math.min(n, real.person.length);
  plain.set(real.plain.subarray(0, kept * DIMENSIONS));
  mirrored.set(real.mirrored.subarray(0, kept * DIMENSIONS));
  const person = real.person.slice(0, kept);
  addMade(real, { plain, mirrored, person }, n, calibrate(real), times);
  return { plain, mirrored, person };
}

function addMade(real, { plain, mirrored, person }, n, scale, times = 1) {
  const random = uniform(1);
  const gauss = normal(random);
  const draw = (items) => items[Math.floor(random() * items.length)];
  const all = peopleOf(real);
  const large = all.filter((places) => places.length >= LEAST);
  const people = large.map((places) => ({ places, centre: centreOf(real, places) }));
  const middle = centreOf(real, large.flat());
  for (let next = 1 + Math.max(-1, ...new Set(real.person)); person.length < n; next++) {
    const weights = Array.from({ length: MIXED }, () => Math.abs(gauss()));
    const length = Math.hypot(...weights);
    const mixed = middle.slice();
    for (const weight of weights) {
      const other = draw(people).centre;
      for (let k = 0; k < DIMENSIONS; k++) mixed[k] += ((scale * weight) / length) * (other[k] - middle[k]);
    }
    const { places, centre } = draw(people);
    for (let left = times * draw(all).length; left > 0 && person.length < n; left--) {
      const parts = [{ face: draw(places), weight: 1 }];
      if (times > 1) {
        const angle = 2 * Math.PI * random();
        parts[0].weight = Math.cos(angle);
        parts.push({ face: draw(places), weight: Math.sin(angle) });
      }
      for (let k = 0; k < DIMENSIONS; k++) {
        const at = person.length * DIMENSIONS + k;
        const sum = (values) =>
          parts.reduce(
            (total, { face, weight }) => total + weight * (values[face * DIMENSIONS + k] - centre[k]),
            mixed[k],
          );
        plain[at] = sum(real.plain);
        mirrored[at] = sum(real.mirrored);
      }
      person.push(next);
    }
  }
}

/** The scale at which made strangers are as far apart as real ones, in the mean of squares: by two trials, as it is linear. */
function calibrate(real) {
  const trial = (scale) => {
    const made = {
      plain: new Float32Array(20_000 * DIMENSIONS),
      mirrored: new Float32Array(20_000 * DIMENSIONS),
      person: [],
    };
    addMade(real, made, 20_000, scale);
    return mean(strangers(made, 20_000));
  };
  const [none, one] = [trial(0), trial(1)];
  return Math.sqrt((mean(strangers(real, 20_000)) - none) / (one - none));
}

module.exports = { makeFaces, readFaces, strangers };
