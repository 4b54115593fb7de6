import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { forgetPeople } from '../../src/album/forget';
import { type TagPhotosOptions, tagPhotos } from '../../src/album/tag';
import { readNamesInPhoto } from '../../src/metadata/names-in-photo';
import { storedArea, uprightBox } from '../../src/metadata/turned';
import type { DecisionToMake } from '../../src/people/decisions';
import { PhotoSet } from '../../src/result/originals/photo-set';
import { arrangePeople } from '../../src/sort/arrange';
import { thisProcess } from '../../src/system/process';
import { useTempFolder } from '../support/files';
import { runTool, testWithTools } from '../support/metadata-tools';
import { turnOver } from '../support/photos';
import { boxIn, type Cast, drawPhotos, sortDrawn } from '../web/support';

const temp = useTempFolder();

const ANNA = 'Anna & <Söhne> "é" 👩‍👧';
const BEN = 'בן';

/** Person 1 is on all of these, person 2 on most. */
const CAST: Cast = { 'a.png': [1, 2], 'b.png': [1, 2], 'c.png': [2, 1], 'deeper/d.png': [1] };

const photo = (name: string) => temp('photos', name);
const people = () => temp('people');
const tag = (options: Partial<TagPhotosOptions> = {}) => tagPhotos({ output: people(), ...options });

async function sorted(cast: Cast = CAST): Promise<void> {
  await drawPhotos(temp('photos'), cast);
  await sort();
}

const sort = () => sortDrawn({ photos: temp('photos'), output: people(), minPhotos: 1, files: 'hardlink' });

/** The number of the person in a stripe of `a.png`. */
async function decide(
  make: (personIn: (stripe: number) => number) => readonly DecisionToMake[],
): Promise<void> {
  await arrangePeople({
    output: people(),
    decide: async ({ people, photoAt, facesOn }) => {
      const faces = facesOn((await photoAt(photo('a.png'))) as string);
      const personIn = (stripe: number) =>
        faces.find(({ face }) => face.box.left === boxIn(stripe).left)?.person as number;
      await people.decide(make(personIn));
    },
  });
}

const personsOn = async (name: string): Promise<number[]> => {
  let persons: number[] = [];
  await arrangePeople({
    output: people(),
    decide: async ({ photoAt, facesOn }) => {
      const faces = facesOn((await photoAt(photo(name))) as string);
      persons = [...faces]
        .sort((a, b) => a.face.box.left - b.face.box.left)
        .map(({ person }) => person as number);
    },
  });
  return persons;
};

const nameBoth = () =>
  decide((personIn) => [
    { do: 'name', person: personIn(0), name: ANNA },
    { do: 'name', person: personIn(1), name: BEN },
  ]);

/** All files beside the photos but these: what they hold, and when they were written. */
function sidecars(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(temp('photos'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /xmp/i.test(name))
      .sort()
      .map((name) => [name, `${statSync(photo(name)).mtimeMs} ${readFileSync(photo(name), 'latin1')}`]),
  );
}

