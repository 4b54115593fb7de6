import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { checkBuilt } from '../support/cli';
import { codeIn, ROOT } from '../support/docs';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';

/* The code of docs/recipes.md, run as somebody who copies it would: in a project that has the package installed. */
beforeAll(checkBuilt);
const temp = useTempFolder();

/** Makes a project and writes the code that begins with the name `file` into it. */
function recipe(language: string, file: string): string {
  mkdirSync(join(temp(), 'node_modules'));
  symlinkSync(ROOT, join(temp(), 'node_modules', 'face-cluster-native'), 'junction');
  symlinkSync(join(ROOT, 'node_modules', 'express'), join(temp(), 'node_modules', 'express'), 'junction');
  return code(language, file);
}

/** The same in the project that there is. */
function code(language: string, file: string): string {
  const path = join(temp(), file);
  writeFileSync(path, codeIn('docs/recipes.md', language, file));
  return path;
}

function run(program: string, ...args: string[]): string {
  return execFileSync(process.execPath, [program, ...args], { cwd: temp(), encoding: 'utf8', stdio: 'pipe' });
}

/** Three photos of one man, and a text that calls itself a photo. */
function photos(): string {
  const folder = join(temp(), 'photos');
  mkdirSync(folder);
  for (const name of ['franck_01829.jpg', 'franck_02159.jpg', 'franck_02221.jpg']) {
    copyFileSync(join(PORTRAITS, name), join(folder, name));
  }
  writeFileSync(join(folder, 'letter.jpg'), 'Dear Anna');
  return folder;
}

test('a folder of photos is sorted, what could not be read is named, and somebody gets a name by a photo', () => {
  const folder = photos();
  const count = readdirSync(folder).length;
  const sorted = run(recipe('js', 'sort.mjs'));
  expect(sorted).toContain(`${count - 1} faces on ${count - 1} photos`);
  expect(sorted).toContain('letter.jpg (FACE_IMAGE_DECODE)');
  expect(sorted).toContain(`1: people/Person 01 (${count - 1})`);

  const photo = join(folder, readdirSync(folder).find((name) => name !== 'letter.jpg') as string);
  expect(run(code('js', 'name.mjs'), photo, 'Anna')).toBe('');
  expect(readdirSync(temp('people'))).toContain(`Anna (${count - 1})`);
  expect(() => run(temp('name.mjs'), temp('nowhere.jpg'), 'Anna')).toThrow('not one known person');

  expect(run(code('js', 'tag.mjs'))).toContain(
    `1 names on ${count - 1} photos, ${count - 1} sidecars written`,
  );
  expect(readdirSync(folder)).toContain(`${basename(photo)}.xmp`);
});

test('who is on photos, by a photo of each who is known, also by encodings alone', () => {
  const folder = photos();
  mkdirSync(temp('known'));
  copyFileSync(join(PORTRAITS, 'franck_02045.jpg'), temp('known', 'Franck.jpg'));
  const who = execFileSync(
    process.execPath,
    [recipe('js', 'who.mjs'), 'photos', samplePhoto('sample2.jpg')],
    {
      cwd: temp(),
      encoding: 'utf8',
    },
  );
  expect(who).toMatch(/franck_01829\.jpg: Franck\n/);
  expect(who).toMatch(/sample2\.jpg: nobody known \(nearest: Franck, 0\.\d\d\)\n/);
  expect(who).toMatch(/^1 people are known\n.*letter\.jpg/m);
  expect(run(code('js', 'identify.mjs'), join(folder, 'franck_02159.jpg'))).toMatch(/^Franck 0\.\d\d\n$/);
  expect(run(temp('identify.mjs'), samplePhoto('sample2.jpg'))).toMatch(/^nobody known 0\.\d\d\n$/);
});

test('the two steps of the Python project, and what could not be read is named', () => {
  const count = readdirSync(photos()).length;
  const printed = run(recipe('js', 'steps.mjs'));
  expect(printed).toContain(`${count - 1} faces in ${count - 1} photos`);
  expect(printed).toContain('letter.jpg (FACE_IMAGE_DECODE)');
  expect(printed).toContain(`clusters/label0: ${count - 1} photos`);
});

test('a person is found on another photo of theirs and not on one of others', () => {
  const [one, two] = readdirSync(photos()).map((name) => join('photos', name)) as [string, string];
  const others = samplePhoto('sample6.jpg');
  const program = recipe('js', 'find.mjs');
  const printed = execFileSync(process.execPath, [program, one, two, others], {
    cwd: temp(),
    encoding: 'utf8',
  });
  expect(printed).toMatch(new RegExp(`${two}: yes \\(0\\.\\d\\d\\)`));
  expect(printed).toMatch(new RegExp(`${others}: no \\(0\\.\\d\\d\\)`));
});

test('the server finds faces, refuses what is too large, damaged or no photo, and ends when it is told to', async () => {
  const server = spawn(process.execPath, [recipe('js', 'server.mjs')], {
    cwd: temp(),
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const url = `http://127.0.0.1:${/^port (\d+)/.exec(line.toString())?.[1]}/faces`;
    const send = async (body: Uint8Array<ArrayBuffer>, type = 'image/jpeg') => {
      // Connections that are kept open would keep the server.
      const headers = { 'content-type': type, connection: 'close' };
      const answer = await fetch(url, { method: 'POST', body, headers });
      return {
        status: answer.status,
        body: answer.status === 200 ? await answer.json() : await answer.text(),
      };
    };
    const photo = new Uint8Array(readFileSync(join(PORTRAITS, 'franck_02221.jpg')));
    const box = {
      top: expect.any(Number),
      right: expect.any(Number),
      bottom: expect.any(Number),
      left: expect.any(Number),
    };
    expect(await send(photo)).toEqual({ status: 200, body: [{ box, score: expect.any(Number) }] });
    expect(await send(photo, 'text/plain')).toMatchObject({ status: 415 });
    expect(await send(new Uint8Array(Buffer.from('Dear Anna')))).toMatchObject({
      status: 415,
      body: '{"error":"FACE_IMAGE_DECODE"}',
    });
    expect(await send(new Uint8Array(21 * 2 ** 20))).toMatchObject({ status: 413 });
    // 8000 x 8000 pixels in a few hundred bytes: a bitmap that says so and ends there.
    const bomb = Buffer.alloc(1000);
    bomb.write('BM');
    for (const [at, value] of [
      [2, 192_000_054],
      [10, 54],
      [14, 40],
      [18, 8000],
      [22, 8000],
    ] as const) {
      bomb.writeUInt32LE(value, at);
    }
    bomb.writeUInt16LE(1, 26);
    bomb.writeUInt16LE(24, 28);
    expect(await send(new Uint8Array(bomb))).toMatchObject({
      status: 413,
      body: '{"error":"FACE_IMAGE_TOO_LARGE"}',
    });
  } finally {
    server.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

test('the script for cron sorts, says what could not be read, and ends well all the same', () => {
  photos();
  const script = recipe('sh', 'sort-photos.sh');
  const bin = join(temp(), 'bin');
  mkdirSync(bin);
  const command = join(bin, 'face-cluster-native');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'lib/cli/main.js')}' "$@"\n`);
  chmodSync(command, 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  // Cron starts it in the home folder.
  execFileSync('sh', [script], { cwd: '/', env, stdio: 'pipe' });
  expect(readFileSync(temp('problems.txt'), 'utf8')).toContain('letter.jpg');
  expect(existsSync(temp('people/Person 01 (3)'))).toBe(true);
});
