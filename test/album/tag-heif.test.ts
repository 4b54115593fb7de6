import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { tagPhotos } from '../../src/album/tag';
import { readNamesInPhoto } from '../../src/metadata/names-in-photo';
import { uprightBox } from '../../src/metadata/turned';
import { arrangePeople } from '../../src/sort/arrange';
import { sortPhotos } from '../../src/sort/sort';
import { useTempFolder } from '../support/files';
import { describeWithHeif, heifEnc, heifFile, heifParts, irot } from '../support/heif';
import { encodingOf } from '../web/support';

const temp = useTempFolder();

describeWithHeif('a HEIC that its own file turns', () => {
  test.each(['a.heic', 'a.jpg'])(
    'has its regions where the coded picture has them, called %s',
    async (name) => {
      const picture = await sharp({ create: { width: 128, height: 64, channels: 3, background: 'grey' } })
        .png()
        .toBuffer();
      const { primary, items } = heifParts(await heifEnc([picture], '-q', '50'));
      mkdirSync(temp('photos'));
      writeFileSync(
        temp('photos', name),
        heifFile({
          primary,
          items: items.map((item) => ({ ...item, properties: [...item.properties, irot(1)] })),
        }),
      );
      // On the upright picture, 64 by 128.
      const box = { top: 4, right: 40, bottom: 36, left: 8 };
      const [encoding, mirrored] = [encodingOf(1, 1), encodingOf(1, 2)];
      const face = { box, score: 2, sharpness: 1, encoding, mirrored };
      const output = temp('people');
      await sortPhotos({
        photos: temp('photos'),
        output,
        minPhotos: 1,
        engine: {
          jobs: 1,
          detectAndEncode: async (image) => {
            await (image as { decode(): Promise<unknown> }).decode();
            return [face];
          },
        },
      });
      await arrangePeople({ output, decide: ({ people }) => people.name(1, 'Anna') });
      const { problems } = await tagPhotos({ output });
      expect(problems).toEqual([]);
      expect(readFileSync(temp('photos', `${name}.xmp`), 'utf8')).toContain('stDim:w="128" stDim:h="64"');
      const [region] = (await readNamesInPhoto(temp('photos', name))).regions;
      if (!region) throw new Error('nobody');
      const found = uprightBox(region.area, 1, 64, 128);
      for (const side of ['top', 'right', 'bottom', 'left'] as const)
        expect(found[side]).toBeCloseTo(box[side], 2);
    },
  );
});
