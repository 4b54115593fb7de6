import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeEncodings } from '../../src/encodings/encodings';
import { runCli } from '../support/cli';
import { face } from '../support/collection';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

/** Five people of six faces each, who are 0.48 from the next. */
async function makeEncodings(name: string, gap = 0.48): Promise<void> {
  const records = Array.from({ length: 30 }, (_, i) => {
    const record = face(`photos/${i}.jpg`, 5);
    record.encoding[0] = gap * Math.floor(i / 6) + 0.01 * (i % 6);
    return record;
  });
  await writeEncodings(join(temp(), name), records);
}

test('shows what is in a file, how alike the faces are and what to try', async () => {
  await makeEncodings('faces.pickle');
  const { code, stdout } = await run('info', 'faces.pickle');
  expect(code).toBe(0);
  expect(stdout).toContain('30 faces in 30 photos');
  expect(stdout).toContain('Written by: face-cluster-native');
  expect(stdout).toMatch(/0\.00 to 0\.05 █\S* \d+\.\d %/);
  expect(stdout).toContain('4th nearest');
  // As one, with DBSCAN's default.
  expect(stdout).toMatch(/^ {2}--eps 0\.5 +1 +30 +0 +1$/m);
  expect(stdout).toMatch(/^> --eps 0\.4 +5 +6 +0 +0$/m);
  expect(stdout).toContain('the fewest faces to look after: 0 of 30,');
  expect(stdout).toMatch(/^ {2}face-cluster-native cluster -e faces\.pickle --eps 0\.4$/m);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('shows the few pairs of one person beside the many of two, and tells lines of the curve apart', async () => {
  // Two faces each of 60 people, who are all as far from each other.
  const records = Array.from({ length: 120 }, (_, i) => {
    const record = face(`photos/${i}.jpg`, i >> 1);
    record.encoding[127] = 0.0005 * i * (i % 2);
    return record;
  });
  await writeEncodings(join(temp(), 'faces.pickle'), records);
  const { stdout } = await run('info', 'faces.pickle', '--min-samples', '2');
  expect(stdout).toContain('bars: logarithmic');
  const [, alike = ''] = /0\.00 to 0\.05 (█+)/.exec(stdout) ?? [];
  const [, different = ''] = /1\.40 to 1\.45 (█+)/.exec(stdout) ?? [];
  expect(alike.length).toBeGreaterThan(0.3 * different.length);
  expect(alike.length).toBeLessThan(0.7 * different.length);
  const curve = stdout.slice(stdout.indexOf('nearest other one')).split('\n').slice(1, 11);
  const labels = curve.map((line) => line.trim().split(' ')[0]);
  expect(new Set(labels).size).toBe(10);
});

test('needs no file name for the file that "encode" writes, and leaves the defaults where all is well', async () => {
  await makeEncodings('encodings/encodings.pickle', 0.9);
  const { code, stdout } = await run('info');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^> --eps 0\.5 +5 +6 +0 +0$/m);
});

test('gives it all as JSON', async () => {
  await makeEncodings('faces.pickle');
  const { code, stdout, stderr } = await run('info', '-e', 'faces.pickle', '--json', '--eps', '0.4');
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    file: 'faces.pickle',
    faces: 30,
    distances: { pairs: 435 },
    kDistances: { k: 4 },
  });
  expect(JSON.parse(stdout).trials[0]).toMatchObject({ parameters: { eps: 0.4 }, people: 5, largest: 6 });
});

test('says what is wrong with a file or a command line', async () => {
  expect(await run('info', 'none.pickle')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('none.pickle'),
  });
  expect(await run('info', 'a', 'b')).toMatchObject({ code: 2 });
  expect(await run('info', 'a', '--epss', '1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--eps'),
  });
});

test('knows where a folder of people has its faces', async () => {
  mkdirSync(join(temp(), 'people', '.data'), { recursive: true });
  await makeEncodings('people/.data/faces.pickle');
  const { code, stdout } = await run('info', 'people');
  expect([code, stdout]).toEqual([0, expect.stringContaining('30 faces in 30 photos')]);
});
