import { createHash } from 'node:crypto';
import type { Box, FaceRecord } from './types';

/*
 * What lasts has an identity that any run finds again, whatever the file is called by then. Places in a list and labels are
 * for the Python project's formats only.
 */

/**
 * Names a photo: SHA-256 of its file's bytes in 64 hexadecimal digits. Copies of a photo are one photo; one that was edited,
 * turned or tagged since is another. A frame of a video is a photo, too: of its id, the last 48 digits are those of the video's
 * SHA-256, and the first 16 are the video's as well, mixed (exclusive or) with those of the SHA-256 of `#t=12.5`, its place.
 */
export type PhotoId = string;

/**
 * Names a face by its photo and its box, fit for names of files and addresses:
 * `<first 16 digits of the photo's id>_<top>_<right>_<bottom>_<left>`, such as `9f86d081884c7d65_20_120_121_19`. The same on
 * all copies of the photo.
 */
export type FaceId = string;

/**
 * 64 bits: among a million photos the odds that any two begin alike are 1 in 37 million, and even then the faces have to have
 * the same box to be taken for each other. All 64 digits would make names that nobody can read or compare.
 */
const PHOTO_DIGITS = 16;

/** What names a photo in the ids of its faces, and in addresses. */
export function shortPhotoId(photo: PhotoId): string {
  return photo.slice(0, PHOTO_DIGITS);
}

/**
 * The digits of a photo's id that name its file: all frames of a video have the same. Two files have them in common as rarely as
 * all 64.
 */
export function fileOfPhoto(photo: PhotoId): string {
  return photo.slice(PHOTO_DIGITS);
}

/** How many different files photos are in: a video counts once, however many of its frames there are. */
export function countFiles(photos: Iterable<PhotoId>): number {
  return new Set(Array.from(photos, fileOfPhoto)).size;
}

/**
 * The id of a frame, given that of its video; and the video's, given a frame's. The first 16 digits, which tell one photo from
 * another in {@link FaceId}, are joined by exclusive or with those of the SHA-256 of the frame's name; the other 48, by which the
 * file is known, stay.
 * @param name of the frame in the video: `#t=12.5`
 */
export function frameOfVideo(id: PhotoId, name: string): PhotoId {
  const mask = createHash('sha256').update(name).digest().readBigUInt64BE();
  const mixed = BigInt(`0x${shortPhotoId(id)}`) ^ mask;
  return mixed.toString(16).padStart(PHOTO_DIGITS, '0') + fileOfPhoto(id);
}

/**
 * What names faces, the same whatever their order: their ids, or, where the photo's is not known, path and box. The faces on
 * copies of a photo have the same.
 * @param photoId the id of the photo at a path
 */
export function faceNames(
  faces: readonly FaceRecord[],
  photoId: (imagePath: string) => PhotoId | undefined,
): string[] {
  return faces.map(({ imagePath, loc }) => {
    const photo = photoId(imagePath);
    return photo === undefined
      ? JSON.stringify([imagePath, loc.top, loc.right, loc.bottom, loc.left])
      : faceId(photo, loc);
  });
}

/** The id of the face in `box`, in pixels of the upright photo. */
export function faceId(photo: PhotoId, { top, right, bottom, left }: Box): FaceId {
  return `${shortPhotoId(photo)}_${top}_${right}_${bottom}_${left}`;
}
