import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { runCli } from '../support/cli';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { DAMAGED_JPEG, rawPhoto } from '../support/raw';

const temp = useTempFolder();

beforeEach(() => {
  mkdirSync(temp('known', 'Franck, the "one"'), { recursive: true });
  mkdirSync(temp('photos'));
  for (const n of ['01829', '02045']) {
    copyFileSync(join(PORTRAITS, `franck_${n}.jpg`), temp('known', 'Franck, the "one"', `${n}.jpg`));
  }
  copyFileSync(join(PORTRAITS, 'audrey.jpg'), temp('known', '=audrey.jpg'));
  copyFileSync(join(PORTRAITS, 'audrey.jpg'), temp('photos', 'a, b.jpg'));
  copyFileSync(join(PORTRAITS, 'franck_04117.jpg'), temp('photos', 'c.jpg'));
  copyFileSync(join(PORTRAITS, 'icon_sad.png'), temp('photos', 'd.png'));
  copyFileSync(samplePhoto('sample2.jpg'), temp('photos', 'e.jpg'));
});

const recognize = (...options: string[]) =>
  runCli(['recognize', 'known', 'photos', ...options], { cwd: temp() });

test('a line for each face, as a table that spreadsheets read and do not run', async () => {
  const { code, stdout, stderr } = await recognize();
  expect(stdout.replaceAll(/\d\.\d{4}/g, '#')).toBe(
    [
      `"photos${sep}a, b.jpg",'=audrey,#`,
      `photos${sep}c.jpg,"Franck, the ""one""",#`,
      `photos${sep}d.png,no_persons_found,`,
      `photos${sep}e.jpg,unknown_person,#`,
      '',
    ].join('\n'),
  );
  expect(stdout).toContain(',0.0000\n');
  expect(stderr).toContain('3 faces on 4 photos, 2 of them of people you know');
  expect(code).toBe(0);
});

test('a smaller tolerance, single photos, and nothing said but who is on them', async () => {
  const strict = ['recognize', 'known', 'photos/c.jpg', 'photos/d.png', '--tolerance', '0.1', '-q'];
  const { code, stdout, stderr } = await runCli(strict, { cwd: temp() });
  expect(stdout.replaceAll(/\d\.\d{4}/g, '#')).toBe(
    'photos/c.jpg,unknown_person,#\nphotos/d.png,no_persons_found,\n',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('what can not be used is told on stderr, and the exit code says so', async () => {
  copyFileSync(samplePhoto('sample1.jpg'), temp('known', 'Crowd.jpg'));
  writeFileSync(temp('photos', 'text.jpg'), 'no photo');
  const { code, stdout, stderr } = await recognize('-q');
  expect(stdout.split('\n')).toHaveLength(5);
  expect(stderr).toMatch(/Crowd\.jpg.*text\.jpg/s);
  expect(code).toBe(3);
});

test('a raw photo in the place of a damaged picture is told of', async () => {
  writeFileSync(temp('photos', 'f.jpg'), DAMAGED_JPEG);
  writeFileSync(temp('photos', 'f.nef'), rawPhoto(readFileSync(join(PORTRAITS, 'audrey.jpg'))));
  const { code, stdout, stderr } = await recognize();
  expect(stdout).toContain(`photos${sep}f.nef,'=audrey,`);
  expect(stderr).toMatch(/Used all the same:\n.*f\.jpg.*f\.nef"\s+was\s+taken\s+instead\./s);
  expect(code).toBe(0);
});

test('events for other programs', async () => {
  writeFileSync(temp('photos', 'text.jpg'), 'no photo');
  const { code, stdout } = await recognize('--json');
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ event: 'start', command: 'recognize' });
  const photos = events.filter(({ event }) => event === 'photo');
  expect(
    photos.map(({ path, faces }) => [path, ...faces.map((face: { name: string }) => face.name)]),
  ).toEqual([
    ['photos/a, b.jpg', '=audrey'],
    ['photos/c.jpg', 'Franck, the "one"'],
    ['photos/d.png'],
    ['photos/e.jpg', null],
  ]);
  expect(photos[0].faces[0]).toEqual({
    name: '=audrey',
    distance: 0,
    nearest: '=audrey',
    second: { name: 'Franck, the "one"', distance: expect.any(Number) },
    box: {
      top: expect.any(Number),
      right: expect.any(Number),
      bottom: expect.any(Number),
      left: expect.any(Number),
    },
    score: expect.any(Number),
  });
  expect(events.filter(({ event }) => event === 'problem')).toMatchObject([{ path: 'photos/text.jpg' }]);
  expect(events.at(-1)).toMatchObject({ event: 'done', photos: 5, faces: 3, recognized: 2, problems: 1 });
  expect(new Set(events.map(({ phase }) => phase))).toEqual(new Set([undefined, 'known', 'recognize']));
  expect(code).toBe(3);
});

test('a wrong command line, and nobody known', async () => {
  expect(await runCli(['recognize', 'known'], { cwd: temp() })).toMatchObject({ code: 2 });
  expect(await recognize('--tolerance', '-1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--tolerance'),
  });
  mkdirSync(temp('empty'));
  expect(await runCli(['recognize', 'empty', 'photos'], { cwd: temp() })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"empty"'),
  });
});
