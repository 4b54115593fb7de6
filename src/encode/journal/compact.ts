import { fileOfPath } from '../../photos/video/frame-path';
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
 * Writes a journal anew without what nobody will miss: damaged records, those that later ones repeat or add to, and those of
 * photos that are gone. What a photo gave under other settings stays, and so do photos that this run did not look at but
 * that are still where they were: they may belong to another part of the collection.
 */
export async function compact(
  path: string,
  lines: AsyncIterable<ScannedLine>,
  contents: JournalContents,
  used: ReadonlySet<string>,
): Promise<void> {
  const needed = await contentsNeeded(contents, used);
  await writeFileAtomically(path, 'journal', async (handle) => {
    for await (const { value, offset } of lines) {
      const kept = isPhoto(value) ? neededOf(value, offset) : value;
      if (kept && (isPhoto(kept) || isHeader(kept) || isSettings(kept))) {
        await handle.appendFile(encodeLine(kept));
      }
    }
  });

  function neededOf(
    { settings, result, frames, ...photo }: PhotoRecord,
    offset: number,
  ): PhotoRecord | undefined {
    if (!needed.has(photo.content)) return undefined;
    if (frames && contents.frames.get(photo.content)?.offset === offset) return { ...photo, frames };
    if (settings !== undefined && result && contents.isLastResult(photo.content, settings, offset)) {
      return { ...photo, settings, result };
    }
    return contents.photos.get(photo.path)?.offset === offset ? photo : undefined;
  }
}

/** The contents of this run's photos, and of all that are still where they were. */
async function contentsNeeded(
  contents: JournalContents,
  used: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const needed = new Set(used);
  for (const [path, { content }] of contents.photos) {
    if (!needed.has(content) && (await isThere(fileOfPath(path)))) needed.add(content);
  }
  return needed;
}
