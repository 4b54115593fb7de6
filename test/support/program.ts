import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PORTRAITS, samplePhoto } from './files';

const root = join(__dirname, '../..');

/** What every program below begins with, in its main thread and in its workers. */
const PRELUDE = `
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
const { once } = require('node:events');
const wait = require('node:timers/promises').setTimeout;
const sharp = require('sharp');
const root = ${JSON.stringify(root)};
// Not before it is called: some programs load it in workers only.
const library = () => require(root);
const options = { method: 'hog' };

async function photo(name, width) {
  const path = (name.startsWith('sample') ? ${JSON.stringify(samplePhoto('/'))} : ${JSON.stringify(`${PORTRAITS}/`)}) + name;
  const { data, info } = await sharp(path).resize(width).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
/** A call, and the code it was rejected with. */
const settling = (call) => ({ code: call.then(() => 'fulfilled', (error) => error.code) });
/** Starts encodings that would take hours each; when it returns, \`running\` of them run and as many wait for their turn. */
async function startEndless(running, signal) {
  const engine = new (library().FaceEngine)({ jobs: running });
  const portrait = await photo('franck_02221.jpg', 180);
  const [face] = await engine.detect(portrait, options);
  await engine.encode(portrait, [face.box]);
  const calls = Array.from({ length: 2 * running }, () =>
    settling(engine.encode(portrait, [face.box], { numJitters: 100000, signal })));
  await wait(100);
  return calls;
}
/** Starts a clustering that would take minutes. When it returns, that is at work. */
async function startDbscan(signal) {
  const n = 200000, d = 16;
  const data = new Float32Array(n * d);
  for (let i = 0; i < data.length; i++) data[i] = Math.imul(i, 0x9e3779b1) >>> 8;
  // All are neighbours and none a core point, so that no pair can be left out.
  const everyPair = { eps: 1e9, minSamples: 2 ** 30, maxMemory: 0 };
  let call;
  await new Promise((begun) => {
    call = settling(library().dbscan({ data, n, d }, { ...everyPair, signal, threads: 2, onProgress: begun }));
  });
  return call;
}
async function encodeGroup() {
  const engine = new (library().FaceEngine)({ jobs: 2 });
  const faces = await engine.detectAndEncode(await photo('sample6.jpg', 320), options);
  const { labels } = await library().dbscan([[0], [0.4], [0.8], [9]], { minSamples: 2 });
  engine.dispose();
  return JSON.stringify([faces.map(({ box, score, encoding }) => [box, score, [...encoding]]), [...labels]]);
}
`;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Node's own. */
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A program that hangs ends by SIGKILL after so long: before jest's limit, so that what it has printed is seen. */
  readonly seconds?: number;
}

/** Runs a program by itself; `main` is the body of an async function. */
export function runProgram(
  main: string,
  { flags = [], env = {}, seconds = 500 }: ProgramOptions = {},
): Promise<Ending> {
  const code = `const PRELUDE = ${JSON.stringify(PRELUDE)};${PRELUDE}
const inWorker = (body) => new Worker(
  PRELUDE + '(async () => {' + body + '})();', { eval: true });
(async () => {${main}})().catch((error) => { console.error(error); process.exit(99); });`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, '--eval', code], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const killer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(killer);
      resolve({ code: status, signal, stdout, stderr });
    });
  });
}

/** How a program ends that nothing went wrong in. */
export const CLEAN = { code: 0, signal: null, stderr: '' };
