import type { PhotoId } from '../../base/ids';
import { acquireLock } from '../../system/lock';
import type { PhotoIdentity } from '../photo-store';
import { readContents } from './contents';
import { JournalFile } from './journal-file';
import { encodeLine } from './lines';
import { journalPath } from './paths';
import { isPhoto } from './records';
import { scanLines } from './scan';

/**
 * Writes down that photos were changed in nothing but what they say of themselves: all that is known of their pixels holds for what
 * is there now, and nobody has to look at them again.
 * @param encodings path of the encodings file
 * @param rewritten what photos are now, by what they were
 * @throws FaceError FACE_LOCKED, FACE_JOURNAL_INVALID, FACE_IO
 */
export async function noteRewritten(
  encodings: string,
  rewritten: ReadonlyMap<PhotoId, readonly PhotoIdentity[]>,
): Promise<void> {
  if (rewritten.size === 0) return;
  const path = await journalPath(encodings);
  const lock = await acquireLock(`${path}.lock`, encodings);
  try {
    const file = await JournalFile.open(path, async (handle) => {
      const { end } = await readContents(scanLines(handle), '', path, false);
      return end;
    });
    try {
      const { length } = file;
      for await (const { offset, value } of scanLines(file.handle)) {
        if (offset >= length) break;
        if (!isPhoto(value) || !value.result) continue;
        const { settings, result, content } = value;
        for (const photo of rewritten.get(content) ?? [])
          await file.append(encodeLine({ ...photo, settings, result }));
      }
      for (const photo of [...rewritten.values()].flat()) await file.append(encodeLine(photo));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await lock.release();
  }
}