describe('what other programs read', () => {
  const names = [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => `${orientation}.png`);

  beforeEach(async () => {
    await drawPhotos(temp('photos'), Object.fromEntries(['a.png', ...names].map((name) => [name, [1, 2]])));
    for (const name of names) await turnOver(photo(name), Number(basename(name, '.png')));
    await sort();
    await nameBoth();
    const { photos, names: count, changes, problems } = await tag();
    expect([photos, count, changes.length, problems]).toEqual([9, 2, 9, []]);
  });

  /** The part of the stored picture that a box of somebody covers: red is who it is, see `drawPhotos`. */
  async function whoIsIn(name: string, [left, top, width, height]: readonly number[]): Promise<number[]> {
    const { data } = await sharp(photo(name))
      .extract({
        left: Math.round(left as number),
        top: Math.round(top as number),
        width: Math.round(width as number),
        height: Math.round(height as number),
      })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return [...new Set([...data].filter((_, i) => i % 3 === 0))];
  }

  async function expectBox(name: string, person: number, [x, y, w, h]: readonly number[]): Promise<void> {
    const { width, height, orientation = 1 } = await sharp(photo(name)).metadata();
    const found = [
      (x as number) * width,
      (y as number) * height,
      (w as number) * width,
      (h as number) * height,
    ];
    const upright = orientation < 5 ? ([width, height] as const) : ([height, width] as const);
    const { left, top, ...area } = storedArea(boxIn(person - 1), orientation, ...upright);
    const expected = [left * width, top * height, area.width * width, area.height * height];
    for (const [i, value] of found.entries())
      expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1);
    expect(await whoIsIn(name, found)).toEqual([person]);
  }

  testWithTools(['exiftool'], 'exiftool: boxes within a pixel, all eight orientations', async () => {
    for (const name of names) {
      const [said] = JSON.parse(
        runTool('exiftool', ['-j', '-struct', '-a', '-G0:1', '-XMP:all', `${photo(name)}.xmp`]),
      );
      const { width, height } = await sharp(photo(name)).metadata();
      const mwg = said['XMP:XMP-mwg-rs:RegionInfo'];
      expect(mwg.AppliedToDimensions).toEqual({ W: width, H: height, Unit: 'pixel' });
      expect(mwg.RegionList.map(({ Name, Type }: { Name: string; Type: string }) => [Name, Type])).toEqual([
        [ANNA, 'Face'],
        [BEN, 'Face'],
      ]);
      const windows = said['XMP:XMP-MP:RegionInfoMP'].Regions;
      expect(windows.map((one: { PersonDisplayName: string }) => one.PersonDisplayName)).toEqual([ANNA, BEN]);
      for (const [i, { Area }] of mwg.RegionList.entries()) {
        expect(Area.Unit).toBe('normalized');
        await expectBox(name, i + 1, [Area.X - Area.W / 2, Area.Y - Area.H / 2, Area.W, Area.H]);
        await expectBox(name, i + 1, windows[i].Rectangle.split(',').map(Number));
      }
      expect(said['XMP:XMP-digiKam:TagsList']).toEqual([`People/${ANNA}`, `People/${BEN}`]);
      expect(said['XMP:XMP-iptcExt:PersonInImage']).toEqual([ANNA, BEN]);
    }
  });

  testWithTools(['exiv2'], 'exiv2: as digiKam reads it, all eight orientations', async () => {
    for (const name of names) {
      const lines = runTool('exiv2', ['-PXkt', `${photo(name)}.xmp`]).split('\n');
      const value = (key: string) =>
        lines
          .find((line) => line.startsWith(`${key} `))
          ?.slice(key.length)
          .trim() as string;
      for (const person of [1, 2]) {
        const mwg = `Xmp.mwg-rs.Regions/mwg-rs:RegionList[${person}]`;
        expect(value(`${mwg}/mwg-rs:Name`)).toBe(person === 1 ? ANNA : BEN);
        const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((key) =>
          Number(value(`${mwg}/mwg-rs:Area/stArea:${key}`)),
        ) as [number, number, number, number];
        await expectBox(name, person, [x - w / 2, y - h / 2, w, h]);
        const windows = `Xmp.MP.RegionInfo/MPRI:Regions[${person}]`;
        expect(value(`${windows}/MPReg:PersonDisplayName`)).toBe(person === 1 ? ANNA : BEN);
        await expectBox(name, person, value(`${windows}/MPReg:Rectangle`).split(',').map(Number));
      }
      expect(value('Xmp.digiKam.TagsList')).toBe(`People/${ANNA}, People/${BEN}`);
      expect(value('Xmp.iptcExt.PersonInImage')).toBe(`${ANNA}, ${BEN}`);
    }
  });

  test('this program itself', async () => {
    for (const name of names) {
      const { regions, people } = await readNamesInPhoto(photo(name));
      expect(people).toEqual([ANNA, BEN]);
      const orientation = Number(basename(name, '.png'));
      for (const [i, { area }] of regions.entries()) {
        const { left, top, right, bottom } = uprightBox(area, orientation, 160, 100);
        const box = boxIn(i);
        for (const [found, expected] of [
          [left, box.left],
          [top, box.top],
          [right, box.right],
          [bottom, box.bottom],
        ] as const)
          expect(Math.abs(found - expected)).toBeLessThan(0.1);
      }
    }
  });

  test('photos that were encoded before it was noted how they are turned', async () => {
    const contents = () => Object.values(sidecars()).map((one) => one.replace(/^\S+ /, ''));
    const before = contents();
    await tag({ remove: true });
    jest.spyOn(PhotoSet.prototype, 'encodedFacts').mockReturnValue(undefined);
    expect((await tag()).problems).toEqual([]);
    jest.restoreAllMocks();
    expect(contents()).toEqual(before);
  });

  testWithTools(['exiv2'], 'what another program has rewritten in between is taken out as well', async () => {
    const file = `${photo('6.png')}.xmp`;
    runTool('exiv2', ['-M', 'set Xmp.xmp.Rating 4', file]);
    const rewritten = readFileSync(file, 'utf8');
    expect((await tag()).changes).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe(rewritten);
    const { changes } = await tag({ remove: true });
    expect(changes.find((one) => one.file === file)?.change).toBe('changed');
    expect(readFileSync(file, 'utf8')).toContain('Rating="4"');
    expect(runTool('exiv2', ['-PXkt', file]).trim().split('\n')).toHaveLength(1);
    expect(readdirSync(temp('photos')).filter((name) => name.endsWith('.xmp'))).toEqual(['6.png.xmp']);
  });
});

