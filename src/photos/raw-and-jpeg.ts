import { basename, dirname, extname, join } from 'node:path';
import { roleInPair } from './formats/formats';

/** What is taken of a raw photo and the JPEG or HEIC of the same name that the camera has put beside it. */
export const RAW_AND_JPEG = ['one', 'both'] as const;
export type RawAndJpeg = (typeof RAW_AND_JPEG)[number];

/** The raw photos among these that have a JPEG or HEIC of the same name among them, in the same folder. */
export function rawBesideJpeg(photos: Iterable<string>): ReadonlySet<string> {
  const all = [...photos];
  const raw = all.filter((photo) => roleInPair(photo) === 'raw');
  return besidePicture(raw, all);
}

/**
 * The videos of Live Photos: iPhones put one of three seconds beside a photo, under its name, as `.MOV`. Who is on it is on the photo,
 * too.
 */
export function videosOfLivePhotos(
  videos: readonly string[],
  photos: readonly string[],
): ReadonlySet<string> {
  const movies = videos.filter((video) => extname(video).toLowerCase() === '.mov');
  return besidePicture(movies, photos);
}

/** Those files that have a JPEG or HEIC of the same name among `photos`, in the same folder. */
function besidePicture(files: readonly string[], photos: readonly string[]): ReadonlySet<string> {
  // Most folders have none, and are not asked for the names of all their photos.
  if (files.length === 0) return new Set();
  const pictures = new Set(photos.filter((photo) => roleInPair(photo) === 'picture').map(shotOf));
  return new Set(files.filter((file) => pictures.has(shotOf(file))));
}

/** What all files of one shot have in common: cameras and programs differ in how they write endings, and some in case. */
function shotOf(photo: string): string {
  return join(dirname(photo), basename(photo, extname(photo)).toLowerCase());
}
