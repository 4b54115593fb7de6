import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readEncodings, readPhotoPaths, writeEncodings } from '../../src/encodings/encodings';
import { face } from '../support/collection';
import { useEncodeRuns } from '../support/encode-runs';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';

/*
 * Which photos a run may take out of the encodings file that is there: those that were removed from where it looks. One that
 * was pointed elsewhere must not replace the faces of a whole collection by those of one photo.
 */
const temp = useTempFolder();
const { encodings, inPhotos, addPhoto, run } = useEncodeRuns(temp);
const journal = () => `${encodings()}.journal`;

function addFour(): void {
  addPhoto('a.bmp', 1);
  addPhoto('b.bmp', 2);
  addPhoto('c/c.bmp', 3);
  addPhoto('c/d.bmp', 4);
}

async function namesIn(file: string): Promise<string[]> {
  return (await readEncodings(file)).map(({ imagePath }) => imagePath);
}

/** Runs, and expects to be refused with everything as it was. */
async function expectRefused(options: Parameters<typeof run>[0], count: string | RegExp): Promise<void> {
  const out = join(temp(), 'out');
  const before = readdirSync(out).map((name) => [name, readFileSync(join(out, name))]);
  let begun = 0;
  const error = await rejection(run({ ...options, onProgress: () => begun++ }));
  expect(error).toMatchObject({ code: 'FACE_ENCODINGS_OTHER_PHOTOS', message: expect.stringMatching(count) });
  expect(begun).toBe(0);
  expect(readdirSync(out).map((name) => [name, readFileSync(join(out, name))])).toEqual(before);
}

describe('pointed elsewhere', () => {
  test('to one photo, a folder of the collection, or another one: refused before any work, with what would go', async () => {
    addFour();
    mkdirSync(join(temp(), 'other'));
    cpSync(inPhotos('a.bmp'), join(temp(), 'other', 'x.bmp'));
    await run();
    await expectRefused(
      { dataset: inPhotos('b.bmp') },
      /3 photos that are not in what was given, and would lose them; the first is ".*a\.bmp"/,
    );
    await expectRefused({ dataset: inPhotos('c') }, '2 photos');
    await expectRefused({ dataset: join(temp(), 'other') }, '4 photos');
    await expectRefused(
      { dataset: ['a.bmp', 'b.bmp', 'c/d.bmp'].map(inPhotos) },
      /1 photo that is not in .*c\.bmp"/,
    );
  });

  test('starting over, another file, and no file are the ways on', async () => {
    addFour();
    await run();
    const other = join(temp(), 'out', 'other.pickle');
    await run({ dataset: inPhotos('c'), encodings: other });
    expect(await namesIn(other)).toEqual([inPhotos('c/c.bmp'), inPhotos('c/d.bmp')]);
    rmSync(encodings());
    expect(await run({ dataset: inPhotos('c') })).toMatchObject({ photos: 2, worked: [] });
    await run();
    expect(await run({ dataset: inPhotos('c'), fresh: true })).toMatchObject({ photos: 2, worked: [3, 4] });
  });

  test('with more folders than before: nothing goes, so it is done', async () => {
    addFour();
    await run({ dataset: inPhotos('c') });
    expect(await run({ dataset: [inPhotos('a.bmp'), inPhotos('c')] })).toMatchObject({
      photos: 3,
      worked: [1],
    });
    await expectRefused({ dataset: inPhotos('c') }, 'a\\.bmp');
    expect(await run()).toMatchObject({ photos: 4, worked: [2] });
  });

  test('a file of the Python project, which has no journal, is worth as much; and none is left beside it', async () => {
    addFour();
    mkdirSync(join(temp(), 'out'));
    await writeEncodings(
      encodings(),
      [inPhotos('a.bmp'), '/elsewhere/x.jpg', inPhotos('gone.jpg')].map((path) => face(path, 0)),
    );
    await expectRefused({}, /1 photo that is not in .* is "\/elsewhere\/x\.jpg"/);
    expect(existsSync(journal())).toBe(false);
    expect(await run({ fresh: true })).toMatchObject({ photos: 4 });
  });

  test('a file that is no encodings file at all is left alone, whatever was asked for', async () => {
    addFour();
    mkdirSync(join(temp(), 'out'));
    writeFileSync(encodings(), 'My thesis');
    for (const fresh of [false, true]) {
      const error = await rejection(run({ fresh }));
      expect(error).toMatchObject({
        code: 'FACE_ENCODINGS_INVALID',
        message: expect.stringMatching(/was left as it is\. Choose another file/),
      });
    }
    expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle']);
    expect(readFileSync(encodings(), 'utf8')).toBe('My thesis');
    // One that was just made, as by mktemp, is nobody's work.
    writeFileSync(encodings(), '');
    expect(await run()).toMatchObject({ photos: 4 });
    // And what is damaged, but has a journal, is ours to make anew.
    writeFileSync(encodings(), 'My thes');
    expect(await run()).toMatchObject({ photos: 4, worked: [] });
  });
});

