import type { ClusterData, FaceData } from '../output/clusters-data';
import { boxOnPhoto } from './box-on-photo';
import type { GroupPhotoFace } from './data';

/** The photos with several faces. */
export interface GroupPhotos {
  /** All faces on each of them. */
  readonly photos: readonly (readonly GroupPhotoFace[])[];
  /** The number of each in `photos`, by its path in the encodings file. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Finds the photos with several faces, in the order in which the clusters' faces come to them. */
export function groupPhotosOf(clusters: readonly ClusterData[]): GroupPhotos {
  const byPhoto = new Map<string, { readonly label: number; readonly face: FaceData }[]>();
  for (const { label, faces } of clusters) {
    for (const face of faces) {
      const onPhoto = byPhoto.get(face.photo);
      if (onPhoto) onPhoto.push({ label, face });
      else byPhoto.set(face.photo, [{ label, face }]);
    }
  }
  const photos: GroupPhotoFace[][] = [];
  const numbers = new Map<string, number>();
  for (const [path, onPhoto] of byPhoto) {
    if (onPhoto.length < 2) continue;
    numbers.set(path, photos.length);
    photos.push(onPhoto.map(({ label, face }) => ({ index: face.index, label, box: boxOnPhoto(face) })));
  }
  return { photos, numbers };
}
