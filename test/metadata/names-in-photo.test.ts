import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { readEmbedded } from '../../src/metadata/embedded';
import { type Area, readNamesInPhoto } from '../../src/metadata/names-in-photo';
import { useTempFolder } from '../support/files';
import { noise } from '../support/pixels';
import { tiffFile } from '../support/tiff';

const inTemp = useTempFolder();
const area = { left: 0.1, top: 0.2, width: 0.25, height: 0.5 };

function expectArea(found: Area | undefined) {
  for (const key of ['left', 'top', 'width', 'height'] as const)
    expect(found?.[key]).toBeCloseTo(area[key], 9);
}

/** digiKam's own, as exiv2 writes it. */
const DIGIKAM = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
   <digiKam:TagsList><rdf:Seq><rdf:li>Places/Rome</rdf:li><rdf:li>People</rdf:li><rdf:li>People/Family/Ben &amp; Co</rdf:li><rdf:li>People/Family</rdf:li></rdf:Seq></digiKam:TagsList>
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="64" stDim:h="40" stDim:unit="pixel"/>
    <mwg-rs:RegionList>
     <rdf:Bag>
      <rdf:li>
       <rdf:Description mwg-rs:Name="Anna" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="0.225" stArea:y="0.45" stArea:w="0.25" stArea:h="0.5" stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
      <rdf:li>
       <rdf:Description mwg-rs:Name="sharp here" mwg-rs:Type="Focus">
        <mwg-rs:Area stArea:x="0.9" stArea:y="0.9" stArea:w="0.1" stArea:h="0.1" stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;

/** Windows' regions and keywords, by prefixes of nobody. */
const WINDOWS = `<a:xmpmeta xmlns:a="adobe:ns:meta/"><b:RDF xmlns:b="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<b:Description b:about="" xmlns:c="http://ns.microsoft.com/photo/1.2/"><c:RegionInfo><b:Description xmlns:d="http://ns.microsoft.com/photo/1.2/t/RegionInfo#">
<d:Regions><b:Bag><b:li><b:Description xmlns:e="http://ns.microsoft.com/photo/1.2/t/Region#"><e:Rectangle>0.1, 0.2, 0.25, 0.5</e:Rectangle><e:PersonDisplayName>Anna</e:PersonDisplayName></b:Description></b:li>
<b:li b:parseType="Resource" xmlns:e="http://ns.microsoft.com/photo/1.2/t/Region#"><e:Rectangle>0.6, 0.6, 0.1, 0.1</e:Rectangle></b:li></b:Bag></d:Regions></b:Description></c:RegionInfo></b:Description>
<b:Description b:about="" xmlns:m="http://ns.microsoft.com/photo/1.0"><m:LastKeywordXMP><b:Bag><b:li>People/Carl</b:li></b:Bag></m:LastKeywordXMP></b:Description>
<b:Description b:about="" xmlns:l="http://ns.adobe.com/lightroom/1.0/" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><l:hierarchicalSubject><b:Bag><b:li>People|Dora</b:li><b:li>Places|Rome</b:li></b:Bag></l:hierarchicalSubject>
<i:PersonInImage><b:Bag><b:li>Emil</b:li></b:Bag></i:PersonInImage></b:Description></b:RDF></a:xmpmeta>`;

async function photo(name = 'photo.jpg', xmp?: string, orientation = 1) {
  const path = inTemp(name);
  const picture = sharp({ create: { width: 64, height: 40, channels: 3, background: 'grey' } });
  if (xmp !== undefined) picture.withXmp(xmp);
  await picture.keepMetadata().withMetadata({ orientation }).jpeg().toFile(path);
  return path;
}

test('digiKam: regions, people below People, nothing else', async () => {
  const path = await photo();
  await writeFile(`${path}.xmp`, DIGIKAM);
  const { regions, people } = await readNamesInPhoto(path);
  expect(regions).toHaveLength(1);
  expect(regions[0]?.name).toBe('Anna');
  expectArea(regions[0]?.area);
  expect(people).toEqual(['Anna', 'Ben & Co']);
});

test('Windows, Lightroom, IPTC: whatever their prefixes, in a sidecar of Adobe’s name', async () => {
  const path = await photo();
  await writeFile(path.replace('.jpg', '.XMP'), Buffer.from(`\ufeff${WINDOWS}`, 'utf16le').swap16());
  const { regions, people } = await readNamesInPhoto(path);
  expect(regions.map(({ name }) => name)).toEqual(['Anna']);
  expectArea(regions[0]?.area);
  expect(people).toEqual(['Anna', 'Dora', 'Carl', 'Emil']);
});

