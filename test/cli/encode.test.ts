import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEncodings } from '../../src/io/encodings';
import { runCli } from '../support/cli';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';

const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

function addPhotos(folder: string, ...names: string[]): void {
  mkdirSync(join(temp(), folder), { recursive: true });
  for (const name of names) {
    copyFileSync(
      name.startsWith('sample') ? samplePhoto(name) : join(PORTRAITS, name),
      join(temp(), folder, name),
    );
  }
}

test('without options it reads and writes where the Python project does', async () => {
  addPhotos('datasets/default_dataset', 'audrey_crop.jpg');
  const { code, stdout, stderr } = await run('encode');
  expect(stderr).toBe('Encoding: 1 photo\n');
  expect(stdout).toContain('1 face in 1 photo');
  expect(stdout).toContain('face-cluster-native cluster --encodings encodings/encodings.pickle');
  expect(code).toBe(0);
  const records = await readEncodings(join(temp(), 'encodings/encodings.pickle'));
  expect(records.map(({ imagePath }) => imagePath)).toEqual(['datasets/default_dataset/audrey_crop.jpg']);
});

test('takes the short names and both spellings of the detection method', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  const long = ['--dataset', 'in', '--encodings', 'a', '--detection-method', 'hog', '--jobs', '1'];
  const original = ['--dataset', 'in', '--encodings', 'b', '--detection_method', 'hog', '--jobs', '-1'];
  const short = ['-i', 'in', '-e', 'c', '-d', 'hog', '-j', '2'];
  for (const args of [long, original, short]) expect(await run('encode', ...args)).toMatchObject({ code: 0 });
  const [a, b, c] = ['a', 'b', 'c'].map((name) => readFileSync(join(temp(), name)));
  expect(a?.equals(b as Buffer)).toBe(true);
  expect(a?.equals(c as Buffer)).toBe(true);
});

test('a photo that can not be read is named, the rest is done, and the exit code is 3', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  writeFileSync(join(temp(), 'in', 'broken.jpg'), 'not a photo');
  writeFileSync(join(temp(), 'in', 'evil\x1b[31m\nname.jpg'), '');
  const { code, stdout } = await run('encode', '-i', 'in', '-d', 'hog');
  expect(code).toBe(3);
  expect(stdout).toContain('2 photos could not be read');
  expect(stdout).toContain('in/broken.jpg');
  expect(stdout).toContain('in/evil\\x1b[31m\\x0aname.jpg');
  expect(stdout).not.toContain('\x1b');
  expect(await readEncodings(join(temp(), 'encodings/encodings.pickle'))).toHaveLength(1);
});

test('of many bad photos ten are named and the rest counted', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  for (let i = 0; i < 25; i++) writeFileSync(join(temp(), 'in', `bad${i}.jpg`), '');
  const { stdout } = await run('encode', '-i', 'in', '-d', 'hog');
  expect(stdout.match(/in\/bad\d+\.jpg/g)).toHaveLength(10);
  expect(stdout).toContain('… and 15 more');
});

test.each<[string, string[]]>([
  ['does not exist', ['encode', '-i', 'nowhere']],
  ['No photos were found', ['encode', '-i', 'empty']],
  ['models', ['encode', '-i', 'in', '--models', 'empty']],
  ['it is a folder', ['encode', '-i', 'in', '-e', 'empty']],
])('an error says %j and exits with 1, without a stack', async (hint, args) => {
  addPhotos('in', 'audrey_crop.jpg');
  mkdirSync(join(temp(), 'empty'));
  const { code, stdout, stderr } = await run(...args);
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([code, stdout]).toEqual([1, '']);
});

test('FACE_DEBUG=1 adds the stack', async () => {
  const result = await runCli(['encode', '-i', 'nowhere'], { cwd: temp(), env: { FACE_DEBUG: '1' } });
  expect(result.stderr).toMatch(/^\s+at /m);
});

test.each<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('%s while it works: exit code %i, the old file as it was, nothing beside it', async (signal, exitCode) => {
  addPhotos('in', 'sample1.jpg', 'sample2.jpg', 'sample3.jpg', 'sample4.jpg', 'sample5.jpg', 'sample6.jpg');
  mkdirSync(join(temp(), 'out'));
  writeFileSync(join(temp(), 'out', 'faces.pickle'), 'old');
  const result = await runCli(['encode', '-i', 'in', '-e', 'out/faces.pickle'], {
    cwd: temp(),
    onStderr: (text, child) => {
      if (text.startsWith('Encoding') && !text.includes('Stopped')) child.kill(signal);
    },
  });
  expect(result).toMatchObject({ code: exitCode, signal: null, stdout: '' });
  expect(result.stderr).toContain('Stopped. Nothing was written.');
  expect(readFileSync(join(temp(), 'out', 'faces.pickle'), 'utf8')).toBe('old');
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle']);
});

test('a reader that has read enough is no reason to fail', () => {
  addPhotos('in', 'audrey_crop.jpg');
  const main = join(__dirname, '../../lib/cli/main.js');
  const command = `"${process.execPath}" "${main}" encode -i in -d hog | true; echo "\${PIPESTATUS[0]}"`;
  expect(execFileSync('bash', ['-c', command], { cwd: temp(), encoding: 'utf8', stdio: 'pipe' })).toBe('0\n');
  expect(existsSync(join(temp(), 'encodings/encodings.pickle'))).toBe(true);
});
