import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { readEmbedded } from '../../src/metadata/embedded';
import { readNamesInPhoto } from '../../src/metadata/names-in-photo';
import { uprightBox } from '../../src/metadata/turned';
import { useTempFolder } from '../support/files';
import { describeWithHeif, heifConvert, heifEnc, heifFile, heifParts, imir, irot } from '../support/heif';

const temp = useTempFolder();

/** A grey picture, 128 by 64, with a white box on it. */
const SIZE = { width: 128, height: 64 };
const WHITE = { left: 16, top: 8, width: 32, height: 16 };

describeWithHeif('HEIF that is turned by its own file', () => {
  /** The same picture with other properties. */
  async function heic(...turns: readonly Buffer[]): Promise<Buffer> {
    const input = await sharp({
      create: { width: WHITE.width, height: WHITE.height, channels: 3, background: 'white' },
    })
      .png()
      .toBuffer();
    const picture = await sharp({ create: { ...SIZE, channels: 3, background: '#202020' } })
      .composite([{ input, left: WHITE.left, top: WHITE.top }])
      .png()
      .toBuffer();
    const { primary, items } = heifParts(await heifEnc([picture], '-q', '90'));
    return heifFile({
      primary,
      items: items.map((item) =>
        item.id === primary ? { ...item, properties: [...item.properties, ...turns] } : item,
      ),
    });
  }

  const all = [0, 1, 2, 3].flatMap((quarters) =>
    [undefined, 0 as const, 1 as const].map((axis) => [quarters, axis] as const),
  );

  test.each(all)(
    '%i quarters, mirrored %s: a region of the coded picture is where the decoder has it',
    async (quarters, axis) => {
      const file = await heic(irot(quarters), ...(axis === undefined ? [] : [imir(axis)]));
      const path = temp('photo.heic');
      writeFileSync(path, file);
      const region = `<rdf:li><rdf:Description m:Name="Anna" m:Type="Face"><m:Area a:x="${(WHITE.left + WHITE.width / 2) / SIZE.width}"
      a:y="${(WHITE.top + WHITE.height / 2) / SIZE.height}" a:w="${WHITE.width / SIZE.width}" a:h="${WHITE.height / SIZE.height}"
      a:unit="normalized"/></rdf:Description></rdf:li>`;
      writeFileSync(
        `${path}.xmp`,
        `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/"
        xmlns:a="http://ns.adobe.com/xmp/sType/Area#" xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#"><rdf:Description rdf:about="">
        <m:Regions rdf:parseType="Resource"><m:AppliedToDimensions d:w="128" d:h="64"/><m:RegionList><rdf:Bag>${region}</rdf:Bag>
        </m:RegionList></m:Regions></rdf:Description></rdf:RDF>`,
      );
      expect((await readEmbedded(path)).picture).toMatchObject(SIZE);
      // A brand that the image library does not know makes no other picture of it.
      const renamed = Buffer.from(file);
      renamed.write('mif2', 8, 'latin1');
      writeFileSync(temp('mif2.heic'), renamed);
      expect(await readEmbedded(temp('mif2.heic'))).toEqual(await readEmbedded(path));

      const { data, width, height } = await heifConvert(file);
      const white = [...data.keys()]
        .filter((at) => at % 3 === 0 && (data[at] ?? 0) > 140)
        .map((at) => at / 3);
      const [xs, ys] = [white.map((at) => at % width), white.map((at) => Math.floor(at / width))];
      const [found] = (await readNamesInPhoto(path)).regions;
      if (!found) throw new Error('nobody');
      const box = uprightBox(found.area, 1, width, height);
      // The codec smears edges a little.
      expect(Math.abs(box.left - Math.min(...xs))).toBeLessThan(2);
      expect(Math.abs(box.top - Math.min(...ys))).toBeLessThan(2);
      expect(Math.abs(box.right - Math.max(...xs) - 1)).toBeLessThan(2);
      expect(Math.abs(box.bottom - Math.max(...ys) - 1)).toBeLessThan(2);
    },
  );
});
