import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FaceEngine } from '../../src/engine/engine';
import { sortPhotos } from '../../src/sort/sort';
import { PeopleSession } from '../../src/web/session';
import { PORTRAITS, useTempFolder } from '../support/files';

const temp = useTempFolder();

/** One man on eight photos; on one of them no face is found. */
const FRANCK = readdirSync(PORTRAITS)
  .filter((name) => /^franck_.*\.jpg$/.test(name))
  .slice(0, 8);

test('a box that is drawn around a face by hand is that person', async () => {
  mkdirSync(temp('photos'));
  for (const name of FRANCK) copyFileSync(join(PORTRAITS, name), temp('photos', name));
  using engine = new FaceEngine({ jobs: 1 });
  const missed = temp('photos', FRANCK.at(-1) as string);
  const [face] = await engine.detect(missed, { method: 'hog' });
  const size = (face?.box.right ?? 0) - (face?.box.left ?? 0);
  let looked = 0;
  const blind: typeof engine.detectAndEncode = async (image, options) => {
    const faces = await engine.detectAndEncode(image, options);
    const isMissed = faces.some(({ box }) => JSON.stringify(box) === JSON.stringify(face?.box));
    if (isMissed) looked++;
    return isMissed ? [] : faces;
  };
  await sortPhotos({
    photos: temp('photos'),
    output: temp('people'),
    method: 'hog',
    engine: { jobs: 1, detectAndEncode: blind },
  });
  expect(looked).toBe(1);
  const session = await PeopleSession.open(temp('people'), { jobs: 1 });
  expect(session.overview()).toMatchObject({ photosWithoutFaces: 1 });
  const photo = session.page('photos', 0)?.find(({ faces }) => faces.length === 0);
  expect(photo?.path).toBe(missed);
  const { top, right, bottom, left } = face?.box ?? { top: 0, right: 0, bottom: 0, left: 0 };
  // Somewhat high, with the hair.
  const box = [top - 0.2 * size, right + 0.05 * size, bottom + 0.1 * size, left - 0.05 * size] as const;
  const added = await session.addFace({ photo: photo?.id as string, box });
  const [{ label } = { label: 0 }] = session.overview().people;
  expect(added.label).toBe(label);
  expect(session.overview().people).toMatchObject([{ faces: FRANCK.length }]);
  await session.close();
});
