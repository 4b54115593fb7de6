import { type FileHandle, open } from 'node:fs/promises';
import type { PhotoId } from '../../base/ids';
import type { Box } from '../../base/types';
import { writeFileAtomically } from '../../system/atomic-file';
import { ioError } from '../../system/io-error';
import { acquireLock } from '../../system/lock';
import { encodeLine } from './lines';
import { journalPath } from './paths';
import { isHeader, isPhoto, isSettings, type PhotoRecord } from './records';
import { scanLines } from './scan';

/**
 * Writes the journal of an encodings file anew without some faces, whatever settings they were found with. Damaged records go, too:
 * nobody knows what is in them.
 * @param isErased tells them by their photo and box
 * @throws FaceError FACE_IO, FACE_LOCKED; the journal is as it was then
 */
export async function eraseFaces(
  encodings: string,
  isErased: (photo: PhotoId, box: Box) => boolean,
): Promise<void> {
  const path = await journalPath(encodings);
  const lock = await acquireLock(`${path}.lock`, encodings);
  let journal: FileHandle | undefined;
  try {
    const opened = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw ioError(`read the journal ${path}`, error);
    });
    if (!opened) return;
    journal = opened;
    await writeFileAtomically(path, 'journal', async (handle) => {
      for await (const { value } of scanLines(opened)) {
        const kept = isPhoto(value) ? withoutErased(value, isErased) : value;
        if (isPhoto(kept) || isHeader(kept) || isSettings(kept)) await handle.appendFile(encodeLine(kept));
      }
    });
  } finally {
    await journal?.close();
    await lock.release();
  }
}

function withoutErased(record: PhotoRecord, isErased: (photo: PhotoId, box: Box) => boolean): PhotoRecord {
  const { content, result } = record;
  if (!result) return record;
  const faces = result.faces.filter(({ box: [top, right, bottom, left] }) => {
    return !isErased(content, { top, right, bottom, left });
  });
  return { ...record, result: { ...result, faces } };
}
