import type { PlacedAlbum } from '../album/place';
import { SORT_PHASES } from './sort-phases';
import { count, printable } from './terminal/text';

/** What is being done, for the bars of commands that put photos into a folder of one's own. */
export const ALBUM_PHASES = {
  locate: SORT_PHASES.locate,
  files: { name: 'files', title: 'Filling the folder', unit: 'photo' },
  faces: SORT_PHASES.faces,
} as const;

/** What was put into a folder: `12 photos put into both, 3 were there already.` @param to the folder, as the user calls it */
export function placedLine({ placed, renewed, there }: PlacedAlbum, to: string): string {
  const { hardlink, copy, symlink } = placed;
  const already =
    there > 0 ? `, ${there.toLocaleString('en')} ${there === 1 ? 'was' : 'were'} there already` : '';
  const now = renewed > 0 ? `, ${renewed.toLocaleString('en')} renewed, with the names in them` : '';
  return `${count(hardlink + copy + symlink, 'photo')} put into ${printable(to)}${now}${already}.`;
}