test('people who are named and not hidden; copies, too; nobody else', async () => {
  await sorted({ ...CAST, 'e.png': [3] });
  writeFileSync(photo('copy of a.png'), readFileSync(photo('a.png')));
  await sort();
  await nameBoth();
  await decide((personIn) => [{ do: 'hide', person: personIn(1) }]);
  const { changes, names, photos } = await tag();
  expect([names, photos]).toEqual([1, 5]);
  expect(changes.map(({ file }) => file)).toEqual(
    ['a.png', 'b.png', 'c.png', 'copy of a.png', 'deeper/d.png'].map((name) => `${photo(name)}.xmp`),
  );
  for (const { names, change } of changes) expect([names, change]).toEqual([[ANNA], 'created']);
  expect(readdirSync(people(), { recursive: true }).filter((name) => String(name).endsWith('.xmp'))).toEqual(
    [],
  );
});

test('a second run writes nothing; who has another name has it there; removed, all is as it was', async () => {
  await sorted();
  await nameBoth();
  // Lightroom's own, with somebody else.
  const foreign =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description rdf:about="" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><i:PersonInImage><rdf:Bag>' +
    `<rdf:li>${BEN}</rdf:li></rdf:Bag></i:PersonInImage></rdf:Description></rdf:RDF></x:xmpmeta>`;
  writeFileSync(`${photo('a.png')}.XMP`, foreign);
  const before = sidecars();

  await tag();
  const first = sidecars();
  expect(Object.keys(first)).toEqual(['a.png.XMP', 'b.png.xmp', 'c.png.xmp', 'deeper/d.png.xmp']);
  expect((await tag()).changes).toEqual([]);
  expect(sidecars()).toEqual(first);

  await decide((personIn) => [{ do: 'name', person: personIn(1), name: 'Benjamin' }]);
  const { changes } = await tag();
  expect(changes.map(({ photo }) => basename(photo))).toEqual(['a.png', 'b.png', 'c.png']);
  const { people: now } = await readNamesInPhoto(photo('a.png'));
  // Whom Lightroom has there is there.
  expect([...now].sort()).toEqual([ANNA, 'Benjamin', BEN].sort());
  expect((await readNamesInPhoto(photo('b.png'))).people).toEqual([ANNA, 'Benjamin']);

  const { changes: removed } = await tag({ remove: true });
  expect(removed.map(({ change }) => change)).toEqual(['changed', 'deleted', 'deleted', 'deleted']);
  expect(readFileSync(`${photo('a.png')}.XMP`, 'utf8')).toBe(foreign);
  expect(Object.keys(sidecars())).toEqual(Object.keys(before));
  expect((await tag({ remove: true })).changes).toEqual([]);
  expect(readdirSync(temp('people/.data'))).not.toContain('tags.jsonl');
});

