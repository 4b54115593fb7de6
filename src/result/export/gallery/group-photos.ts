import type { GalleryFace, GroupPhotoFace } from './page-types';

/** The photos with several faces. */
export interface GroupPhotos {
  /** All faces on each of them. */
  readonly photos: readonly (readonly GroupPhotoFace[])[];
  /** The number of each in `photos`, by its path in the encodings file. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Finds the photos with several faces, in the order in which the faces come to them. */
export function groupPhotosOf(faces: readonly Omit<GalleryFace, 'groupPhoto'>[]): GroupPhotos {
  const byPhoto = new Map<string, GroupPhotoFace[]>();
  for (const { path, id, label, box } of faces) {
    const onPhoto = byPhoto.get(path);
    if (onPhoto) onPhoto.push({ id, label, box });
    else byPhoto.set(path, [{ id, label, box }]);
  }
  const groups = [...byPhoto].filter(([, onPhoto]) => onPhoto.length > 1);
  return {
    photos: groups.map(([, onPhoto]) => onPhoto),
    numbers: new Map(groups.map(([path], number) => [path, number])),
  };
}
