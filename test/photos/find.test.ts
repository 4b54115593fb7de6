import { execFileSync } from 'node:child_process';
import fs, { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeLeftOut } from '../../src/photos/describe-left-out';
import { type FindImagesOptions, findImages } from '../../src/photos/find';
import { PeopleFolder } from '../../src/result/people-folder/people-folder';

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

async function found(dataset = root, options: FindImagesOptions = {}): Promise<string[]> {
  const { images, problems } = await findImages(dataset, options);
  expect(problems).toEqual([]);
  return images.map((image) => image.slice(dataset.length + 1));
}

test('finds every kind of photo at every depth, in upper and lower case', async () => {
  const kinds = [
    'jpg',
    'jpeg',
    'jpe',
    'jfif',
    'png',
    'bmp',
    'tif',
    'tiff',
    'webp',
    'avif',
    'gif',
    'heic',
    'heif',
    'hif',
  ];
  const photos = [...kinds.map((kind) => `a.${kind}`), 'B.JPG', 'deep/er/c.Png', 'two.dots.jpg'];
  await put(...photos, 'notes.txt', 'jpg', 'x.jpg.bak', 'movie.mp4', 'x.svg', 'x.pdf');
  expect(new Set(await found())).toEqual(new Set(photos));
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

test('leaves out the metadata files of macOS, whatever was asked for', async () => {
  await put('x.jpg', '._x.jpg', '__MACOSX/._x.jpg');
  expect(await found()).toEqual(['x.jpg']);
  expect(await found(root, { includeHidden: true })).toEqual(['x.jpg']);
});

describe('what is hidden or of other programs', () => {
  const theirs = [
    '@eaDir/x.jpg/SYNOPHOTO_THUMB_M.jpg',
    // As a network drive may show it.
    'sub/@EADIR/thumb.jpg',
    '#recycle/x.jpg',
    '@Recycle/x.jpg',
    '.Trash-1000/files/x.jpg',
    '$RECYCLE.BIN/S-1-5-21/$R1.jpg',
    '.thumbnails/normal/1.png',
    '.picasaoriginals/x.jpg',
    '.git/x.png',
    'lost+found/x.jpg',
    'System Volume Information/x.jpg',
  ];

  test('is left out and counted: nobody is to be found on the thumbnails of her photos', async () => {
    await put(...theirs, 'a.jpg', '.b.jpg', '.hidden/deep/c.jpg', '.clip.mp4', 'sub/d.jpg');
    const { images, problems, leftOut } = await findImages(root);
    expect([images, problems]).toEqual([['a.jpg', 'sub/d.jpg'].map((name) => join(root, name)), []]);
    expect(leftOut).toEqual({
      results: [],
      hidden: {
        folders: 12,
        photos: 1,
        names: expect.arrayContaining(['@eaDir', '@EADIR', '.git', '.hidden']),
      },
      excluded: { folders: 0, photos: 0 },
      rawBesideJpeg: 0,
      videosOfLivePhotos: 0,
      unread: {},
    });
    expect(leftOut.hidden.names).toHaveLength(12);
    expect(describeLeftOut(leftOut)).toEqual([
      '12 hidden or system folders (#recycle, $RECYCLE.BIN, .Trash-1000, …) and 1 hidden photo: --include-hidden takes them',
    ]);
  });

  test('is taken on request, as by the Python project', async () => {
    const all = [...theirs, 'a.jpg', '.b.jpg'];
    await put(...all);
    expect(new Set(await found(root, { includeHidden: true }))).toEqual(new Set(all));
  });

  test('is searched where it is what was given', async () => {
    await put('.album/x.jpg', '.album/.y.jpg', '@eaDir/z.jpg');
    expect(await found(join(root, '.album'))).toEqual(['x.jpg']);
    expect(await found(join(root, '@eaDir'))).toEqual(['z.jpg']);
    expect((await findImages(join(root, '.album/.y.jpg'))).images).toEqual([join(root, '.album/.y.jpg')]);
    const { images, leftOut } = await findImages([root, join(root, '.album')]);
    expect(images).toEqual([join(root, '.album/x.jpg')]);
    expect(leftOut.hidden).toEqual({ folders: 1, photos: 1, names: ['@eaDir'] });
  });

  test('that is a link is left out, too', async () => {
    await put('x.jpg', 'other/y.jpg');
    await symlink('../x.jpg', join(root, 'other/.x.jpg'));
    await symlink('../x.jpg', join(root, 'other/z.jpg'));
    await symlink(root, join(root, 'other/.all'));
    await symlink('gone.jpg', join(root, 'other/.gone.jpg'));
    const { images, problems, leftOut } = await findImages(join(root, 'other'));
    expect([images, problems]).toEqual([[join(root, 'other/y.jpg'), join(root, 'other/z.jpg')], []]);
    expect(leftOut.hidden).toMatchObject({ folders: 1, photos: 2 });
  });
});

describe('--exclude', () => {
  test.each<[string, string | string[], string[]]>([
    [
      'a name, of a folder or a photo, wherever it is',
      'raw',
      ['2019/a.gif', '2019/x.JPG', 'raw.jpg', 'x.jpg'],
    ],
    ['a pattern for names', '*.jpg', ['2019/a.gif', '2019/raw/b.png', 'raw/c.png']],
    ['a path', '2019/raw', ['2019/a.gif', '2019/x.JPG', 'raw.jpg', 'raw/c.png', 'x.jpg']],
    [
      'a path that begins at the input',
      '/raw/',
      ['2019/a.gif', '2019/raw/b.png', '2019/x.JPG', 'raw.jpg', 'x.jpg'],
    ],
    [
      'a pattern for paths: * stops at slashes',
      '*/*.png',
      ['2019/a.gif', '2019/raw/b.png', '2019/x.JPG', 'raw.jpg', 'x.jpg'],
    ],
    ['a pattern for paths: ** does not', '**/*.png', ['2019/a.gif', '2019/x.JPG', 'raw.jpg', 'x.jpg']],
    ['several', ['2019', '?.jpg'], ['raw.jpg', 'raw/c.png']],
    ['nothing', [], ['2019/a.gif', '2019/raw/b.png', '2019/x.JPG', 'raw.jpg', 'raw/c.png', 'x.jpg']],
  ])('%s', async (_, exclude, left) => {
    await put('2019/a.gif', '2019/raw/b.png', '2019/x.JPG', 'raw/c.png', 'raw.jpg', 'x.jpg');
    expect(await found(root, { exclude })).toEqual(left);
  });

  test('counts what it matches; what is given is searched all the same', async () => {
    await put('raw/a.jpg', 'raw/deep/b.jpg', 'c.jpg', 'x/c.jpg', 'x/clip.mp4');
    const { images, leftOut } = await findImages(join(root, 'raw'), { exclude: ['raw', 'deep'] });
    expect(images).toEqual([join(root, 'raw/a.jpg')]);
    expect(leftOut.excluded).toEqual({ folders: 1, photos: 0 });
    expect((await findImages(root, { exclude: ['raw', 'c*'] })).leftOut).toMatchObject({
      excluded: { folders: 1, photos: 2 },
      unread: {},
    });
  });

  test('a name is matched as it is, whatever it would mean as a pattern', async () => {
    await put('Trip [2019]/x.jpg', 'Trip 5/y.jpg', '!z.jpg', 'z.jpg');
    expect(await found(root, { exclude: ['trip [2019]', '!z.jpg'] })).toEqual(['Trip 5/y.jpg', 'z.jpg']);
  });

  test('letters with accents match however they are stored', async () => {
    await put(`${'Grüße'.normalize('NFD')}/x.jpg`, 'y.jpg');
    expect(await found(root, { exclude: 'GRÜSSE' })).toHaveLength(2);
    expect(await found(root, { exclude: 'grüße'.normalize('NFC') })).toEqual(['y.jpg']);
  });

  test.each([[''], [7], [['a', '']]])('%j is refused by name', async (exclude) => {
    await expect(findImages(root, { exclude: exclude as string })).rejects.toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      message: expect.stringContaining('for exclude'),
    });
  });
});