test('a dry run says what it would write', async () => {
  await sorted();
  await nameBoth();
  const { changes, dryRun } = await tag({ dryRun: true });
  expect(dryRun).toBe(true);
  expect(changes).toHaveLength(4);
  expect(sidecars()).toEqual({});
  expect(readdirSync(temp('people/.data'))).not.toContain('tags.jsonl');
});

test('sidecars of the other name take the place of the first', async () => {
  await sorted();
  await nameBoth();
  await tag();
  const { changes } = await tag({ sidecars: 'adobe' });
  expect(changes).toHaveLength(8);
  expect(Object.keys(sidecars())).toEqual(['a.xmp', 'b.xmp', 'c.xmp', 'deeper/d.xmp']);
  expect((await readNamesInPhoto(photo('a.png'))).people).toEqual([ANNA, BEN]);
});

test('two photos that would share a sidecar: the second is a problem', async () => {
  await sorted();
  writeFileSync(photo('a.jpg'), await sharp(photo('b.png')).png().toBuffer());
  await sort();
  await nameBoth();
  const { problems } = await tag({ sidecars: 'adobe' });
  expect(problems).toMatchObject([{ code: 'FACE_IO', reason: expect.stringMatching(/--sidecar default/) }]);
});

test('a photo that is there under a second name, too, by a link, has one sidecar', async () => {
  await sorted();
  symlinkSync(photo('b.png'), photo('b.webp'));
  await sort();
  await nameBoth();
  const { problems, changes } = await tag({ sidecars: 'adobe' });
  expect([problems, changes.length]).toEqual([[], 4]);
});

test('photos that were moved with their sidecars', async () => {
  await sorted();
  await nameBoth();
  await tag();
  renameSync(temp('photos'), temp('moved'));
  await sortDrawn({ photos: temp('moved'), forget: temp('photos'), output: people(), minPhotos: 1 });
  expect((await tag()).changes).toEqual([]);
  await tag({ remove: true });
  expect(readdirSync(temp('moved')).filter((name) => name.endsWith('.xmp'))).toEqual([]);
});

test('photos that are away, or were changed, keep their names', async () => {
  await sorted();
  await nameBoth();
  await tag();
  const before = sidecars();
  renameSync(photo('b.png'), temp('b.png'));
  writeFileSync(photo('c.png'), await sharp(photo('a.png')).negate().png().toBuffer());
  const { problems, changes } = await tag();
  expect(problems.map(({ code }) => code).sort()).toEqual(['FACE_IMAGE_CHANGED', 'FACE_IMAGE_NOT_FOUND']);
  expect(changes).toEqual([]);
  expect(sidecars()).toEqual(before);
});

test('what can not be written is a problem of that photo', async () => {
  await sorted();
  await nameBoth();
  writeFileSync(`${photo('a.png')}.xmp`, 'no XMP');
  mkdirSync(`${photo('b.png')}.xmp`);
  const { problems, changes } = await tag();
  expect(problems.map(({ path, code }) => [basename(path), code]).sort()).toEqual([
    ['a.png', 'FACE_IO'],
    ['b.png', 'FACE_IO'],
  ]);
  expect(changes.map(({ photo }) => basename(photo))).toEqual(['c.png', 'd.png']);
  expect(readFileSync(`${photo('a.png')}.xmp`, 'utf8')).toBe('no XMP');
});

test('a new sidecar may be read by whoever may read the photo', async () => {
  await sorted();
  await nameBoth();
  chmodSync(photo('a.png'), 0o644);
  chmodSync(photo('b.png'), 0o600);
  await tag();
  expect(statSync(`${photo('a.png')}.xmp`).mode & 0o777).toBe(0o644);
  expect(statSync(`${photo('b.png')}.xmp`).mode & 0o777).toBe(0o600);
});

