import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoId } from '../base/ids';
import { noteRewritten } from '../encode/journal/rewritten';
import { KEPT_FOLDER } from '../result/names-in-result';
import { addFacesAgain } from '../sort/added-faces';
import { type ArrangeOptions, arrange } from '../sort/arrange';
import type { Opened } from '../sort/open';
import type { SortSettings } from '../sort/settings';
import { fsPath } from '../system/file-name';
import { failingTo } from '../system/io-error';
import { sha256OfFile } from '../system/sha256';
import { noteFormerPhotos } from './former-photos';
import type { EmbeddedPackets } from './packet-store';

/*
 * Photos that were written into are other ones, as to what they hold: whatever is known of them has to follow.
 */

/** Has whatever is known of photos follow them. */
export async function noteAllRewritten(
  data: string,
  encodings: string,
  { rewritten }: EmbeddedPackets,
): Promise<void> {
  const ids = new Map(
    Array.from(rewritten, ([id, photos]) => [id, photos.map(({ content }) => content)] as const),
  );
  await noteFormerPhotos(data, ids);
  await noteRewritten(encodings, rewritten);
  await addFacesAgain(data, ids);
}

/**
 * Brings the folder of people up to photos that were written into. What it had of them before is no last copy of anything: the same
 * photos are there, and beside them what they were before anything was written.
 * @param rewritten what these photos were
 * @internal
 */
export async function arrangeRewritten(
  opened: Opened<SortSettings>,
  rewritten: ReadonlySet<PhotoId>,
  options: ArrangeOptions,
): Promise<void> {
  if (rewritten.size === 0) return;
  const { folder, output } = await arrange(opened, options);
  for (const { file } of folder.kept) {
    const path = join(output, file);
    if (!rewritten.has(await sha256OfFile(path).catch(failingTo(`read ${path}`)))) continue;
    await rm(fsPath(path)).catch(failingTo(`remove ${path}`));
  }
  // It stays if something is in it.
  if (folder.kept.length > 0) await rmdir(join(output, KEPT_FOLDER)).catch(() => {});
}
