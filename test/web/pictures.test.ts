import { copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_MAX_PIXELS } from '../../src/photos/decode';
import { photoFile } from '../../src/result/originals/find';
import { sha256 } from '../../src/system/sha256';
import { Pictures } from '../../src/web/pictures';
import type { SessionPhoto } from '../../src/web/session';
import { PORTRAITS, useTempFolder } from '../support/files';

/* Small pictures are made for those who wait for them, and for nobody else. */
const temp = useTempFolder();

const pictures = () => new Pictures(temp('kept'), { jobs: 1, maxPixels: DEFAULT_MAX_PIXELS });

function photo(name: string): { readonly id: string; readonly photo: SessionPhoto } {
  copyFileSync(join(PORTRAITS, name), temp(name));
  const file = photoFile(temp(name), statSync(temp(name), { bigint: true }));
  const id = sha256(readFileSync(temp(name))).slice(0, 16);
  return { id, photo: { file, width: undefined, height: undefined, thumbnail: undefined } };
}

const waiting = new AbortController().signal;
const kept = () =>
  readdirSync(temp('kept'), { recursive: true }).filter((name) => `${name}`.endsWith('.jpg'));

test('who goes away is let go at once, and takes nothing from those who wait for the same photo', async () => {
  const made = pictures();
  const { id, photo: of } = photo('audrey.jpg');
  const gone = new AbortController();
  const face = { photo: of, box: { top: 50, right: 150, bottom: 150, left: 50 }, thumbnail: undefined };
  const one = made.ofPhoto(id, of, gone.signal);
  const other = made.ofFace(`${id}_50_150_150_50`, face, waiting);
  gone.abort();
  await expect(one).rejects.toMatchObject({ code: 'FACE_ABORTED' });
  expect((await other).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
});

test('what nobody waits for any more is not made', async () => {
  const made = pictures();
  const gone = new AbortController();
  const all = ['audrey.jpg', 'franck_01829.jpg', 'franck_02045.jpg', 'franck_02159.jpg'].map(photo);
  const asked = all.map(({ id, photo }, i) => made.ofPhoto(id, photo, i === 2 ? gone.signal : waiting));
  // Two are in hand, and the others come in their order.
  gone.abort();
  const ends = await Promise.allSettled(asked);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(kept()).toHaveLength(3);
  // It can be asked for again.
  const [, , again] = all;
  await made.ofPhoto(again?.id as string, again?.photo as SessionPhoto, waiting);
  expect(kept()).toHaveLength(4);
});