test('what is embedded in the photo', async () => {
  const path = await photo('photo.jpg', WINDOWS);
  expect((await readNamesInPhoto(path)).people).toEqual(['Anna', 'Dora', 'Carl', 'Emil']);
});

test('a face that the sidecar names is not whom the photo names', async () => {
  const path = await photo('photo.jpg', WINDOWS);
  await writeFile(`${path}.xmp`, DIGIKAM.replace('Name="Anna"', 'Name="Berta"'));
  const { regions } = await readNamesInPhoto(path);
  expect(regions.map(({ name }) => name)).toEqual(['Berta']);
});

test('regions written for the upright picture, as their size says', async () => {
  const path = await photo('photo.jpg', undefined, 6);
  // The stored area, turned by a quarter: y becomes x, from the other side.
  const upright = DIGIKAM.replace('stDim:w="64" stDim:h="40"', 'stDim:w="40" stDim:h="64"').replace(
    'x="0.225" stArea:y="0.45" stArea:w="0.25" stArea:h="0.5"',
    'x="0.55" stArea:y="0.225" stArea:w="0.5" stArea:h="0.25"',
  );
  await writeFile(`${path}.xmp`, upright);
  const [region] = (await readNamesInPhoto(path)).regions;
  expectArea(region?.area);
});

describe('a picture that was changed since its regions were written', () => {
  const forSize = (width: number, height: number) =>
    DIGIKAM.replace('stDim:w="64" stDim:h="40"', `stDim:w="${width}" stDim:h="${height}"`);

  test.each<[string, number, number]>([
    ['made smaller', 6400, 4000],
    ['made smaller, its sides rounded', 1621, 1000],
  ])('%s: they are where they were', async (_, width, height) => {
    const path = await photo();
    await writeFile(`${path}.xmp`, forSize(width, height));
    const [region] = (await readNamesInPhoto(path)).regions;
    expectArea(region?.area);
  });

  test.each<[string, number, number]>([
    ['cropped', 64, 48],
    ['turned', 40, 64],
  ])('%s: they name who is on it, not where, whoever else has them', async (_, width, height) => {
    const path = await photo();
    const windows = /<b:Description b:about="" xmlns:c.*?<\/c:RegionInfo><\/b:Description>/s.exec(
      WINDOWS,
    )?.[0];
    const both = forSize(width, height).replace(
      '</rdf:RDF>',
      `${windows?.replace('>Anna<', '>Zoe<').replaceAll('b:', 'rdf:')}</rdf:RDF>`,
    );
    await writeFile(`${path}.xmp`, both);
    expect(await readNamesInPhoto(path)).toEqual({ regions: [], people: ['Anna', 'Zoe', 'Ben & Co'] });
  });

  test('a raw photo, whose first picture is a small one with borders: not to be told', async () => {
    const path = inTemp('photo.dng');
    const DNG_VERSION = 50706;
    const small = { width: 8, height: 6, bits: [8, 8, 8], photometric: 2, pixels: Buffer.alloc(144) };
    await writeFile(path, tiffFile({ ...small, shorts: { [DNG_VERSION]: [1, 4] } }));
    expect((await readEmbedded(path)).picture).toMatchObject({ width: 8, height: 6 });
    await writeFile(`${path}.xmp`, DIGIKAM);
    const [region] = (await readNamesInPhoto(path)).regions;
    expectArea(region?.area);
  });
});

test('what digiKam calls faces of nobody is no name', async () => {
  const path = await photo();
  const nobody = DIGIKAM.replace('Name="Anna"', 'Name="Ignored"').replace(
    'People/Family/Ben &amp; Co',
    'People/Unknown</rdf:li><rdf:li>People/Unconfirmed',
  );
  await writeFile(`${path}.xmp`, nobody);
  expect(await readNamesInPhoto(path)).toEqual({ regions: [], people: ['Family'] });
});

