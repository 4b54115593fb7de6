import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { checkBuilt } from '../support/cli';
import { samplePhoto } from '../support/files';
import { onGlibc } from '../support/platform';

beforeAll(checkBuilt);

/**
 * What a process of its own found on the photo, and the most memory it had: on Linux by the kernel's count for its own
 * memory, because `maxRSS` begins with that of the process that started it.
 */
function detectWithin(maxMemory: number | undefined) {
  const program = `
    const sharp = require('sharp');
    const { FaceEngine } = require(${JSON.stringify(join(__dirname, '../..'))});
    (async () => {
      const photo = await sharp(${JSON.stringify(samplePhoto('sample1.jpg'))}).resize(2000, 1500, { fit: 'fill' }).png().toBuffer();
      const engine = new FaceEngine({ jobs: 2, maxMemory: ${maxMemory} });
      const faces = await engine.detectAndEncode(photo);
      const found = faces.map(({ box, score, encoding }) => [box, score, [...encoding]]);
      const peak = process.platform === 'linux'
        ? /VmHWM:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1]
        : process.resourceUsage().maxRSS;
      console.log(JSON.stringify({ found, peak: peak * 1024 }));
    })();`;
  const output = execFileSync(process.execPath, ['-e', program], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
  });
  return JSON.parse(output) as { found: unknown[]; peak: number };
}

test('what does not fit into maxMemory is worked on in smaller pieces: the same faces to the bit, less memory', () => {
  const limit = 256e6;
  const ample = detectWithin(undefined);
  const tight = detectWithin(limit);
  expect(ample.found.length).toBeGreaterThan(0);
  expect(tight.found).toEqual(ample.found);
  expect(tight.peak).toBeLessThan(limit);
  // Or the limit would have had nothing to do: 175 of 300 to 320 MB.
  expect(tight.peak).toBeLessThan(0.8 * ample.peak);
});

onGlibc('what many threads took for photos goes back to the system with the engine', () => {
  const program = `
    const sharp = require('sharp');
    const { FaceEngine } = require(${JSON.stringify(join(__dirname, '../..'))});
    const resident = () => {
      gc();
      return 1024 * /VmRSS:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1];
    };
    (async () => {
      const photo = await sharp(${JSON.stringify(samplePhoto('sample1.jpg'))}).resize(1200, 900, { fit: 'fill' }).jpeg().toBuffer();
      const engine = new FaceEngine({ jobs: 32, maxMemory: 600e6 });
      await engine.detect(photo);
      const before = resident();
      await Promise.all(Array.from({ length: 32 }, () => engine.detect(photo)));
      await engine.dispose();
      console.log(resident() - before);
    })();`;
  const kept = Number(
    execFileSync(process.execPath, ['--expose-gc', '-e', program], {
      cwd: join(__dirname, '../..'),
      env: withoutChoice(),
      encoding: 'utf8',
    }),
  );
  // 8 to 14 MB; 84 to 88 MB where glibc's threads keep what they have freed.
  expect(kept).toBeLessThan(45e6);
});

/** By itself, glibc gives blocks of 128 KB or more back until one of them has been freed. */
onGlibc.each([
  ['nothing', {}, false, true],
  ['MALLOC_MMAP_THRESHOLD_', { MALLOC_MMAP_THRESHOLD_: '33554432' }, true, true],
  ['MALLOC_MMAP_MAX_', { MALLOC_MMAP_MAX_: '0' }, true, true],
  ['MALLOC_TRIM_THRESHOLD_', { MALLOC_TRIM_THRESHOLD_: '1000000' }, false, false],
  ['MALLOC_TOP_PAD_', { MALLOC_TOP_PAD_: '65536' }, false, false],
  ['GLIBC_TUNABLES', { GLIBC_TUNABLES: 'glibc.malloc.mmap_threshold=33554432' }, true, true],
])('where the user has chosen by %s, glibc does as that says', (_, chosen, keepsLarge, keepsMedium) => {
  const program = `
    new (require(${JSON.stringify(join(__dirname, '../..'))}).FaceEngine)({ jobs: 1 }).dispose();
    const heap = () => {
      const maps = require('node:fs').readFileSync('/proc/self/maps', 'utf8');
      const [, from, to] = /^(\\w+)-(\\w+) .*\\[heap\\]$/m.exec(maps);
      return parseInt(to, 16) - parseInt(from, 16);
    };
    const sizes = [heap()];
    const blocks = [Buffer.allocUnsafeSlow(16e6)];
    sizes.push(heap());
    while (blocks.length <= 64) blocks.push(Buffer.allocUnsafeSlow(5e5));
    sizes.push(heap());
    console.log(JSON.stringify({ sizes, blocks: blocks.length }));`;
  const said = execFileSync(process.execPath, ['-e', program], {
    env: { ...withoutChoice(), ...chosen },
    encoding: 'utf8',
  });
  const [before, between, after] = (JSON.parse(said) as { sizes: [number, number, number] }).sizes;
  // What is in the heap is kept: 16 MB at once, then 32 MB in pieces of half a megabyte.
  expect([between - before > 8e6, after - between > 16e6]).toEqual([keepsLarge, keepsMedium]);
});

/** What the tests were started with, but for what tells glibc how to use memory. */
function withoutChoice(): NodeJS.ProcessEnv {
  const chosen = (name: string) => name === 'GLIBC_TUNABLES' || name.startsWith('MALLOC_');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !chosen(name)));
}