test('stopped halfway, the next run goes on, and nothing of it is forgotten', async () => {
  await sorted();
  await nameBoth();
  const stop = new AbortController();
  await expect(
    tag({
      signal: stop.signal,
      onProgress: ({ phase, done }) => phase === 'tags' && done === 1 && stop.abort(),
    }),
  ).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect(Object.keys(sidecars()).length).toBeGreaterThan(0);
  await tag();
  expect(Object.keys(sidecars())).toHaveLength(4);
  await tag({ remove: true });
  expect(sidecars()).toEqual({});
});

test('killed between its record and the sidecar, or within a line, the next run goes on', async () => {
  await sorted();
  await nameBoth();
  await tag();
  const records = readFileSync(temp('people/.data/tags.jsonl'), 'utf8');
  await decide((personIn) => [{ do: 'name', person: personIn(0), name: 'Annette' }]);
  const before = sidecars();
  await tag();
  const later = readFileSync(temp('people/.data/tags.jsonl'), 'utf8');
  // The sidecars were not written yet.
  for (const [name, content] of Object.entries(before))
    writeFileSync(photo(name), Buffer.from(content.slice(content.indexOf(' ') + 1), 'latin1'));
  const [, ...lines] = later.trimEnd().split('\n');
  writeFileSync(temp('people/.data/tags.jsonl'), `${records}${lines.join('\n')}\n{"file":"/x`);
  await tag();
  expect((await readNamesInPhoto(photo('b.png'))).people).toEqual(['Annette', BEN]);
  await tag({ remove: true });
  expect(sidecars()).toEqual({});
});

test('people of whom nothing is known any more lose no names', async () => {
  await sorted();
  await nameBoth();
  await tag();
  const before = sidecars();
  rmSync(temp('people/.data/people.jsonl.faces'));
  await expect(tag()).rejects.toMatchObject({ code: 'FACE_PEOPLE_INVALID' });
  expect(sidecars()).toEqual(before);
});

test('arguments', async () => {
  await expect(tag({ sidecars: 'other' as 'adobe' })).rejects.toMatchObject({ argument: 'sidecars' });
  await expect(tag({ nothing: 1 } as object)).rejects.toMatchObject({ argument: 'nothing' });
  await expect(tagPhotos({ output: join(temp(), 'nowhere') })).rejects.toMatchObject({ code: 'FACE_IO' });
});