describe('results of cluster', () => {
  const marker = (format: string) => JSON.stringify({ format, version: 9 });

  async function putResult(folder: string, format = 'face-cluster-native result'): Promise<void> {
    await put(`${folder}/label0/x.jpg`, `${folder}/thumbnails/1.jpg`);
    await writeFile(join(root, folder, '.face-cluster-result.json'), marker(format));
  }

  test('are left out and named, finished or not: nobody is to be found on thumbnails of his own face', async () => {
    await put('x.jpg');
    await putResult('people');
    await putResult('deep/er/old');
    await putResult('deep/half', 'face-cluster-native waste');
    await put('.face-cluster-0123456789ab-17-99-0123456789ab.tmp/label0/x.jpg');
    for (const includeHidden of [false, true]) {
      const { images, leftOut } = await findImages(root, { includeHidden });
      expect(images).toEqual([join(root, 'x.jpg')]);
      expect(leftOut).toMatchObject({
        results: [
          '.face-cluster-0123456789ab-17-99-0123456789ab.tmp',
          'deep/er/old',
          'deep/half',
          'people',
        ].map((name) => join(root, name)),
        hidden: { folders: 0 },
      });
    }
  });

  test('are told by what their marker says, not by its name', async () => {
    await putResult('people', 'something else');
    expect(await found()).toEqual(['people/label0/x.jpg', 'people/thumbnails/1.jpg']);
  });

  test('may be folders of people, which have their marker inside', async () => {
    const folder = await PeopleFolder.open(join(root, 'people'));
    await put('people/Anna (1)/x.jpg');
    expect(await found()).toEqual([]);
    expect((await findImages(root)).leftOut.results).toEqual([join(root, 'people')]);
    await expect(findImages(folder.path)).rejects.toMatchObject({ code: 'FACE_NO_IMAGES' });
    await rm(join(folder.data, '.face-cluster-result.json'));
    expect(await found()).toEqual(['people/Anna (1)/x.jpg']);
  });

  test('are no photos to start with; the photos of one person are', async () => {
    await putResult('people');
    await expect(findImages(join(root, 'people'))).rejects.toMatchObject({
      code: 'FACE_NO_IMAGES',
      message: expect.stringMatching(/people" is an earlier result, not photos/),
    });
    expect(await found(join(root, 'people/label0'))).toEqual(['x.jpg']);
  });
});

test('files that are photos and can not be read yet are counted by kind', async () => {
  const unread = {
    raw: ['a.CRW', 'deep/b.x3f', 'c.mrw'],
    jxl: ['a.jxl'],
    jpeg2000: ['a.jp2'],
    psd: ['a.psd'],
    video: ['a.mp4', 'b.MOV', 'c.avi', 'd.mkv'],
  };
  await put('x.jpg', 'notes.txt', '._e.nef', ...Object.values(unread).flat());
  const { images, leftOut } = await findImages(root);
  expect(images).toEqual([join(root, 'x.jpg')]);
  expect(leftOut.unread).toEqual(
    Object.fromEntries(Object.entries(unread).map(([kind, names]) => [kind, names.length])),
  );
  expect(describeLeftOut(leftOut)).toEqual([
    '3 raw photos, 1 JPEG XL picture, 1 JPEG 2000 picture and 1 Photoshop document: not readable yet',
    '4 videos: --video looks for faces in them, too',
  ]);
  // Given by name: counted as well, not called a typing mistake.
  const given = await findImages([join(root, 'a.CRW'), join(root, 'x.jpg')]);
  expect([given.images, given.leftOut.unread]).toEqual([[join(root, 'x.jpg')], { raw: 1 }]);
});

test('the video of a Live Photo is its photo, and no video of its own', async () => {
  await put(
    'IMG_1.HEIC',
    'IMG_1.MOV',
    'img_2.jpg',
    'IMG_2.mov',
    'IMG_3.MOV',
    'a/IMG_1.MOV',
    'b.png',
    'b.mov',
    'c.jpg',
    'c.mp4',
  );
  const { videos, leftOut } = await findImages(root, { video: true });
  expect(new Set(videos)).toEqual(
    new Set(['IMG_3.MOV', 'a/IMG_1.MOV', 'b.mov', 'c.mp4'].map((name) => join(root, name))),
  );
  expect(leftOut.videosOfLivePhotos).toBe(2);
  expect(describeLeftOut(leftOut)).toEqual(['2 videos of Live Photos: the photo of the same name is taken']);
  // Where no videos are looked at, nobody misses them: they are no reason for "--video".
  const without = await findImages(root);
  expect(without.leftOut).toMatchObject({ unread: { video: 4 }, videosOfLivePhotos: 0 });
  expect(without.videos).toHaveLength(6);
});

describe('a raw photo and its JPEG or HEIC', () => {
  const shots = ['a/IMG_1.CR2', 'a/img_1.jpg', 'a/b.DNG', 'a/B.heic', 'c.nef', 'c.mpo', 'd/c.nef'];
  const alone = ['b.DNG', 'e.raf', 'e.png', 'e.jpg.orf', 'f.cr3', 'hidden/g.arw', 'hidden/.g.jpg'];

  test('are one photo, which is not the raw one; what is elsewhere or of another kind is another', async () => {
    await put(...shots, ...alone);
    const taken = [
      'a/img_1.jpg',
      'a/B.heic',
      'c.mpo',
      'd/c.nef',
      ...alone.filter((name) => !/\/\./.test(name)),
    ];
    expect(new Set(await found())).toEqual(new Set(taken));
    const { leftOut } = await findImages(root);
    expect(leftOut.rawBesideJpeg).toBe(3);
    expect(describeLeftOut(leftOut)[0]).toBe(
      '3 raw photos: the JPEG or HEIC of the same name is taken; --raw-and-jpeg both takes both',
    );
  });

  test('are two on request', async () => {
    await put(...shots);
    expect(new Set(await found(root, { rawAndJpeg: 'both' }))).toEqual(new Set(shots));
    expect((await findImages(root, { rawAndJpeg: 'both' })).leftOut.rawBesideJpeg).toBe(0);
  });

  test('the raw one is taken where the other is left out', async () => {
    await put('a.nef', 'a.jpg');
    expect(await found(root, { exclude: '*.jpg' })).toEqual(['a.nef']);
  });

  test('nothing else can be asked for', async () => {
    await expect(findImages(root, { rawAndJpeg: 'raw' as 'one' })).rejects.toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument: 'rawAndJpeg',
    });
  });
});

