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
      const photo = await sharp(${JSON.stringify(samplePhoto('sample1.jpg'))}).resize(1600, 1200, { fit: 'fill' }).png().toBuffer();
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
  // Or the limit would have had nothing to do.
  expect(ample.peak).toBeGreaterThan(limit);
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

/** What the tests were started with, but for what tells glibc how to use memory. */
function withoutChoice(): NodeJS.ProcessEnv {
  const chosen = (name: string) => name === 'GLIBC_TUNABLES' || name.startsWith('MALLOC_');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !chosen(name)));
}
