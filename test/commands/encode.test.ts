import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEncodings } from '../../src/encodings/encodings';
import { type CliResult, runCli } from '../support/cli';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';
import { NO_FACES } from '../support/pickle-bytes';
import { RAW_KINDS } from '../support/raw';

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
  // Where it takes long, it says how far it is.
  expect(stderr).toMatch(/^Encoding: 1 photo\n(Encoding: .*\n)*$/);
  expect(stdout).toContain('1 face in 1 photo');
  expect(stdout).toContain('face-cluster-native cluster\n');
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

test.each<[string, string[]]>([
  ['-i with several', ['-i', 'in', 'more', '-d', 'hog']],
  ['-i several times', ['-i', 'in', '-d', 'hog', '-i', 'more']],
  ['words', ['in', 'more', '-d', 'hog']],
  ['words after other options', ['-d', 'hog', '-q', 'in', 'more']],
  ['both', ['-d', 'hog', 'in', '-i', 'more']],
  ['a photo by itself', ['-d', 'hog', 'more', 'in/audrey_crop.jpg']],
])('several folders: %s', async (_, args) => {
  addPhotos('in', 'audrey_crop.jpg');
  addPhotos('more', 'franck_02221.jpg');
  expect(await run('encode', ...args)).toMatchObject({ code: 0 });
  const records = await readEncodings(join(temp(), 'encodings/encodings.pickle'));
  expect(records.map(({ imagePath }) => imagePath)).toEqual(['in/audrey_crop.jpg', 'more/franck_02221.jpg']);
});

test('what is left out is told: hidden, excluded, not readable, and what cluster has made of the same photos', async () => {
  addPhotos('in', 'audrey_crop.jpg', 'franck_02221.jpg');
  addPhotos('in/@eaDir', 'audrey_crop.jpg');
  addPhotos('in/screenshots', 'audrey_crop.jpg');
  writeFileSync(join(temp(), 'in', 'b.x3f'), '');
  const encode = ['encode', 'in', '-d', 'hog', '--exclude', 'screenshots'];
  const first = await run(...encode);
  expect(first.stdout).toContain('2 faces in 2 photos\n');
  expect(await run('cluster', '-o', 'in/people', '--min-samples', '1')).toMatchObject({ code: 0 });
  // Six photos more, if thumbnails of faces were taken for photos.
  const second = await run(...encode);
  expect(second.stdout).toContain('2 faces in 2 photos\n');
  for (const part of [
    'Left out:  1 raw photo: not readable yet\n',
    '1 earlier result (in/people)',
    '1 hidden or system folder (@eaDir): --include-hidden',
    '1 folder: excluded\n',
  ]) {
    expect(second.stdout).toContain(part);
  }
  const all = await run(...encode.slice(0, 4), '--include-hidden', '--json');
  expect(JSON.parse(all.stdout.trimEnd().split('\n').at(-1) as string)).toMatchObject({
    event: 'done',
    photos: 4,
    leftOut: {
      results: ['in/people'],
      hidden: { folders: 0, photos: 0, names: [] },
      excluded: { folders: 0, photos: 0 },
      unread: { raw: 1 },
    },
  });
  const refused = await run('encode', 'in/people');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is an earlier result, not photos'),
  });
});

test('pointed to one photo, it does not replace the faces of all: exit code 1, its own error code, and --fresh', async () => {
  addPhotos('in', 'audrey_crop.jpg', 'franck_02221.jpg');
  await run('encode', 'in', '-d', 'hog');
  const file = join(temp(), 'encodings/encodings.pickle');
  const before = readFileSync(file);
  const refused = await run('encode', 'in/franck_02221.jpg', '-d', 'hog', '--json');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/faces of 1 photo that is not .*--fresh/),
  });
  expect(JSON.parse(refused.stdout.trimEnd().split('\n').at(-1) as string)).toMatchObject({
    event: 'error',
    code: 'FACE_ENCODINGS_OTHER_PHOTOS',
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(await run('encode', 'in/franck_02221.jpg', '-d', 'hog', '--fresh')).toMatchObject({ code: 0 });
  expect(await readEncodings(file)).toHaveLength(1);
});

