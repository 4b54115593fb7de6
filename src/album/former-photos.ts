import { join } from 'node:path';
import type { PhotoId } from '../base/ids';
import { writeFileAtomically } from '../system/atomic-file';
import { readTextIfThere } from '../system/read-text';

/** What photos were before this program wrote into them, by what they are. */
export type FormerPhotos = ReadonlyMap<PhotoId, readonly PhotoId[]>;

/** In the folder of data. */
const FORMER = 'former-photos.json';

/**
 * What is known of this; nothing if it is damaged: copies of photos as they were are strangers then, and stay.
 * @param data folder of data
 * @throws FaceError FACE_IO
 */
export async function readFormerPhotos(data: string): Promise<FormerPhotos> {
  try {
    const value: unknown = JSON.parse((await readTextIfThere(join(data, FORMER))) ?? '{}');
    return new Map(Object.entries(value ?? {}).filter(isFormer));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}

/**
 * Notes what photos were that were written into.
 * @param rewritten what they are now, by what they were
 * @throws FaceError FACE_IO
 */
export async function noteFormerPhotos(
  data: string,
  rewritten: ReadonlyMap<PhotoId, readonly PhotoId[]>,
): Promise<void> {
  if (rewritten.size === 0) return;
  const former = new Map(await readFormerPhotos(data));
  for (const [was, photos] of rewritten) {
    const before = [was, ...(former.get(was) ?? [])];
    // Names that were taken out again make it what it once was.
    for (const now of photos)
      former.set(
        now,
        [...new Set([...before, ...(former.get(now) ?? [])])].filter((id) => id !== now),
      );
  }
  await writeFileAtomically(join(data, FORMER), 'list of what photos were', (handle) =>
    handle.writeFile(`${JSON.stringify(Object.fromEntries(former))}\n`),
  );
}

function isFormer(entry: [string, unknown]): entry is [PhotoId, PhotoId[]] {
  return Array.isArray(entry[1]) && entry[1].every((id) => typeof id === 'string');
}
