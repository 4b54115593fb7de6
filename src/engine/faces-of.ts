import type { PhotoFacts } from '../base/types';
import type { OpenedImage } from '../photos/decode';
import type { DetectOptions, EncodeFaceOptions, FaceEngine, MeasureOptions } from './engine';
import type { EncodedFace } from './faces';

/** What is on a photo. */
export interface PhotoFaces extends PhotoFacts {
  readonly faces: readonly EncodedFace[];
  /** What is wrong with the photo although it was used; a sentence that does not name it. */
  readonly warning?: string;
}

/**
 * What is on a photo, and nothing else: where it came from and what becomes of it is for the caller to know.
 * @throws FaceError as {@link FaceEngine.detectAndEncode} does
 */
export async function facesOf(
  photo: OpenedImage,
  engine: Pick<FaceEngine, 'detectAndEncode'>,
  options: DetectOptions & EncodeFaceOptions & MeasureOptions,
): Promise<PhotoFaces> {
  const faces = await engine.detectAndEncode(photo, options);
  const { facts, warning } = photo;
  return { ...facts, faces, ...(warning !== undefined && { warning }) };
}
