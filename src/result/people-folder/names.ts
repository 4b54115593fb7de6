import { canBeName } from '../../people/faults';
import { isTitleOfNameless, personTitle } from '../../people/names';
import { hasUndecodedBytes } from '../../system/file-name';
import { LONGEST_ANYWHERE, portableName } from '../originals/file-names';
import type { Place } from './types';

/** Folders that are nobody's; how many photos they hold is of no interest. */
const NOBODYS = { unsorted: 'Not sorted', unclear: 'Too unclear' } as const;

/** What a folder is called, without the number of its photos. */
export function titleOf(place: Place, name: string | undefined): string {
  return safeTitle(typeof place === 'number' ? personTitle(place, name) : NOBODYS[place]);
}

/**
 * The name of a folder: `Anna (135)`, or, for the second one of that name, `Anna (135) 2`.
 * @param isFree tells of a name whether it can be had
 */
export function folderName(
  place: Place,
  name: string | undefined,
  photos: number,
  isFree: (name: string) => boolean,
): string {
  const letters = Array.from(titleOf(place, name));
  const count = typeof place === 'number' ? ` (${photos})` : '';
  for (let n = 1; ; n++) {
    const tail = `${count}${n === 1 ? '' : ` ${n}`}`;
    const own = [...letters];
    while (own.length > 1 && Buffer.byteLength(own.join('') + tail) > LONGEST_ANYWHERE) own.pop();
    const folder = own.join('').trimEnd() + tail;
    if (isFree(folder)) return folder;
  }
}

/** Whether a title can be the name of a person. */
export function namesAPerson(title: string): boolean {
  const isNobodys = Object.values(NOBODYS).some((other) => other.toLowerCase() === title.toLowerCase());
  return canBeName(title) && !hasUndecodedBytes(title) && !isTitleOfNameless(title) && !isNobodys;
}

/** As all file systems take it; none that is hidden. */
function safeTitle(title: string): string {
  const name = portableName(title.normalize('NFC').trim().replaceAll(/[/\\]/g, '_'));
  return name.replace(/^\.+/, '_');
}
