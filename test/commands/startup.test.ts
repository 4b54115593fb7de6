import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { bmpFile } from '../support/bmp';
import { checkBuilt } from '../support/cli';
import { useTempFolder } from '../support/files';
import { describeWithHeif, heifEnc } from '../support/heif';

/*
 * What is loaded before it is needed delays every command, "--help" first, and takes memory from programs that use but a
 * part of the library. How long it takes depends on the machine; what is loaded does not.
 */
beforeAll(checkBuilt);
const temp = useTempFolder();
const root = join(__dirname, '../..');

/**
 * Names of the modules and paths of the addons that a Node process has loaded when it ends, and the files of the threads that it
 * has started; "wasm" for each WebAssembly that was compiled.
 */
function loadedBy(args: readonly string[]): string[] {
  const list = join(temp(), 'loaded.json');
  const hook = join(temp(), 'hook.js');
  writeFileSync(
    hook,
    `const threads = require('node:worker_threads');
    const { compile } = WebAssembly;
    const extra = [];
    WebAssembly.compile = (...args) => (extra.push('wasm'), compile(...args));
    threads.Worker = class extends threads.Worker {
      constructor(file, options) {
        super(file, options);
        extra.push(String(file));
      }
    };
    process.on('exit', () => {
      const loaded = [...extra, ...Object.keys(require.cache), ...process.report.getReport().sharedObjects];
      require('node:fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(loaded));
    });`,
  );
  execFileSync(process.execPath, ['--require', hook, ...args], { stdio: 'pipe' });
  return JSON.parse(readFileSync(list, 'utf8'));
}

const IMAGES = /node_modules[\\/]@?(sharp|img)[\\/]|libvips/;
const HEVC = /lib[\\/]libheif[\\/]|hevc-thread|^wasm$/;
const SERVER = /node_modules[\\/](fastify|cookie)[\\/]/;
/** The rooms that work on photos, faces and files of faces, in lib/, or serve them; of a result, all but its names. */
const WORK =
  /^(photos|encodings|clustering|engine|encode|models|native|web|result.(export|montage|originals|pictures|publish))\b|^(cluster|info|index)\.js$/;
const ADDON = /face_cluster_native\.node/;
const lib = join(root, 'lib', '/');
const main = join(root, 'lib', 'cli', 'main.js');

test.each([
  [['--help']],
  [['--version']],
  [['encode', '--help']],
  [['cluster', '--help']],
  [['view', '--help']],
])('%j loads the command line and nothing of what the commands do', (args) => {
  const loaded = loadedBy([main, ...args]);
  expect(loaded).toContain(main);
  const heavy = (path: string) => [IMAGES, HEVC, ADDON, SERVER].some((kind) => kind.test(path));
  expect(loaded.filter(heavy)).toEqual([]);
  const own = loaded.flatMap((path) => (path.startsWith(lib) ? [path.slice(lib.length)] : []));
  expect(own).toContain(join('cli', 'main.js'));
  expect(own.filter((path) => WORK.test(path))).toEqual([]);
});

test.each([
  [['--help'], []],
  [['--version'], []],
  [['cluster', '--help'], ['cluster.js']],
  [['view', '--help'], ['view.js']],
])('of the commands %j loads %j: none waits for what the others need', (args, expected) => {
  const commands = /^(encode|cluster|view|info|models|doctor)\.js$/;
  const own = loadedBy([main, ...args]).filter(
    (path) => dirname(path) === join(root, 'lib', 'cli', 'commands'),
  );
  expect(own.map((path) => basename(path)).filter((name) => commands.test(name))).toEqual(expected);
});

test('the library loads neither the image library nor the addon until a photo or points are there, and no server', () => {
  const loaded = loadedBy(['-e', `require(${JSON.stringify(root)})`]);
  expect(loaded).toContain(join(root, 'lib', 'index.js'));
  expect(loaded.filter((path) => IMAGES.test(path) || ADDON.test(path) || SERVER.test(path))).toEqual([]);
});

test('a bitmap is decoded without the image library; a photo of another format brings it', () => {
  const decode = (file: string) =>
    loadedBy(['-e', `require(${JSON.stringify(root)}).decodeImage(${JSON.stringify(file)})`]);
  const bitmap = join(temp(), 'a.bmp');
  writeFileSync(bitmap, bmpFile({ width: 1, height: 1, bits: 24, pixels: [1, 2, 3, 0] }));
  expect(decode(bitmap).filter((path) => IMAGES.test(path))).toEqual([]);
  const photo = join(root, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
  expect(decode(photo).filter((path) => IMAGES.test(path))).not.toEqual([]);
});

describeWithHeif('HEIC', () => {
  test('the decoder of HEVC and its thread come with the first HEIC, not before', async () => {
    const photo = join(temp(), 'a.jpg');
    const heic = join(temp(), 'a.heic');
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
    writeFileSync(photo, bytes);
    writeFileSync(heic, await heifEnc([bytes]));
    const decode = (file: string) =>
      loadedBy(['-e', `require(${JSON.stringify(root)}).decodeImage(${JSON.stringify(file)})`]).filter(
        (path) => HEVC.test(path),
      );
    expect(decode(photo)).toEqual([]);
    expect(decode(heic)).toEqual(['wasm', join(root, 'lib/photos/formats/hevc-thread.js')]);
  });
});