describe('several inputs', () => {
  test('are searched as one: sorted, and what is in two of them is found once', async () => {
    await put('a/1.jpg', 'a/sub/2.jpg', 'b/3.jpg', 'c.jpg');
    const at = (...names: string[]) => names.map((name) => join(root, name));
    const all = at('a/1.jpg', 'a/sub/2.jpg', 'b/3.jpg', 'c.jpg');
    for (const inputs of [
      at('a', 'b', 'c.jpg'),
      at('c.jpg', 'b', 'a'),
      at('a', 'a/sub', 'a/sub/2.jpg', 'b', 'a/', 'c.jpg', 'c.jpg'),
      at('b', 'a/sub', '.', 'a/1.jpg'),
    ]) {
      const { images } = await findImages(inputs);
      expect(images.map((path) => path.replace('/./', '/'))).toEqual(all);
    }
    await symlink('a', join(root, 'z'));
    expect((await findImages(at('z', 'a'))).images).toEqual(at('z/1.jpg', 'z/sub/2.jpg'));
  });

  test('a photo and a link to it are two, as in a folder', async () => {
    await put('a.jpg');
    await symlink('a.jpg', join(root, 'b.jpg'));
    const both = ['a.jpg', 'b.jpg'].map((name) => join(root, name));
    expect((await findImages(both)).images).toEqual(both);
    expect((await findImages([...both, root])).images).toEqual(both);
  });

  test('one that is missing is named, and so is one that is none', async () => {
    await put('a/1.jpg', 'notes.txt');
    const refused = (name: string) => findImages([join(root, 'a'), join(root, name)]);
    await expect(refused('b')).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringMatching(/b" does not exist/),
    });
    await expect(refused('notes.txt')).rejects.toMatchObject({
      message: expect.stringMatching(/notes\.txt" is neither/),
    });
    await expect(findImages([])).rejects.toMatchObject({ code: 'FACE_INVALID_ARGUMENT' });
  });
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

describe('what goes away while it is searched for', () => {
  /** Lets `vanish` run right after a folder was listed. */
  function afterListing(folder: string, vanish: () => Promise<void>) {
    const { readdir } = fs;
    return jest.spyOn(fs, 'readdir').mockImplementation((async (path: string, options: object) => {
      const entries = await readdir(path, options);
      if (path === folder) await vanish();
      return entries;
    }) as typeof readdir);
  }

  test.each<[string, string]>([
    ['a folder', 'gone'],
    ['a link to a folder', 'link'],
    ['what a link leads to', 'target'],
  ])('%s is reported, and the others are searched', async (_, name) => {
    await put('in/x.jpg', 'in/gone/y.jpg', 'in/target.jpg', 'target/z.jpg', 'a/1.jpg');
    await symlink('../target', join(root, 'in/link'));
    // The links are followed when all real folders have been searched.
    const last = name === 'gone' ? join(root, 'in') : join(root, 'in/gone');
    const at = name === 'target' ? join(root, name) : join(root, 'in', name);
    const spy = afterListing(last, () => rm(at, { recursive: true }));
    const { images, problems } = await findImages(join(root, 'in')).finally(() => spy.mockRestore());
    expect(images).toContain(join(root, 'in/x.jpg'));
    expect(problems).toMatchObject([
      {
        path: join(root, 'in', name === 'gone' ? 'gone' : 'link'),
        error: { code: 'FACE_IO', message: expect.stringContaining('was removed while') },
      },
    ]);
  });

  test('the folder that was given: an error, since nothing was found', async () => {
    await put('in/x.jpg');
    const { readdir } = fs;
    const spy = jest.spyOn(fs, 'readdir').mockImplementation((async (path: string, options: object) => {
      await rm(path, { recursive: true });
      return readdir(path, options);
    }) as typeof readdir);
    await expect(findImages(join(root, 'in')).finally(() => spy.mockRestore())).rejects.toMatchObject({
      code: 'FACE_IO',
      message: expect.stringMatching(/in" was removed while/),
    });
  });
});

test('a dataset may be one photo', async () => {
  await put('x.jpg');
  expect(await findImages(join(root, 'x.jpg'))).toMatchObject({
    images: [join(root, 'x.jpg')],
    problems: [],
  });
});

test('an empty folder has no photos', async () => {
  expect(await found()).toEqual([]);
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
