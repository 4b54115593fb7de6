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
  // What is in the heap is kept: of 128 MB each, what is free in it already is little.
  const [large, medium] = heapGrowth(chosen);
  expect([large > 64e6, medium > 64e6]).toEqual([keepsLarge, keepsMedium]);
});

/** By how much blocks of 16 MB, and then blocks of half a megabyte, 128 MB each, make the heap larger, in bytes. */
function heapGrowth(chosen: NodeJS.ProcessEnv): [large: number, medium: number] {
  const program = `
    const heap = () => {
      const maps = require('node:fs').readFileSync('/proc/self/maps', 'utf8').split('\\n');
      const at = maps.findLastIndex((line) => line.endsWith('[heap]'));
      const [[from, to], [next]] = [maps[at], maps[at + 1]].map((line) => line.split(/[- ]/).map((hex) => parseInt(hex, 16)));
      return { size: to - from, room: next - to };
    };
    const blocks = [];
    const grownBy = (count, size) => {
      const before = heap().size;
      for (let i = 0; i < count; i++) blocks.push(Buffer.allocUnsafeSlow(size));
      return heap().size - before;
    };
    (async () => {
      // The native part is there then, and nothing large has been freed.
      await require(${JSON.stringify(join(__dirname, '../..'))}).dbscan([[0], [1]]);
      const { room } = heap();
      console.log(JSON.stringify({ room, grown: [grownBy(8, 16e6), grownBy(256, 5e5)], blocks: blocks.length }));
    })();`;
  for (let processes = 0; processes < 20; processes++) {
    const said = execFileSync(process.execPath, ['-e', program], {
      env: { ...withoutChoice(), ...chosen },
      encoding: 'utf8',
    });
    const { room, grown } = JSON.parse(said);
    // The addresses are drawn anew for each process. In 1 of 60, V8's come right behind the heap: glibc goes on elsewhere then.
    if (room > 400e6) return grown;
  }
  throw new Error('In none of 20 processes the heap had room to grow.');
}

/** What the tests were started with, but for what tells glibc how to use memory. */
function withoutChoice(): NodeJS.ProcessEnv {
  const chosen = (name: string) => name === 'GLIBC_TUNABLES' || name.startsWith('MALLOC_');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !chosen(name)));
}