describe('a photo that names people itself', () => {
  const BERTA = 'Berta & Co';
  /** As Picasa and Windows write it: not where ours would be, and with prefixes of their own. */
  const packet = (
    names: readonly string[],
    { width = 160, height = 100, more = '' } = {},
  ) => `<q:xmpmeta xmlns:q="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<r:Description r:about="" xmlns:s="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:k="http://www.digikam.org/ns/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<s:Regions r:parseType="Resource"><s:AppliedToDimensions xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#" d:w="${width}" d:h="${height}" d:unit="pixel"/><s:RegionList><r:Bag>
${names.map((name, i) => `<r:li><r:Description s:Name="${name}" s:Type="Face"><s:Area xmlns:e="http://ns.adobe.com/xmp/sType/Area#" e:x="${0.45 + i / 10}" e:y="0.95" e:w="0.05" e:h="0.05" e:unit="normalized"/></r:Description></r:li>`).join('')}
</r:Bag></s:RegionList></s:Regions>
<k:TagsList><r:Seq><r:li>Places/Rome</r:li></r:Seq></k:TagsList><dc:title><r:Alt><r:li xml:lang="x-default">Rome</r:li></r:Alt></dc:title>${more}</r:Description></r:RDF></q:xmpmeta>`;

  beforeEach(async () => {
    await drawPhotos(temp('photos'), CAST);
    for (const name of ['a.png', 'b.png']) {
      const bytes = await sharp(photo(name))
        .withXmp(packet(['Berta &amp; Co', 'Carl']))
        .png()
        .toBuffer();
      writeFileSync(photo(name), bytes);
    }
    await sort();
    await nameBoth();
  });

  const namesIn = (file: string) => {
    const [said] = JSON.parse(
      runTool('exiftool', ['-j', '-struct', '-RegionInfo', '-TagsList', '-PersonInImage', '-Title', file]),
    );
    return {
      ...said,
      SourceFile: undefined,
      RegionInfo: said.RegionInfo.RegionList.map(({ Name }: { Name: string }) => Name),
    };
  };

  testWithTools(['exiftool'], 'has them in its sidecar, too: programs look there alone', async () => {
    const before = readFileSync(photo('a.png'));
    expect((await tag()).problems).toEqual([]);
    expect(namesIn(`${photo('a.png')}.xmp`)).toEqual({
      RegionInfo: [BERTA, 'Carl', ANNA, BEN],
      TagsList: ['Places/Rome', `People/${ANNA}`, `People/${BEN}`],
      PersonInImage: [ANNA, BEN],
    });
    expect(namesIn(`${photo('c.png')}.xmp`).RegionInfo).toEqual([BEN, ANNA]);
    expect(readFileSync(photo('a.png'))).toEqual(before);
    // Nothing to do again, nor is it anybody's decision.
    const written = sidecars();
    expect((await tag()).changes).toEqual([]);
    expect(sidecars()).toEqual(written);
    // Another name takes the place of ours.
    await decide((personIn) => [{ do: 'name', person: personIn(1), name: 'Ben' }]);
    await tag();
    expect(namesIn(`${photo('a.png')}.xmp`).RegionInfo).toEqual([BERTA, 'Carl', ANNA, 'Ben']);
    await tag({ remove: true });
    expect(sidecars()).toEqual({});
    expect(readFileSync(photo('a.png'))).toEqual(before);
  });

  testWithTools(['exiftool'], 'and of which photo.xmp says more has that in its sidecar, too', async () => {
    for (const name of ['a.xmp', 'c.xmp']) writeFileSync(photo(name), packet(['Dora']));
    const before = sidecars();
    expect((await tag()).problems).toEqual([]);
    expect(namesIn(photo('c.png.xmp'))).toEqual({
      RegionInfo: ['Dora', BEN, ANNA],
      TagsList: ['Places/Rome', `People/${BEN}`, `People/${ANNA}`],
      PersonInImage: [BEN, ANNA],
    });
    // As for all programs, what a sidecar says of a property stands for what the photo says of it.
    expect(namesIn(photo('a.png.xmp')).RegionInfo).toEqual(['Dora', ANNA, BEN]);
    expect(namesIn(photo('b.png.xmp')).RegionInfo).toEqual([BERTA, 'Carl', ANNA, BEN]);
    const written = sidecars();
    expect((await tag()).changes).toEqual([]);
    expect(sidecars()).toEqual(written);
    await tag({ remove: true });
    expect(sidecars()).toEqual(before);
  });

  const ORIENTATION = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"';
  testWithTools(
    ['exiftool'],
    'has no regions of a raw photo in its sidecar that is of another picture',
    async () => {
      writeFileSync(photo('a.xmp'), packet(['Dora'], { width: 100, height: 160 }));
      writeFileSync(
        photo('c.xmp'),
        packet(['Dora'], { more: `<tiff:Orientation ${ORIENTATION}>3</tiff:Orientation>` }),
      );
      await tag();
      expect(namesIn(photo('a.png.xmp')).RegionInfo).toEqual([BERTA, 'Carl', ANNA, BEN]);
      expect(namesIn(photo('c.png.xmp'))).toMatchObject({
        RegionInfo: [BEN, ANNA],
        TagsList: ['Places/Rome', `People/${BEN}`, `People/${ANNA}`],
      });
      // A phone's photo and what is said of it agree on how it is turned.
      await tag({ remove: true });
      writeFileSync(
        photo('c.xmp'),
        packet(['Dora'], { more: `<tiff:Orientation ${ORIENTATION}>1</tiff:Orientation>` }),
      );
      await tag();
      expect(namesIn(photo('c.png.xmp')).RegionInfo).toEqual(['Dora', BEN, ANNA]);
    },
  );

  testWithTools(['exiftool'], 'takes over nothing of ours from photo.xmp', async () => {
    writeFileSync(photo('c.xmp'), packet(['Dora']));
    const before = sidecars();
    await tag({ sidecars: 'adobe' });
    expect(readFileSync(photo('c.xmp'), 'utf8')).toContain(`>People/${BEN}<`);
    await decide((personIn) => [{ do: 'name', person: personIn(1), name: 'Ben' }]);
    await tag();
    expect(namesIn(photo('c.png.xmp'))).toEqual({
      RegionInfo: ['Dora', 'Ben', ANNA],
      TagsList: ['Places/Rome', 'People/Ben', `People/${ANNA}`],
      PersonInImage: ['Ben', ANNA],
    });
    expect(sidecars()['c.xmp']?.replace(/^\S+ /, '')).toBe(before['c.xmp']?.replace(/^\S+ /, ''));
    await tag({ remove: true });
    expect(Object.keys(sidecars())).toEqual(['c.xmp']);
  });

  test('is not named in what is written of others when that person is forgotten', async () => {
    await decide((personIn) => [{ do: 'name', person: personIn(1), name: 'Carl' }]);
    await tag();
    expect(sidecars()['a.png.xmp']).toContain('Berta &amp; Co');
    // Another program has written this one anew: what was carried over into it is not known any more.
    const anew = `${photo('b.png')}.xmp`;
    writeFileSync(anew, readFileSync(anew, 'utf8').replace('Places/Rome', 'Places/Pisa'));
    await tag();
    const [, carl] = await personsOn('a.png');
    const { tagged, named } = await forgetPeople({ output: people(), people: carl as number });
    expect(tagged).toEqual([]);
    // What others have written stays, and is told.
    expect(named).toEqual([photo('a.png'), photo('b.png'), anew]);
    expect(readFileSync(anew, 'utf8')).toContain('Places/Pisa');
    rmSync(anew);
    for (const text of [...Object.values(sidecars()), readFileSync(temp('people/.data/tags.jsonl'), 'utf8')])
      expect(text).not.toContain('Carl');
    expect(sidecars()['a.png.xmp']).toContain(ANNA.slice(0, 4));
    // Later sidecars begin with what the photo says; these can be taken away.
    await tag({ remove: true });
    await tag();
    expect(sidecars()['a.png.xmp']).toContain('Carl');
    await tag({ remove: true });
    expect(sidecars()).toEqual({});
  });

  test('is told of where that name is, but where somebody else on the photo has it', async () => {
    await decide((personIn) => [
      { do: 'name', person: personIn(0), name: 'CARL' },
      { do: 'name', person: personIn(1), name: ' Carl' },
    ]);
    const [one, two] = await personsOn('a.png');
    const forget = async (person: number) => (await forgetPeople({ output: people(), people: person })).named;
    expect(await forget(one as number)).toEqual([]);
    expect(await forget(two as number)).toEqual([photo('a.png'), photo('b.png')]);
  });

  test('gets no sidecar where that would say nothing new', async () => {
    await tag();
    const own = readFileSync(`${photo('c.png')}.xmp`, 'utf8');
    await tag({ remove: true });
    writeFileSync(photo('c.png'), await sharp(photo('c.png')).withXmp(own).png().toBuffer());
    await sort();
    expect((await tag()).changes.map(({ photo }) => basename(photo))).toEqual(['a.png', 'b.png', 'd.png']);
  });
});

test('what a run that was killed has left beside photos goes with the next one, also where nothing is to be done', async () => {
  await sorted();
  await nameBoth();
  await tag();
  const { space } = thisProcess();
  const dead = (name: string) =>
    photo(name.replace('?', `.face-cluster-${space}-4194305-1-0123456789ab.tmp`));
  const left = [dead('?'), dead('deeper/?')];
  for (const file of left) writeFileSync(file, '<x:xmpmeta');
  await tag({ dryRun: true });
  expect(left.filter((file) => existsSync(file))).toEqual(left);
  expect((await tag()).changes).toEqual([]);
  expect(left.filter((file) => existsSync(file))).toEqual([]);
});
