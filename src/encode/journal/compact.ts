import { writeFileAtomically } from '../../system/atomic-file';
import { isThere } from '../../system/real-path';
import type { JournalContents } from './contents';
import { encodeLine } from './lines';
import { isHeader, isPhoto, isSettings, type PhotoRecord } from './records';
import type { ScannedLine } from './scan';

/** Less waste than this is not worth writing the file anew. */
const LEAST_WASTE_BYTES = 4 << 20;

/**
 * Whether more than half of a journal is about photos that the run which is now done did not come across, or says
 * things twice.
 * @param used contents of all photos of the run
 */
export function isWorthCompacting(
  length: number,
  contents: JournalContents,
  used: ReadonlySet<string>,
): boolean {
  let needed = 0;
  for (const content of used) needed += contents.lengthOf(content);
  return length - needed > Math.max(needed, LEAST_WASTE_BYTES);
}

/**
 * Writes a journal anew without what nobody will miss: damaged records, those that later ones repeat, and those of
 * photos that are gone. What a photo gave under other settings stays, and so do photos that this run did not look at but
 * that are still where they were: they may belong to another part of the collection.
 */
export async function compact(
  path: string,
  lines: AsyncIterable<ScannedLine>,
  contents: JournalContents,
  used: ReadonlySet<string>,
): Promise<void> {
  await writeFileAtomically(path, 'journal', async (handle) => {
    const kept = new Set<string>();
    for await (const { value } of lines) {
      if (isHeader(value) || isSettings(value) || (isPhoto(value) && (await isNeeded(value)))) {
        await handle.appendFile(encodeLine(value));
      }
    }

    async function isNeeded(record: PhotoRecord): Promise<boolean> {
      const { path, content, settings } = record;
      const latest = contents.photos.get(path)?.content === content;
      if (!used.has(content) && !(latest && (await isThere(path)))) return false;
      if (settings === undefined) return latest;
      const result = `${content} ${settings}`;
      if (kept.has(result)) return false;
      kept.add(result);
      return true;
    }
  });
}