test('a raw photo gives what its picture gives, counts once beside that, and is told to be a copy of it where both count', async () => {
  addPhotos('in', 'franck_02221.jpg');
  const jpeg = readFileSync(join(temp(), 'in/franck_02221.jpg'));
  const raw = RAW_KINDS['Nikon NEF']?.({
    jpeg,
    thumbnail: jpeg,
    orientation: 1,
    taken: '2019:07:14 15:30:12',
  });
  writeFileSync(join(temp(), 'in/Franck_02221.NEF'), raw as Buffer);
  const one = await run('encode', 'in', '-d', 'hog');
  expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('1 face in 1 photo\n') });
  expect(one.stdout).toMatch(
    /^Left out: {2}1 raw photo: the JPEG or HEIC of the same name is taken; --raw-and-jpeg\s+both/m,
  );
  const both = await run('encode', 'in', '-d', 'hog', '--raw-and-jpeg', 'both');
  expect(both).toMatchObject({ code: 0, stdout: expect.stringContaining('2 faces in 2 photos\n') });
  expect(both.stdout).toMatch(/^Copies: {4}1 picture is there in several sizes or formats, as 2 photos\./m);
  const file = 'encodings/encodings.pickle';
  const [a, b] = await readEncodings(join(temp(), file));
  expect([a?.imagePath, b?.imagePath]).toEqual(['in/Franck_02221.NEF', 'in/franck_02221.jpg']);
  expect([a?.loc, a?.encoding]).toEqual([b?.loc, b?.encoding]);
  const { stdout } = await run('info', file, '--copies');
  expect(stdout).toBe('in/Franck_02221.NEF\nin/franck_02221.jpg\n');
  expect(JSON.parse((await run('info', file, '--copies', '--json')).stdout)).toEqual([
    stdout.trim().split('\n'),
  ]);
});

test('a photo that can not be read is named, the rest is done, and the exit code is 3', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  writeFileSync(join(temp(), 'in', 'broken.jpg'), 'not a photo');
  writeFileSync(join(temp(), 'in', 'evil\x1b[31m\nname.jpg'), '');
  const { code, stdout } = await run('encode', '-i', 'in', '-d', 'hog');
  expect(code).toBe(3);
  // Not "in 3 photos": nobody knows who is on the other two.
  expect(stdout).toMatch(/^1 face in 1 photo; 2 photos could not be read$/m);
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
  ['it is a folder', ['encode', '-i', 'in', '-e', 'results/']],
  ['Left out were: 1 JPEG XL picture: not readable yet; 2 videos: --video', ['encode', 'phone']],
])('an error says %j and exits with 1, without a stack', async (hint, args) => {
  addPhotos('in', 'audrey_crop.jpg');
  mkdirSync(join(temp(), 'empty'));
  mkdirSync(join(temp(), 'phone'));
  for (const name of ['a.jxl', 'b.mp4', 'c.MOV']) writeFileSync(join(temp(), 'phone', name), '');
  const { code, stdout, stderr } = await run(...args);
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([code, stdout]).toEqual([1, '']);
});

test('FACE_DEBUG=1 adds the stack', async () => {
  const result = await runCli(['encode', '-i', 'nowhere'], { cwd: temp(), env: { FACE_DEBUG: '1' } });
  expect(result.stderr).toMatch(/^\s+at /m);
});

const SAMPLES = [1, 2, 3, 4, 5, 6].map((n) => `sample${n}.jpg`);

