import type { FaceFacts, FacePlaces } from '../../src/result/export/clusters-data';

/** Of a face of which nothing has been written. */
export const NOWHERE: FacePlaces = {
  file: null,
  crop: null,
  thumbnail: null,
  photoThumbnail: null,
  photoWidth: null,
  photoHeight: null,
};

/** Of faces of which nothing is known but what the encodings file says: each path is a photo of its own. */
export const UNKNOWN: FaceFacts = { score: () => null, photoId: (imagePath) => imagePath };
