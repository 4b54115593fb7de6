import { readTags, type TiffTags, textOf } from './tiff-tags';

/** Leads from the first directory to that of EXIF. */
const EXIF_DIRECTORY = 0x8769;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;

/** In front of the TIFF that EXIF is, in a JPEG. */
export const EXIF_MARK = Buffer.from('Exif\0\0');

/**
 * When a photo was taken, see `PhotoFacts.taken`. Cameras without a clock, and damage, give `null`: that is no reason to lose
 * the photo.
 * @param exif what the file has of EXIF, or a whole TIFF
 */
export function takenAt(exif: Uint8Array): string | null {
  try {
    const bytes = EXIF_MARK.equals(exif.subarray(0, EXIF_MARK.length))
      ? exif.subarray(EXIF_MARK.length)
      : exif;
    const directory = readTags(bytes).get(EXIF_DIRECTORY)?.[0];
    return directory === undefined ? null : takenIn(readTags(bytes, directory));
  } catch {
    return null;
  }
}

/** The same, by EXIF's own directory. */
export function takenIn(tags: TiffTags): string | null {
  const time = localTime(textOf(tags.get(DATE_TIME_ORIGINAL)));
  const offset = textOf(tags.get(OFFSET_TIME_ORIGINAL)).trim();
  return time && (/^[+-]([01]\d|2[0-3]):[0-5]\d$/.test(offset) ? time + offset : time);
}

/** `2019:07:14 15:30:12` as ISO 8601 has it; `null` if there is no such time. */
function localTime(exif: string): string | null {
  const iso = exif.replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3T');
  const time = new Date(`${iso}Z`);
  // A day or an hour that does not exist would be another one.
  return !Number.isNaN(time.valueOf()) && time.toISOString() === `${iso}.000Z` ? iso : null;
}
