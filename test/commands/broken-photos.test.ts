import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokenPhotos } from '../support/broken-photos';
import { runCli } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';

const temp = useTempFolder();

/** Of the command without any photo about 200; `encode` is told below to make do with 500. */
const MOST_MEGABYTES = 700;

test('300 broken photos: the process lives, every file is accounted for, and memory stays within its bound', async () => {
  const folder = join(temp(), 'in');
  mkdirSync(folder);
  for (const [name, bytes] of await brokenPhotos(300, 3n)) writeFileSync(join(folder, name), bytes);
  copyFileSync(join(PORTRAITS, 'audrey_crop.jpg'), join(folder, 'whole.jpg'));
  let megabytes = 0;
  const args = ['-i', 'in', '-d', 'hog', '-e', 'f', '--errors', 'errors', '--max-memory', '500MB'];
  const result = await runCli(['encode', ...args], {
    cwd: temp(),
    onSpawn: (child) => {
      const timer = setInterval(() => {
        megabytes = Math.max(megabytes, peakMegabytes(child.pid as number));
      }, 20).unref();
      child.on('exit', () => clearInterval(timer));
    },
  });
  expect(result).toMatchObject({ code: 3, signal: null });
  const [, faces, photos] = /^([\d,]+) faces? in (\d+) photos/.exec(result.stdout) ?? [];
  const without = Number(/(\d+) photos? without a face/.exec(result.stdout)?.[1] ?? 0);
  const failed = Number(/(\d+) photos? could not be read/.exec(result.stdout)?.[1] ?? 0);
  expect(Number(photos) + failed).toBe(301);
  // None of the others shows anything like a face.
  expect(Number(faces)).toBe(1);
  expect(1 + without + failed).toBe(301);
  const errors = readFileSync(join(temp(), 'errors'), 'utf8').trimEnd().split('\n');
  expect(errors).toHaveLength(failed);
  for (const line of errors) {
    expect(JSON.parse(line)).toMatchObject({
      path: expect.stringMatching(/^in\//),
      // Of some WebP it can't be told whether they are to blame.
      code: expect.stringMatching(/^FACE_IMAGE_(DECODE|TOO_LARGE|DECODER)$/),
    });
  }
  process.stdout.write(
    `Of 300 broken photos ${failed} were refused, ${without} read; ${megabytes} MB at most.\n`,
  );
  // Damage that is always, or never, noticed would test one half only.
  expect(failed).toBeGreaterThan(50);
  expect(without).toBeGreaterThan(50);
  if (process.platform === 'linux') expect(megabytes).toBeGreaterThan(0);
  expect(megabytes).toBeLessThan(MOST_MEGABYTES);
});

function peakMegabytes(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}
