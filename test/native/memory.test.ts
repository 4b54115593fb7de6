import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { checkBuilt } from '../support/cli';
import { samplePhoto } from '../support/files';

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
  // Or the limit would have had nothing to do.
  expect(ample.peak).toBeGreaterThan(limit);
});
