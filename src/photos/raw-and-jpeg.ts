import { basename, dirname, extname, join } from 'node:path';
import { groupBy } from '../base/maps';
import { roleInPair } from './formats/formats';

/** What is taken of a raw photo and the JPEG or HEIC of the same name that the camera has put beside it. */
export const RAW_AND_JPEG = ['one', 'both'] as const;
export type RawAndJpeg = (typeof RAW_AND_JPEG)[number];

/** Files that have a JPEG or HEIC of the same name in the same folder: each with these, as they were given. */
export type BesidePictures = ReadonlyMap<string, readonly string[]>;

/** The raw photos among these that have a JPEG or HEIC of the same name among them, in the same folder. */
export function rawBesideJpeg(photos: Iterable<string>): BesidePictures {
  const all = [...photos];
  const raw = all.filter((photo) => roleInPair(photo) === 'raw');
  return besidePicture(raw, all);
}

/**
 * The videos of Live Photos: iPhones put one of three seconds beside a photo, under its name, as `.MOV`. Who is on it is on the photo,
 * too.
 */
export function videosOfLivePhotos(videos: readonly string[], photos: readonly string[]): BesidePictures {
  const movies = videos.filter((video) => extname(video).toLowerCase() === '.mov');
  return besidePicture(movies, photos);
}

function besidePicture(files: readonly string[], photos: readonly string[]): BesidePictures {
  // Most folders have none, and are not asked for the names of all their photos.
  if (files.length === 0) return new Map();
  const pictures = groupBy(
    photos.filter((photo) => roleInPair(photo) === 'picture'),
    shotOf,
  );
  return new Map(
    files.flatMap((file) => {
      const own = pictures.get(shotOf(file));
      return own ? [[file, own] as const] : [];
    }),
  );
}

/** What all files of one shot have in common: cameras and programs differ in how they write endings, and some in case. */
function shotOf(photo: string): string {
  return join(dirname(photo), basename(photo, extname(photo)).toLowerCase());
}
