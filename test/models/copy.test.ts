import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyModels } from '../../src/models/copy';
import type { ModelManifest } from '../../src/models/manifest';
import { useTempFolder } from '../support/files';

const ROLES = ['resnet', 'mmod', 'landmarks'] as const;
const content = (role: string) => Buffer.from(`the ${role} model `.repeat(10_000));
const manifest: ModelManifest = {
  models: ROLES.map((role) => ({
    name: `${role}.dat`,
    role,
    what: 'made up',
    bytes: content(role).length,
    sha256: createHash('sha256').update(content(role)).digest('hex'),
    author: 'nobody',
    licence: 'CC0-1.0',
  })),
};

const temp = useTempFolder();
const from = () => join(temp(), 'from');
const to = () => join(temp(), 'to');
const copy = (signal?: AbortSignal) =>
  copyModels({ from: from(), to: to(), manifest, ...(signal && { signal }) });

beforeEach(() => {
  mkdirSync(from());
  for (const role of ROLES) writeFileSync(join(from(), `${role}.dat`), content(role));
});

test('a new folder gets all of them and nothing else', async () => {
  const names = ROLES.map((role) => `${role}.dat`);
  expect(await copy()).toEqual({ folder: to(), copied: names, kept: [] });
  expect(readdirSync(to()).sort()).toEqual([...names].sort());
  for (const role of ROLES) expect(readFileSync(join(to(), `${role}.dat`)).equals(content(role))).toBe(true);
});

test('what is there and intact is left alone; what is damaged or missing is made good', async () => {
  mkdirSync(to());
  writeFileSync(join(to(), 'resnet.dat'), content('resnet'));
  writeFileSync(join(to(), 'mmod.dat'), content('mmod').fill(0, 5, 6));
  const before = statSync(join(to(), 'resnet.dat'), { bigint: true });
  const copied = ['mmod.dat', 'landmarks.dat'];
  expect(await copy()).toMatchObject({ copied, kept: ['resnet.dat'] });
  expect(statSync(join(to(), 'resnet.dat'), { bigint: true }).ino).toBe(before.ino);
  expect(readFileSync(join(to(), 'mmod.dat')).equals(content('mmod'))).toBe(true);
});

test('another training of the same name and size, as the npm package has it, is refused and named', async () => {
  writeFileSync(join(from(), 'mmod.dat'), content('mmod').reverse());
  await expect(copy()).rejects.toMatchObject({
    code: 'FACE_MODEL_DAMAGED',
    message: expect.stringMatching(
      /from.mmod\.dat is damaged, or another training .*: its SHA-256 is \w+ instead of/,
    ),
  });
  expect(existsSync(to())).toBe(false);
});

test('a file that is not there is named', async () => {
  const elsewhere = join(temp(), 'empty');
  await expect(copyModels({ from: elsewhere, to: to(), manifest })).rejects.toMatchObject({
    code: 'FACE_MODEL_MISSING',
    message: expect.stringContaining(join(elsewhere, 'resnet.dat')),
  });
});

test('a folder that cannot be made is an error that says so', async () => {
  writeFileSync(to(), 'a file');
  await expect(copy()).rejects.toMatchObject({ code: 'FACE_IO', message: expect.stringContaining(to()) });
});

test('it can be stopped, and leaves no half file', async () => {
  await expect(copy(AbortSignal.abort())).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect(existsSync(to())).toBe(false);
});
