'use strict';
/*
 * Points that are like face encodings, for benchmarks: the same for the same n and seed on every machine.
 *
 * People's sizes are Pareto-distributed; 15 in 100 points stand alone. A person is a centre with a decaying spectrum; a face
 * is its person's centre and a smaller deviation, whose spectrum decays more slowly. The constants were chosen so that
 * distances are like those of 13,000 real encodings by dlib's network. There, 64 principal axes hold 97 % of the variance,
 * and at eps 0.5, the first 16, 24 and 32 let 17 %, 5 % and 1.5 % of the pairs through; here, 95 %, and 17 %, 4 % and 1.2 %.
 */
const DIMENSIONS = 128;
const NOISE = 0.15;
const PARETO = { least: 5, exponent: 1.3, mostOfAll: 0.01 };
const CENTRES = { variance: 0.27, decay: 18 };
const FACES = { variance: 0.06, decay: 40 };

/** Uniform in (0, 1): mulberry32. */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 + 2 ** -33;
  };
}

/** Standard normal, by Marsaglia's polar method. */
function normal(random) {
  let spare;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * random() - 1;
      const y = 2 * random() - 1;
      const square = x * x + y * y;
      if (square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
}

/** Standard deviations along the axes. */
function spectrum({ variance, decay }) {
  const weights = Array.from({ length: DIMENSIONS }, (_, k) => Math.exp(-k / decay));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => Math.sqrt((variance * weight) / sum));
}

/** Float32Array of shape (n, 128), people mixed. */
function makeEmbeddings(n, seed = 1) {
  const random = uniform(seed);
  const gauss = normal(random);
  const places = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [places[i], places[other]] = [places[other], places[i]];
  }
  const centres = spectrum(CENTRES);
  const faces = spectrum(FACES);
  const data = new Float32Array(n * DIMENSIONS);
  let alone = 0;
  for (let made = 0; made < n; ) {
    let size = 1;
    if (alone < NOISE * (made + 1)) alone++;
    else {
      const drawn = Math.floor(PARETO.least * random() ** (-1 / PARETO.exponent));
      size = Math.min(drawn, Math.ceil(PARETO.mostOfAll * n), n - made);
    }
    const centre = centres.map((deviation) => deviation * gauss());
    for (const last = made + size; made < last; made++) {
      const at = places[made] * DIMENSIONS;
      for (let k = 0; k < DIMENSIONS; k++) data[at + k] = centre[k] + faces[k] * gauss();
    }
  }
  return data;
}

module.exports = { DIMENSIONS, makeEmbeddings, normal, uniform };
