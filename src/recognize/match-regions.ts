import type { Box, PhotoFacts } from '../base/types';
import type { NamedRegion } from '../metadata/names-in-photo';
import { uprightBox } from '../metadata/turned';
import { FaceIndex } from '../people/faces';

/**
 * Whom a photo's regions name: which region is which face. Two overlap by 0.35 at least, intersection over union, for other programs
 * draw their boxes larger or smaller; each region is one face at most and each face one region, those that overlap most first.
 * @param faces boxes on the upright photo
 * @param facts of that photo
 * @returns the region of each face; `undefined`: none
 */
export function matchRegions(
  regions: readonly NamedRegion[],
  faces: readonly Box[],
  { width, height, orientation }: Pick<PhotoFacts, 'width' | 'height' | 'orientation'>,
): (NamedRegion | undefined)[] {
  const onPhoto = (box: Box) => ({ photo: '', box });
  const boxes = regions.map(({ area }) => uprightBox(area, orientation ?? 1, width, height));
  const found = new FaceIndex(boxes.map(onPhoto)).pairWith(faces.map(onPhoto));
  return found.map((place) => (place === undefined ? undefined : regions[place]));
}
