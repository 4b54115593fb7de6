import { faceNames, type PhotoId } from '../base/ids';
import type { FaceRecord } from '../base/types';
import type { FacesToCluster } from './clusterer';
import { findUnclear, type MeasuredFace } from './unclear';

/** What is known of faces beside what an encodings file says, such as by the journal beside it. */
export interface KnownFaces {
  /** In the order of the encodings file. */
  readonly faces: readonly ((MeasuredFace & { readonly mirrored?: Float64Array }) | undefined)[];
  /** By path. */
  readonly photos: ReadonlyMap<string, { readonly content: PhotoId }>;
}

/** Puts together what clusterers take. */
export function facesToCluster(
  records: readonly FaceRecord[],
  known: KnownFaces | undefined,
): Required<Omit<FacesToCluster, 'known'>> {
  const mirrored = records.flatMap((_, index) => known?.faces[index]?.mirrored ?? []);
  return {
    encodings: records.map(({ encoding }) => encoding),
    mirrored: mirrored.length === records.length ? mirrored : undefined,
    unclear: findUnclear(records, (index) => known?.faces[index]),
    ids: faceNames(records, (imagePath) => known?.photos.get(imagePath)?.content),
  };
}