test.each<[NodeJS.Signals, number, string[]]>([
  ['SIGINT', 130, []],
  ['SIGTERM', 143, []],
  // Once more with that, it would start over once more.
  ['SIGINT', 130, ['--fresh']],
])(
  '%s while it works: exit code %i, the old file as it was, and the same command goes on, without %j',
  async (signal, exitCode, startOver) => {
    addPhotos('in', ...SAMPLES);
    mkdirSync(join(temp(), 'out'));
    writeFileSync(join(temp(), 'out', 'faces.pickle'), NO_FACES);
    const args = ['encode', '-i', 'in', '-e', 'out/faces.pickle', '-j', '1', '-d', 'hog'];
    const stopped = await runCli([...args, ...startOver], {
      cwd: temp(),
      env: atMoment({ said: 'Encoding' }, signal),
    });
    expect(stopped).toMatchObject({ code: exitCode, signal: null, stdout: '' });
    const [, done, how] =
      /Stopped\. (\d) of 6 photos are done and kept\. Run the same command again(.*) to go on/.exec(
        stopped.stderr,
      ) ?? [];
    expect(how).toBe(startOver.length > 0 ? ', without --fresh,' : '');
    expect(readFileSync(join(temp(), 'out', 'faces.pickle'), 'utf8')).toBe(NO_FACES);
    expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle', 'faces.pickle.journal']);
    const next = await run(...args);
    expect(next).toMatchObject({ code: 0, stdout: expect.stringMatching(/faces in 6 photos/) });
    if (Number(done) > 0) expect(next.stdout).toContain(`Known:     ${done} photo`);
    else expect(next.stdout).not.toContain('Known:');
  },
);

test('while one run is at work, another on the same file is refused, with the number of the first', async () => {
  addPhotos('in', ...SAMPLES);
  let second: Promise<CliResult> | undefined;
  let first = 0;
  const encode = ['encode', '-i', 'in', '-e', 'faces.pickle', '-d', 'hog'];
  await runCli(encode, {
    cwd: temp(),
    // Until it is killed.
    env: atMoment(
      { said: 'Encoding' },
      { program: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)' },
    ),
    onStderr: (_, child) => {
      first = child.pid as number;
      second ??= run(...encode).finally(() => child.kill('SIGKILL'));
    },
  });
  expect(await second).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`faces.pickle: process ${first}.`),
  });
});

test('other options are noticed and told in words, and --fresh starts over', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  await run('encode', '-i', 'in', '-d', 'hog');
  const other = await run('encode', '-i', 'in', '-d', 'hog', '--upsample', '0');
  expect(other.stderr).toContain(
    '1 photo was encoded with --upsample 1 before, now with --upsample 0: this is done anew',
  );
  const reduced = await run('encode', '-i', 'in', '-d', 'hog', '--detect-size', '150');
  expect(reduced.stderr).toContain(
    '1 photo was encoded with no --detect-size before, now with --detect-size 150: this is done anew',
  );
  const fresh = await run('encode', '-i', 'in', '-d', 'hog', '--fresh');
  expect(fresh.stderr).toContain('Starting over: what was known of 1 photo is forgotten.');
  expect(fresh.stdout).not.toContain('Known:');
});

test('--mirror: the same file; later, only what is missing is measured, and it says so', async () => {
  addPhotos('in', 'audrey_crop.jpg', 'franck_02221.jpg');
  const encode = (...args: string[]) => run('encode', 'in', '-d', 'hog', ...args);
  await encode('-e', 'plain');
  await encode('-e', 'mirror', '--mirror');
  const later = await encode('-e', 'plain', '--mirror', '--json');
  expect(JSON.parse(later.stdout.trimEnd().split('\n').at(-1) as string)).toMatchObject({
    event: 'done',
    faces: 2,
    photosKnown: 0,
    photosMeasured: 2,
  });
  const [plain, mirror] = ['plain', 'mirror'].map((name) => readFileSync(join(temp(), name)));
  expect(plain?.equals(mirror as Buffer)).toBe(true);
  await encode('-e', 'third');
  expect((await encode('-e', 'third', '--mirror')).stdout).toContain('Mirrored:  2 photos known from before');
  expect((await encode('-e', 'third', '--mirror')).stdout).toContain('Known:     2 photos');
});

