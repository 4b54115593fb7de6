import type { PhotoId } from '../base/ids';
import type { PhotoResult } from './journal/records';

/** A photo as it was read: where, what, and how it is known again. */
export interface PhotoIdentity {
  readonly path: string;
  readonly content: PhotoId;
  /** See `photoState`. */
  readonly state: string | undefined;
}

/** What came of a photo, without the faces. */
export interface PhotoEntry extends Omit<PhotoResult, 'faces'> {
  /** How many there are. */
  readonly faces: number;
  /** Whether the mirror images of all of them are encoded. */
  readonly mirrored: boolean;
  /** Path of the photo, which the reason of a problem names. */
  readonly path?: string;
}

/**
 * What a store has at hand of a result.
 * @param path of the photo
 */
export function entryOf(
  path: string,
  {
    width,
    height,
    taken,
    hash,
    faces,
    problem,
    warning,
  }: Omit<PhotoResult, 'faces'> & { readonly faces: readonly { readonly mirrored?: unknown }[] },
): PhotoEntry {
  return {
    width,
    height,
    faces: faces.length,
    mirrored: faces.every(({ mirrored }) => mirrored !== undefined),
    ...(taken && { taken }),
    ...(hash !== undefined && { hash }),
    ...(problem && { path, problem }),
    ...(warning !== undefined && { warning }),
  };
}

/** Where the results of photos are kept; the journal is one. Results are found by what a photo's file contains. */
export interface PhotoStore {
  /** What is known of photos with this content. */
  entry(content: PhotoId): PhotoEntry | undefined;
  /** What came of a photo with this content, with the faces. @throws FaceError if it can't be read */
  result(content: PhotoId): Promise<PhotoResult>;
  /** Keeps what came of a photo, in place of what is known of its content. @throws FaceError if it can't */
  add(photo: PhotoIdentity, result: PhotoResult): Promise<PhotoEntry>;
  /** Notes that a photo with a known content is here now. @throws FaceError if it can't */
  recognize(photo: PhotoIdentity): Promise<void>;
}
