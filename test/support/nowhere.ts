import type { FaceData, FaceFacts, FacePlaces } from '../../src/result/export/clusters-data';

/** Of a face of which nothing has been written. */
export const NOWHERE: FacePlaces = {
  file: null,
  crop: null,
  thumbnail: null,
  photoThumbnail: null,
};

/** Of a face on a photo of which nothing is known. */
export const UNIDENTIFIED = {
  id: null,
  photoId: null,
  photoWidth: null,
  photoHeight: null,
  photoOrientation: null,
  photoTaken: null,
} satisfies Partial<FaceData>;

/** Of faces of which nothing is known but what the encodings file says. */
export const UNKNOWN: FaceFacts = {
  measured: () => undefined,
  unclear: () => false,
  photoId: () => undefined,
  photo: () => undefined,
  several: () => undefined,
  name: () => undefined,
  cover: () => undefined,
};