test('--errors lists the bad photos for programs, whatever their names', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  writeFileSync(join(temp(), 'in', 'broken\n👩‍👧.jpg'), 'not a photo');
  const undecodable = Buffer.from('in/caf\xe9.jpg', 'latin1');
  writeFileSync(Buffer.concat([Buffer.from(`${temp()}/`), undecodable]), '');
  const { code } = await run('encode', '-i', 'in', '-d', 'hog', '--errors', 'errors.jsonl');
  expect(code).toBe(3);
  const lines = readFileSync(join(temp(), 'errors.jsonl'), 'utf8').trimEnd().split('\n');
  const errors = lines.map((line) => JSON.parse(line)).sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(errors).toEqual([
    {
      path: 'in/broken\n👩‍👧.jpg',
      code: 'FACE_IMAGE_DECODE',
      reason: expect.stringContaining('not a picture'),
    },
    {
      path: 'in/caf\ufffd.jpg',
      pathBytes: undecodable.toString('base64'),
      code: 'FACE_IMAGE_DECODE',
      reason: expect.stringContaining('empty'),
    },
  ]);
});

test('--errors leaves an empty file when all is well, and is refused before the work where it can not be', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  writeFileSync(
    join(temp(), 'errors.jsonl'),
    '{"path":"a.jpg","code":"FACE_IMAGE_DECODE","reason":"of last time"}\n',
  );
  expect(await run('encode', '-i', 'in', '-d', 'hog', '--errors', 'errors.jsonl')).toMatchObject({ code: 0 });
  expect(readFileSync(join(temp(), 'errors.jsonl'), 'utf8')).toBe('');
  // What is not such a list is somebody's work: a photo, say, or the encodings themselves.
  for (const file of ['in/audrey_crop.jpg', 'encodings/encodings.pickle']) {
    const bytes = readFileSync(join(temp(), file));
    const { code, stderr } = await run('encode', '-i', 'in', '-d', 'hog', '--errors', file);
    expect([file, code]).toEqual([file, 1]);
    expect(stderr).toContain('would replace');
    expect(readFileSync(join(temp(), file)).equals(bytes)).toBe(true);
  }
  expect(
    await run('encode', '-i', 'in', '-d', 'hog', '-e', 'new.pickle', '--errors', './new.pickle'),
  ).toMatchObject({ code: 2, stderr: expect.stringContaining('name the same file') });
  const refused = await run('encode', '-i', 'in', '-d', 'hog', '--errors', 'in');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('it is a folder') });
});

test('--strict stops at the first bad photo, with exit code 1', async () => {
  addPhotos('in', 'audrey_crop.jpg');
  writeFileSync(join(temp(), 'in', 'broken.jpg'), 'not a photo');
  const { code, stderr } = await run('encode', '-i', 'in', '-d', 'hog', '--strict');
  expect([code, stderr]).toEqual([1, expect.stringContaining('in/broken.jpg')]);
  expect(existsSync(join(temp(), 'encodings', 'encodings.pickle'))).toBe(false);
});

test('--max-pixels leaves out what is larger, without decoding it', async () => {
  addPhotos('in', 'audrey_crop.jpg', 'sample1.jpg');
  const { code, stdout } = await run('encode', '-i', 'in', '-d', 'hog', '--max-pixels', '300000');
  expect(code).toBe(3);
  expect(stdout).toMatch(/in\/sample1\.jpg" is \d+ x \d+ pixels, more than the 300000 allowed.*--max-pixels/);
});

test('a reader that has read enough is no reason to fail', () => {
  addPhotos('in', 'audrey_crop.jpg');
  const main = join(__dirname, '../../lib/cli/main.js');
  const command = `"${process.execPath}" "${main}" encode -i in -d hog | true; echo "\${PIPESTATUS[0]}"`;
  expect(execFileSync('bash', ['-c', command], { cwd: temp(), encoding: 'utf8', stdio: 'pipe' })).toBe('0\n');
  expect(existsSync(join(temp(), 'encodings/encodings.pickle'))).toBe(true);
});
