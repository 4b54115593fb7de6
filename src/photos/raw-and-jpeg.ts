import { basename, dirname, extname, join } from 'node:path';
import { roleInPair } from './formats/formats';

/** What is taken of a raw photo and the JPEG or HEIC of the same name that the camera has put beside it. */
export const RAW_AND_JPEG = ['one', 'both'] as const;
export type RawAndJpeg = (typeof RAW_AND_JPEG)[number];

/** The raw photos among these that have a JPEG or HEIC of the same name among them, in the same folder. */
export function rawBesideJpeg(photos: Iterable<string>): ReadonlySet<string> {
  const raw = new Map<string, string[]>();
  const others: string[] = [];
  for (const photo of photos) {
    const role = roleInPair(photo);
    if (role === 'raw') raw.set(shotOf(photo), [...(raw.get(shotOf(photo)) ?? []), photo]);
    else if (role === 'picture') others.push(photo);
  }
  // Most folders have none, and are not asked for the names of all their photos.
  if (raw.size === 0) return new Set();
  return new Set(others.flatMap((photo) => raw.get(shotOf(photo)) ?? []));
}

/** What all files of one shot have in common: cameras and programs differ in how they write endings, and some in case. */
function shotOf(photo: string): string {
  return join(dirname(photo), basename(photo, extname(photo)).toLowerCase());
}
