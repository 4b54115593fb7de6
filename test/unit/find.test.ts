import { execFileSync } from 'node:child_process';
import fs, { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { findImages } from '../../src/images/find';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), '');
  }
}

async function found(dataset = root): Promise<string[]> {
  const { images, problems } = await findImages(dataset);
  expect(problems).toEqual([]);
  return images.map((image) => image.slice(dataset.length + 1));
}

test('finds every kind of photo at every depth, in upper and lower case', async () => {
  const kinds = ['jpg', 'jpeg', 'png', 'bmp', 'tif', 'tiff', 'webp', 'avif', 'gif'];
  const photos = [...kinds.map((kind) => `a.${kind}`), 'B.JPG', 'deep/er/c.Png', 'two.dots.jpg'];
  await put(...photos, 'notes.txt', 'jpg', 'x.jpg.bak', 'movie.mp4', 'x.svg', 'x.pdf');
  expect(new Set(await found())).toEqual(new Set(photos));
});

test('takes HEIC exactly where sharp says it can decode it', async () => {
  await put('phone.heic', 'a.jpg');
  const decodes = sharp.format.heif.input.fileSuffix?.includes('.heic') ?? false;
  expect(await found()).toEqual(decodes ? ['a.jpg', 'phone.heic'] : ['a.jpg']);
});

test('the order is that of the code units of the path, whatever the file system or the locale says', async () => {
  const sorted = ['B.jpg', 'a-1.jpg', 'a/z.jpg', 'a0.jpg', 'b10.jpg', 'b9.jpg', 'ä.jpg', '顔.jpg'];
  await put(...[...sorted].reverse());
  expect(await found()).toEqual(sorted);
});

test('paths are joined onto the dataset as it was given, as the Python project writes them', async () => {
  await put('sub/x.jpg');
  const cwd = process.cwd();
  process.chdir(root);
  try {
    expect((await findImages('.')).images).toEqual(['./sub/x.jpg']);
    expect((await findImages('./sub/')).images).toEqual(['./sub/x.jpg']);
    expect((await findImages('sub/../sub')).images).toEqual(['sub/../sub/x.jpg']);
  } finally {
    process.chdir(cwd);
  }
});

test('leaves out the metadata files of macOS, and searches hidden folders as Python does', async () => {
  await put('x.jpg', '._x.jpg', '__MACOSX/._x.jpg', '.hidden/y.jpg', '.z.jpg');
  expect(await found()).toEqual(['.hidden/y.jpg', '.z.jpg', 'x.jpg']);
});

test('a folder called x.jpg is searched, not taken for a photo; a pipe is not taken either', async () => {
  await put('x.jpg/inner.png');
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'pipe.jpg')]);
  expect(await found()).toEqual(['x.jpg/inner.png']);
});

test('follows links to photos and folders, each folder once, and links in a circle do no harm', async () => {
  await put('z/photo.jpg', 'other/far.jpg');
  await symlink(root, join(root, 'z', 'loop'));
  await symlink('z', join(root, 'a'));
  await symlink('photo.jpg', join(root, 'z', 'again.jpg'));
  await symlink('../other', join(root, 'z', 'elsewhere'));
  expect(await found()).toEqual(['other/far.jpg', 'z/again.jpg', 'z/photo.jpg']);
  // Only reachable through a link: found under the link's name.
  expect(await found(join(root, 'z'))).toEqual(['again.jpg', 'elsewhere/far.jpg', 'photo.jpg']);
});

test('a dead link to a photo is reported, and the others are found', async () => {
  await put('x.jpg');
  await symlink('gone.jpg', join(root, 'dead.jpg'));
  await symlink('gone', join(root, 'dead'));
  const { images, problems } = await findImages(root);
  expect(images).toEqual([join(root, 'x.jpg')]);
  expect(problems).toMatchObject([{ path: join(root, 'dead.jpg'), error: { code: 'FACE_IO' } }]);
  expect(problems[0]?.error.message).toContain('does not exist');
});

test('a folder that may not be read is reported, and the others are searched', async () => {
  await put('locked/x.jpg', 'open/y.jpg');
  // Not by chmod: root may read everything, and Windows knows no such mode.
  const { readdir } = fs;
  const spy = jest
    .spyOn(fs, 'readdir')
    .mockImplementation(((folder: string, options: object) =>
      folder.endsWith('locked')
        ? Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
        : readdir(folder, options)) as typeof readdir);
  const { images, problems } = await findImages(root).finally(() => spy.mockRestore());
  expect(images).toEqual([join(root, 'open/y.jpg')]);
  expect(problems).toMatchObject([{ path: join(root, 'locked'), error: { code: 'FACE_IO' } }]);
  expect(problems[0]?.error.message).toContain('may not be read');
});

test('a dataset may be one photo', async () => {
  await put('x.jpg');
  expect(await findImages(join(root, 'x.jpg'))).toEqual({ images: [join(root, 'x.jpg')], problems: [] });
});

test('an empty folder has no photos', async () => {
  expect(await findImages(root)).toEqual({ images: [], problems: [] });
});

test('says what to do about a dataset that is not there or is no folder', async () => {
  await put('notes.txt');
  await expect(findImages(join(root, 'nope'))).rejects.toMatchObject({
    code: 'FACE_IO',
    message: expect.stringMatching(/nope" does not exist: check the path/),
  });
  await expect(findImages(join(root, 'notes.txt'))).rejects.toMatchObject({
    code: 'FACE_IO',
    message: expect.stringMatching(/neither a folder nor a photo/),
  });
  await expect(findImages('')).rejects.toMatchObject({ code: 'FACE_INVALID_ARGUMENT' });
});

test('stops when aborted', async () => {
  await put('x.jpg');
  await expect(findImages(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'FACE_ABORTED',
  });
});
