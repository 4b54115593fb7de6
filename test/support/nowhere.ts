import type { FacePlaces } from '../../src/output/clusters-data';

/** Of a face of which nothing has been written. */
export const NOWHERE: FacePlaces = {
  file: null,
  crop: null,
  thumbnail: null,
  photoThumbnail: null,
  photoWidth: null,
  photoHeight: null,
};
