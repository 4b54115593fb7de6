/**
 * What is known to be wrong with a photo's bytes: another attempt would end the same way, on any machine. Never thrown
 * for what may be the machine's trouble. `message` completes "The photo can't be decoded: ...".
 */
export class PhotoFault extends Error {}

/** Why a file that ends too early can't be decoded. */
export const CUT_OFF = 'the file is cut off, as after a broken download or copy';

export const DAMAGED = 'the file is damaged';

/** The `warning` of a photo that is only partly there; `reason` as that of a {@link PhotoFault}. */
export function partWarning(reason: string): string {
  return `Only part of the photo could be decoded: ${reason}.`;
}