test.each([
  ['nothing', ''],
  ['no XML', 'not XML at all'],
  ['cut off', DIGIKAM.slice(0, 900)],
  ['another kind of XML', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  [
    'entities that grow',
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${DIGIKAM.slice(65).replace('Anna', '&b;')}`,
  ],
  ['a million levels', '<a>'.repeat(1e6)],
])('a sidecar with %s says nothing', async (_, text) => {
  const path = await photo();
  await writeFile(`${path}.xmp`, text);
  expect(await readNamesInPhoto(path)).toEqual({ regions: [], people: [] });
});

test('of more keywords and regions than any photo has, the first count; zeros in between are no XML', async () => {
  const path = await photo();
  const many = Array.from({ length: 300_000 }, (_, i) => `<rdf:li>People/${i}</rdf:li>`).join('');
  await writeFile(`${path}.xmp`, DIGIKAM.replace('<rdf:li>People</rdf:li>', many));
  const { people } = await readNamesInPhoto(path);
  expect(people).toContain('999');
  expect(people).not.toContain('1000');
  await writeFile(`${path}.xmp`, `${DIGIKAM}${'\0'.repeat(4e6)}.`);
  expect(await readNamesInPhoto(path)).toEqual({ regions: [], people: [] });
});

test('a folder or a pipe under the name of a sidecar, and a photo that is none', async () => {
  const path = await photo();
  await mkdir(`${path}.xmp`);
  if (process.platform !== 'win32') execFileSync('mkfifo', [`${path}.XMP`]);
  await writeFile(path, 'no photo');
  expect(await readNamesInPhoto(path)).toEqual({ regions: [], people: [] });
});

/** A JPEG with more segments behind its beginning. */
function withSegments(jpeg: Buffer, ...contents: readonly Buffer[]): Buffer {
  const segments = contents.map((content) => {
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

test('metadata of a JPEG that did not fit into one segment, in parts that are not in order', async () => {
  const path = await photo();
  const guid = '0123456789ABCDEF0123456789ABCDEF';
  const extended = Buffer.from(DIGIKAM.replace('<x:xmpmeta', `<!--${'x'.repeat(300_000)}--><x:xmpmeta`));
  const main = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
    rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${guid}"/></rdf:RDF></x:xmpmeta>`;
  const part = (id: string, from: number, to: number) => {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(extended.length, 0);
    numbers.writeUInt32BE(from, 4);
    const mark = Buffer.from(`http://ns.adobe.com/xmp/extension/\0${id}`);
    return Buffer.concat([mark, numbers, extended.subarray(from, to)]);
  };
  const size = 60_000;
  const parts = Array.from({ length: Math.ceil(extended.length / size) }, (_, i) =>
    part(guid, i * size, (i + 1) * size),
  );
  const jpeg = await sharp(path).jpeg().toBuffer();
  const first = Buffer.from(`http://ns.adobe.com/xap/1.0/\0${main}`);
  await writeFile(path, withSegments(jpeg, ...parts.reverse(), part('another'.padEnd(32), 0, 9), first));
  expect((await readNamesInPhoto(path)).people).toEqual(['Anna', 'Ben & Co']);
  await writeFile(path, withSegments(jpeg, ...parts.slice(1), first));
  expect((await readNamesInPhoto(path)).people).toEqual([]);
});

test('size and orientation of a JPEG are what the decoder says', async () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const progressive of [false, true]) {
      const path = inTemp('picture.jpg');
      const picture = sharp({ create: { width: 64, height: 40, channels: 3, background: 'grey' } });
      await picture.withMetadata({ orientation }).jpeg({ progressive }).toFile(path);
      const { width, height } = await sharp(path).metadata();
      expect((await readEmbedded(path)).picture).toEqual({ width, height, orientation });
    }
  }
});

test('damaged JPEGs say less, and never fail', async () => {
  const path = await photo('photo.jpg', DIGIKAM, 6);
  const whole = await sharp(path).keepMetadata().jpeg().toBuffer();
  const bytes = noise(3 * 500);
  for (let i = 0; i < 500; i++) {
    const damaged = Buffer.from(whole);
    const [at = 0, value = 0, cut = 0] = bytes.subarray(3 * i);
    damaged[(at * 7) % damaged.length] = value;
    await writeFile(path, damaged.subarray(0, 2 + ((cut * 31) % damaged.length)));
    expect(Array.isArray((await readNamesInPhoto(path)).people)).toBe(true);
  }
});

test('a photo that is not there', async () => {
  await expect(readNamesInPhoto('/nowhere/photo.jpg')).rejects.toMatchObject({
    code: 'FACE_IMAGE_NOT_FOUND',
  });
});
