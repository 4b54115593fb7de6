import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { FaceRecord } from '../../src/base/types';
import { writeEncodings } from '../../src/encodings/encodings';
import { People } from '../../src/people/people';
import { fsPath } from '../../src/system/file-name';
import { runCli } from '../support/cli';
import { resultListing } from '../support/collection';
import { samplePhoto, useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';

const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

/** An encodings file with `sizes[p]` photos of person p, who has sqrt(2) to any other. */
async function makeEncodings(file: string, ...sizes: number[]): Promise<void> {
  mkdirSync(join(temp(), 'photos'), { recursive: true });
  const records = sizes.flatMap((size, person) =>
    Array.from({ length: size }, (_, i): FaceRecord => {
      const imagePath = join('photos', `p${person}-${i}.jpg`);
      // Different photos: bytes after the end of a JPEG are ignored.
      const bytes = [readFileSync(samplePhoto('sample1.jpg')), Buffer.from(imagePath)];
      writeFileSync(join(temp(), imagePath), Buffer.concat(bytes));
      const encoding = new Float64Array(128);
      encoding[person] = 1;
      return { imagePath, loc: { top: 10, right: 90, bottom: 90, left: 10 }, encoding };
    }),
  );
  await writeEncodings(join(temp(), file), records);
}

test('without options it reads and writes where the Python project does', async () => {
  await makeEncodings('encodings/encodings.pickle', 6, 5, 1);
  const { code, stdout } = await run('cluster');
  expect(code).toBe(0);
  expect(stdout).toContain('2 people among 12 faces in 12 photos');
  expect(stdout).toContain('label0: 6 photos, 6 faces');
  expect(stdout).toContain('label-1: 1 face');
  expect(stdout).toMatch(/Time: +\d/);
  expect(stdout).toContain('12 hard links: no space taken');
  expect(stdout).toContain(join('results/default_result', 'montage'));
  const result = join(temp(), 'results/default_result');
  expect(readdirSync(result).filter((name) => !name.startsWith('.'))).toEqual([
    'clusters.json',
    'gallery',
    'index.html',
    'label-1',
    'label0',
    'label1',
    'montage',
    'thumbnails',
  ]);
});

test('with --folders names it is about people who last, and says what has changed', async () => {
  await makeEncodings('a.pickle', 6, 5, 1);
  const args = ['cluster', '-e', 'a.pickle', '-o', 'people', '--folders', 'names'];
  const { code, stdout } = await run(...args);
  expect(code).toBe(0);
  expect(stdout).toContain('Person 01 (6): 6 photos, 6 faces\n  Person 02 (5): 5 photos, 5 faces\n');
  expect(stdout).toContain('Not sorted: 1 face like too few others');
  expect(stdout).toContain(join('people', '<name> (<photos>)'));
  const people = await People.open(join(temp(), 'a.pickle.people.jsonl'));
  await people.name(2, 'Anna');
  // Nobody else may decide anything while a run looks for people.
  const locked = await run(...args);
  await people.close();
  expect(locked).toMatchObject({ code: 1, stderr: expect.stringContaining('a.pickle.people.jsonl') });
  await makeEncodings('a.pickle', 6, 8, 1);
  const events = (await run(...args, '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { changes } = events.at(-1);
  expect(changes).toMatchObject({ joined: [{ person: 2, faces: 3, photos: 3 }], newPeople: [], gone: 0 });
  const phases = new Set(events.flatMap(({ phase }) => phase ?? []));
  expect([...phases].slice(0, 5)).toEqual(['check', 'read', 'locate', 'identify', 'cluster']);
  expect(readdirSync(join(temp(), 'people'))).toEqual(expect.arrayContaining(['Anna (8)', 'Person 01 (6)']));
});

test('takes all its options, and finds photos that were moved', async () => {
  await makeEncodings('a.pickle', 2, 2);
  const options = ['--eps', '0.4', '--min-samples', '2', '--seed', '7', '--photos', temp()];
  const elsewhere = join(temp(), 'elsewhere');
  mkdirSync(elsewhere);
  const args = ['cluster', '-e', '../a.pickle', '-o', 'people', '-j', '1', ...options];
  const { code, stdout } = await runCli(args, { cwd: elsewhere });
  expect(stdout).toContain('2 people among 4 faces');
  expect(code).toBe(0);
});

test('groups by linkage, says so in the result, and what would tell people apart better', async () => {
  await makeEncodings('a.pickle', 6, 4, 1);
  const args = ['cluster', '-e', 'a.pickle', '-o', 'people', '--method', 'linkage', '--min-samples', '4'];
  const { code, stdout } = await run(...args, '--threshold', '0.5');
  expect(code).toBe(0);
  expect(stdout).toContain('2 people among 11 faces');
  expect(stdout).toContain('label-1: 1 face like too few others\n');
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'No mirror images were measured. "encode --mirror", with the rest',
  );
  const { parameters } = JSON.parse(readFileSync(join(temp(), 'people/clusters.json'), 'utf8'));
  expect(parameters).toEqual({
    method: 'linkage',
    threshold: 0.5,
    mirrored: false,
    minSamples: 4,
    keepUnclear: false,
    seed: 0,
  });
});

test.each([
  [['--threshold', '0.5'], '--threshold'],
  [['--method', 'linkage', '--eps', '0.5'], '--eps'],
  [['--method', 'linkage', '--threshold', 'x'], '--threshold'],
  [['--method', 'chinese'], 'dbscan'],
])('%j is refused before anything is done: %s', async (options, named) => {
  await makeEncodings('a.pickle', 2);
  const { code, stderr } = await run('cluster', '-e', 'a.pickle', '-o', 'people', ...options);
  expect(code).toBe(2);
  expect(stderr).toContain(named);
  expect(existsSync(join(temp(), 'people'))).toBe(false);
});

test('names photos that are gone, none or not drawn, and puts those into the folders that are photos', async () => {
  await makeEncodings('a.pickle', 3);
  rmSync(join(temp(), 'photos/p0-0.jpg'));
  writeFileSync(join(temp(), 'photos/p0-1.jpg'), 'no photo');
  const damaged = join(temp(), 'photos/p0-2.jpg');
  writeFileSync(damaged, readFileSync(damaged).subarray(0, 64));
  const { code, stdout } = await run('cluster', '-e', 'a.pickle', '-o', 'out', '--min-samples', '2');
  expect(code).toBe(3);
  expect(stdout).toMatch(
    /\nNot found, or not drawn:\n.*photos\/p0-0\.jpg" was not found.*p0-1\.jpg.* not a picture.*p0-2\.jpg.*can't be decoded/s,
  );
  expect(readdirSync(join(temp(), 'out', 'label0'))).toEqual(['p0-2.jpg']);
});

test.each([
  [1, /The one photo named in \S+ was not found .* The photo "/],
  [2, /None of the 2 photos named in \S+ was found .* The first: The photo "/],
])('says that none of all %i photos is there', async (size, message) => {
  await makeEncodings('e.pickle', size);
  rmSync(join(temp(), 'photos'), { recursive: true });
  const { code, stderr } = await run('cluster', '-e', 'e.pickle', '-o', 'people');
  expect(code).toBe(1);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(message);
});

test('says that it keeps a photo that only the earlier result has any more', async () => {
  await makeEncodings('a.pickle', 3);
  const cluster = (...options: string[]) =>
    run('cluster', '-e', 'a.pickle', '-o', 'out', '--min-samples', '2', ...options);
  expect((await cluster()).stdout).not.toContain('Kept:');
  rmSync(join(temp(), 'photos/p0-0.jpg'));
  const { code, stdout } = await cluster();
  expect(code).toBe(3);
  const folder = join('out', 'kept-originals-not-found');
  expect(stdout).toContain(
    `Kept:      ${folder} (a photo of the earlier result that is no longer where it was,`,
  );
  expect(readdirSync(join(temp(), folder))).toEqual(['p0-0.jpg']);
  const { stdout: events } = await cluster('--json');
  expect(JSON.parse(events.trimEnd().split('\n').at(-1) as string)).toMatchObject({ event: 'done', kept: 1 });
});

test('tells copies of one photo from different ones, and names the people whom they alone have made', async () => {
  await makeEncodings('a.pickle', 5, 5);
  for (const copy of [1, 2, 3, 4]) {
    writeFileSync(join(temp(), `photos/p0-${copy}.jpg`), readFileSync(join(temp(), 'photos/p0-0.jpg')));
  }
  const { code, stdout } = await run('cluster', '-e', 'a.pickle');
  expect(code).toBe(0);
  expect(stdout).toContain('label0: 5 photos (1 different), 5 faces\n');
  expect(stdout).toContain('label1: 5 photos, 5 faces\n');
  expect(stdout).toContain(
    'Made by copies of the same photos: label0. Without the copies there are fewer than 5 faces.',
  );
  const { stdout: events } = await run('cluster', '-e', 'a.pickle', '--json');
  expect(JSON.parse(events.trimEnd().split('\n').at(-1) as string)).toMatchObject({ onlyCopies: 1 });
});

test('takes the options for what the result looks like', async () => {
  await makeEncodings('a.pickle', 5, 1);
  const montage = ['--montage-size', '2x1', '--tile', '30', '--montage-all', '--order', 'representative'];
  const { code, stdout } = await run(
    'cluster',
    '-e',
    'a.pickle',
    '-o',
    'out',
    '--layout',
    'faces',
    '--csv',
    '--no-gallery',
    ...montage,
  );
  expect([code, stdout]).toEqual([0, expect.stringMatching(/Faces: +out/)]);
  expect(resultListing(join(temp(), 'out'))).toEqual([
    'clusters.csv',
    'label-1/p1-0 face 5.jpg',
    ...[0, 1, 2, 3, 4].map((i) => `label0/p0-${i} face ${i}.jpg`),
    'montage/Face ID #0 (1 of 3).jpg',
    'montage/Face ID #0 (2 of 3).jpg',
    'montage/Face ID #0 (3 of 3).jpg',
    'montage/Unknown Faces.jpg',
  ]);
  const montageFile = join(temp(), 'out', 'montage', 'Face ID #0 (1 of 3).jpg');
  expect(await sharp(montageFile).metadata()).toMatchObject({ width: 60, height: 30 });
});

test.each([
  ['copy', /Photos: .*label<N> \(5 copies\)/],
  ['symlink', /5 links to where the photos are now/],
  ['none', /^(?!.*label<N>)/s],
])('--files %s is said in the summary', async (mode, said) => {
  await makeEncodings('a.pickle', 5);
  const { code, stdout } = await run('cluster', '-e', 'a.pickle', '--files', mode);
  expect(code).toBe(0);
  expect(stdout).toMatch(said);
});

test('warns of a folder with more than a third of all faces, says if they are hardly one person, and what to try', async () => {
  mkdirSync(join(temp(), 'photos'));
  writeFileSync(join(temp(), 'photos', 'a.jpg'), readFileSync(samplePhoto('sample1.jpg')));
  // Six people of two faces each, in a line and 0.44 from the next, as when DBSCAN goes over those who look alike.
  const line = (apart: number) =>
    Array.from({ length: 12 }, (_, i): FaceRecord => {
      const encoding = new Float64Array(128);
      encoding[0] = apart * (i >> 1) + 0.01 * (i % 2);
      return { imagePath: 'photos/a.jpg', loc: { top: 10, right: 90, bottom: 90, left: 10 }, encoding };
    });
  await writeEncodings(join(temp(), 'line.pickle'), line(0.44));
  const { stdout } = await run('cluster', '-e', 'line.pickle', '--min-samples', '2');
  expect(stdout).toContain('label0 holds 100 % of all faces. They differ more than those of one person do:');
  // With 0.45 they are still one.
  expect(stdout).toContain('--eps 0.4 ');
  expect((await run('cluster', '-e', 'line.pickle', '--min-samples', '2', '--eps', '0.4')).stdout).toContain(
    '6 people',
  );
  await writeEncodings(join(temp(), 'line.pickle'), line(0.28));
  const hopeless = await run('cluster', '-e', 'line.pickle', '--min-samples', '2');
  expect(hopeless.stdout).toContain('No --eps was found');
  await makeEncodings('one.pickle', 12);
  const one = await run('cluster', '-e', 'one.pickle');
  expect(one.stdout).toContain('label0 holds 100 % of all faces. They are as alike as those of one person,');
  expect(one.stdout).not.toContain('--eps');
});

test('names people who look like several, with what to try', async () => {
  await makeEncodings('a.pickle', 1);
  // Two groups 0.6 apart, and two people, each of whom is alone.
  const places = [0, 0.6, 5, 5, 9, 9];
  const records = places.flatMap((place) =>
    Array.from({ length: 5 }, (_, i): FaceRecord => {
      const encoding = new Float64Array(128);
      encoding[0] = place + 0.01 * i;
      return { imagePath: 'photos/p0-0.jpg', loc: { top: 10, right: 90, bottom: 90, left: 10 }, encoding };
    }),
  );
  await writeEncodings(join(temp(), 'six.pickle'), records);
  const args = ['cluster', '-e', 'six.pickle', '--eps', '0.6'];
  const { stdout } = await run(...args);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'Perhaps several people in one: label0. Their faces differ as those of different people do, or two of them are on one photo. Look at them in the gallery, or try: --eps 0.56 ',
  );
  const { stdout: events } = await run(...args, '--json');
  expect(JSON.parse(events.trimEnd().split('\n').at(-1) as string)).toMatchObject({
    several: [{ label: 0, reasons: ['halves'], photos: 0, halves: { share: 0.5 } }],
  });
});

test('says what to try when most faces are like too few others', async () => {
  await makeEncodings('a.pickle', 5, 2, 2, 2);
  const { stdout } = await run('cluster', '-e', 'a.pickle');
  expect(stdout).toContain('1 person among 11 faces');
  expect(stdout).toContain('Most faces are like too few others. Try:\n  --min-samples 2 ');
  const again = await run('cluster', '-e', 'a.pickle', '--min-samples', '2');
  expect(again.stdout).toContain('4 people');
  expect(again.stdout).not.toContain('Try:');
  await makeEncodings('b.pickle', 5, 2, 2);
  expect((await run('cluster', '-e', 'b.pickle')).stdout).not.toContain('Most faces');
});

const bytesAreNames = process.platform === 'linux' ? describe : describe.skip;

bytesAreNames('names of photos that are not UTF-8', () => {
  test.each([
    ['--files', 'hardlink'],
    ['--files', 'copy'],
    ['--files', 'symlink'],
    ['--files', 'none'],
    ['--layout', 'faces'],
  ])('are kept by %s %s, and the result can be replaced', async (...options) => {
    mkdirSync(join(temp(), 'photos'));
    const records = [1, 2, 3, 4, 5].map((i): FaceRecord => {
      const name = Buffer.concat([
        Buffer.from(`${temp()}/photos/`),
        Buffer.from(`caf\xe9${i}.jpg`, 'latin1'),
      ]);
      writeFileSync(name, readFileSync(samplePhoto('sample1.jpg')));
      // As Python, and "encode", write such a name.
      const imagePath = `photos/caf\udce9${i}.jpg`;
      return {
        imagePath,
        loc: { top: 10, right: 90, bottom: 90, left: 10 },
        encoding: new Float64Array(128),
      };
    });
    await writeEncodings(join(temp(), 'a.pickle'), records);
    for (const round of ['new', 'replaced']) {
      const { code, stderr } = await run('cluster', '-e', 'a.pickle', '-o', 'people', '-q', ...options);
      expect([round, code, stderr]).toEqual([round, 0, '']);
    }
    const { people } = JSON.parse(readFileSync(join(temp(), 'people', 'clusters.json'), 'utf8'));
    expect(people[0].faces).toHaveLength(5);
    for (const { file, crop } of people[0].faces) {
      expect(existsSync(fsPath(join(temp(), 'people', crop ?? file)))).toBe(true);
    }
  });
});

test('says what to try when it finds nobody', async () => {
  await makeEncodings('a.pickle', 2, 2);
  const { code, stdout } = await run('cluster', '-e', 'a.pickle');
  expect(code).toBe(0);
  expect(stdout).toContain('0 people');
  expect(stdout).toContain('--min-samples 2');
  expect(stdout).toContain('--eps');
});

test.each([
  ['--min-samples', '0', '--min-samples'],
  ['--eps', '-1', '--eps'],
  ['-j', '0', '--jobs'],
  ['--montage-size', '0x5', '--montage-size'],
  ['--tile', '0', '--tile'],
])('a value that makes no sense is refused by the name of its option: %s %s', async (option, value, name) => {
  const { code, stderr } = await run('cluster', `${option}=${value}`);
  expect(code).toBe(2);
  expect(stderr).toContain(` for ${name} but received ${value.split('x')[0]}`);
});

test("somebody else's folder is left as it is", async () => {
  await makeEncodings('a.pickle', 5);
  mkdirSync(join(temp(), 'mine'));
  writeFileSync(join(temp(), 'mine', 'thesis.doc'), 'work');
  const { code, stdout, stderr } = await run('cluster', '-e', 'a.pickle', '-o', 'mine');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('nothing in it was touched');
  expect(readdirSync(join(temp(), 'mine'))).toEqual(['thesis.doc']);
});

test.each<[string, string, Buffer | undefined]>([
  ['there is no such file', 'none.pickle', undefined],
  ['evil.pickle', 'evil.pickle', Buffer.from("cos\nsystem\n(S'touch pwned'\ntR.")],
  ['text.pickle', 'text.pickle', Buffer.from('hello')],
])('an encodings file that is none is an error that says %j', async (hint, file, content) => {
  if (content) writeFileSync(join(temp(), file), content);
  const { code, stderr } = await run('cluster', '-e', file);
  expect(code).toBe(1);
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(temp())).toEqual(content ? [file] : []);
});

test.each<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('%s leaves no half-made folder', async (signal, code) => {
  await makeEncodings('a.pickle', 30, 30, 30);
  const result = await runCli(['cluster', '-e', 'a.pickle', '-o', 'people'], {
    cwd: temp(),
    env: atMoment({ said: 'Filling the folders' }, signal),
  });
  expect(result).toMatchObject({ code, signal: null, stdout: '' });
  expect(readdirSync(temp()).sort()).toEqual(['a.pickle', 'photos']);
});
