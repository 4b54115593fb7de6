import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeWithHeif } from '../support/heif';

const root = join(__dirname, '../..');

/** The short form of `npm run fuzz:…`; CONTRIBUTING has the long one. */
function fuzz(target: string, runs: number): { status: number | null; stdout: string; stderr: string } {
  const args = [join(root, 'scripts/fuzz.js'), target, '--runs', `${runs}`, '--seed', '20'];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}

const outcomesIn = (stdout: string) =>
  [...stdout.matchAll(/^ {2}(.+): \d+$/gm)].map(([, name]) => name).sort();

test('no damaged or made-up pickle breaks a promise of the reader', () => {
  const { status, stdout, stderr } = fuzz('pickle', 6000);
  expect([stdout, stderr, status]).toEqual([expect.stringContaining('6000 inputs'), '', 0]);
  // Every way it can go was gone.
  expect(outcomesIn(stdout)).toEqual([
    'FACE_ENCODINGS_INVALID',
    'FACE_PICKLE_INVALID',
    'FACE_PICKLE_UNSAFE',
    'faces',
    'no faces',
    'other data',
  ]);
});

test('no damaged photo breaks a promise of decoding, detecting and encoding', () => {
  const { status, stdout, stderr } = fuzz('images', 400);
  expect([stdout, stderr, status]).toEqual([expect.stringContaining('400 inputs'), '', 0]);
  expect(outcomesIn(stdout)).toEqual(
    expect.arrayContaining(['FACE_IMAGE_DECODE', 'with a face', 'without a face', 'without a face, in part']),
  );
});

describeWithHeif('HEIC', () => {
  test('no damaged HEIC breaks a promise of decoding, detecting and encoding', () => {
    const { status, stdout, stderr } = fuzz('heic', 120);
    expect([stdout, stderr, status]).toEqual([expect.stringContaining('120 inputs'), '', 0]);
    expect(outcomesIn(stdout)).toEqual(
      expect.arrayContaining([
        'FACE_IMAGE_DECODE',
        'with a face',
        'without a face',
        'without a face, in part',
      ]),
    );
  });
});