describe('a disk that is not there', () => {
  test('of which some photos lie elsewhere as copies: the others are not taken for removed', async () => {
    addFour();
    await run({ dataset: inPhotos('') });
    mkdirSync(join(temp(), 'selection'));
    cpSync(inPhotos('a.bmp'), join(temp(), 'selection', 'a.bmp'));
    renameSync(inPhotos(''), join(temp(), 'unplugged'));
    await expectRefused({ dataset: join(temp(), 'selection') }, /3 photos that are not in what was given/);
  });

  test('whose folder is there and empty, as a mount point is', async () => {
    addFour();
    addPhoto('e/e.bmp', 5);
    const dataset = [inPhotos('c'), inPhotos('e')];
    await run({ dataset });
    rmSync(inPhotos('c'), { recursive: true });
    mkdirSync(inPhotos('c'));
    await expectRefused({ dataset }, /faces of 2 photos in .*c, where there is none any more/);
    expect(await run({ dataset, fresh: true })).toMatchObject({ photos: 1, photosGone: 2 });
  });

  test('photos that were removed from where they were drop out, and are counted', async () => {
    addFour();
    expect(await run()).toMatchObject({ photosGone: 0 });
    rmSync(inPhotos('a.bmp'));
    rmSync(inPhotos('c/c.bmp'));
    expect(await run()).toMatchObject({ photos: 2, photosGone: 2 });
  });
});

describe('nobody was pointed elsewhere', () => {
  test('photos were removed, however many', async () => {
    addFour();
    await run();
    rmSync(inPhotos('c'), { recursive: true });
    rmSync(inPhotos('b.bmp'));
    expect(await run()).toMatchObject({ photos: 1, worked: [] });
  });

  test('photos that were given one by one (encode photos/*) were removed', async () => {
    addFour();
    const all = () => readdirSync(inPhotos('')).map(inPhotos);
    await run({ dataset: all() });
    rmSync(inPhotos('a.bmp'));
    expect(await run({ dataset: all() })).toMatchObject({ photos: 3, worked: [] });
    rmSync(inPhotos('c/c.bmp'));
    rmSync(inPhotos('b.bmp'));
    expect(await run({ dataset: all() })).toMatchObject({ photos: 1, worked: [] });
  });

  test('photos are left out on request, or by a rule that was not there before', async () => {
    addFour();
    addPhoto('.hidden/e.bmp', 5);
    expect(await run({ includeHidden: true })).toMatchObject({ photos: 5 });
    expect(await run({ exclude: 'a.*' })).toMatchObject({ photos: 3, worked: [] });
  });

  test.each([
    ['the same folder under another name', 0],
    ['and some photos were removed on the way', 60_000],
  ])('the collection was moved: %s', async (_, later) => {
    addFour();
    // States are only trusted when photos have been there for a while; without one, the content is compared.
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + later);
    try {
      await run();
      renameSync(join(temp(), 'photos'), join(temp(), 'pictures'));
      if (later > 0) rmSync(join(temp(), 'pictures', 'c', 'd.bmp'));
      const second = await run({ dataset: join(temp(), 'pictures') });
      expect(second).toMatchObject({ photos: later > 0 ? 3 : 4, worked: [] });
      expect(await namesIn(encodings())).toContain(join(temp(), 'pictures', 'c', 'c.bmp'));
    } finally {
      clock.mockRestore();
    }
  });

  test.each([
    ['names', 60_000],
    ['names, whose content is compared', 0],
  ])(
    'but other photos of the same %s are no moved collection, nor is a copy of some of them',
    async (_, later) => {
      addFour();
      const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + later);
      try {
        await run();
        cpSync(join(temp(), 'photos'), join(temp(), 'pictures'), { recursive: true });
        addPhoto('../pictures/a.bmp', 100);
        addPhoto('../pictures/b.bmp', 200);
        await expectRefused({ dataset: join(temp(), 'pictures') }, '2 photos that are');
        cpSync(join(temp(), 'photos'), join(temp(), 'pictures'), { recursive: true });
        rmSync(join(temp(), 'pictures', 'c', 'd.bmp'));
        await expectRefused({ dataset: join(temp(), 'pictures') }, '1 photo that is');
      } finally {
        clock.mockRestore();
      }
    },
  );

  test('the same folder is given by another path: through a link, from another folder', async () => {
    addFour();
    const cwd = process.cwd();
    try {
      process.chdir(temp());
      await run({ dataset: 'photos' });
      rmSync(inPhotos('a.bmp'));
      symlinkSync('photos', join(temp(), 'link'));
      expect(await run({ dataset: './link' })).toMatchObject({ photos: 3, worked: [] });
      expect(await run({ dataset: inPhotos('') })).toMatchObject({ photos: 3, worked: [] });
      expect(await run({ dataset: 'photos' })).toMatchObject({ photos: 3, worked: [] });
      process.chdir('/');
      expect(await run({ dataset: inPhotos('') })).toMatchObject({ photos: 3, worked: [] });
    } finally {
      process.chdir(cwd);
    }
  });

  test('photos behind a link in the folder belong to it', async () => {
    addFour();
    mkdirSync(join(temp(), 'far'));
    cpSync(inPhotos('a.bmp'), join(temp(), 'far', 'f.bmp'));
    symlinkSync(join(temp(), 'far'), inPhotos('far'));
    expect(await run()).toMatchObject({ photos: 5 });
    rmSync(join(temp(), 'far', 'f.bmp'));
    expect(await run()).toMatchObject({ photos: 4, worked: [] });
  });
});

test('which photos a file names is read without the faces, and refused where these would be', async () => {
  const file = join(temp(), 'faces.pickle');
  const paths = ['b.jpg', 'a.jpg', 'a.jpg', 'caf\udce9.jpg'];
  await writeEncodings(
    file,
    paths.map((path, person) => face(path, person)),
  );
  expect([...(await readPhotoPaths(file))]).toEqual(['b.jpg', 'a.jpg', 'caf\udce9.jpg']);
  for (const [content, code] of [
    ['(lp0\nI1\na.', 'FACE_ENCODINGS_INVALID'],
    ['cos\nsystem\n(tR.', 'FACE_PICKLE_UNSAFE'],
  ] as const) {
    writeFileSync(file, content);
    expect(await rejection(readPhotoPaths(file))).toMatchObject({ code });
  }
});
