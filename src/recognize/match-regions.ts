import { areaOf, overlap } from '../base/box';
import type { Box, PhotoFacts } from '../base/types';
import type { NamedRegion } from '../metadata/names-in-photo';
import { uprightBox } from '../metadata/turned';
import { FaceIndex } from '../people/faces';

/**
 * How many times as large as a face a region may be that lies around it: some programs draw it around the whole head, up to three times
 * as wide as a detector's box, and the two overlap by 0.11 only then.
 */
const AROUND = 9;

/**
 * Whom a photo's regions name: which region is which face. Two overlap by 0.35 at least, intersection over union, for other programs
 * draw their boxes larger or smaller; each region is one face at most and each face one region, those that overlap most first. A
 * region that is left also is the face that it lies around, if it is the only one, and in no other.
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
  const taken = new Set(found);
  const around = boxes.flatMap((region, place) =>
    faces.flatMap((face, i) =>
      !taken.has(place) && found[i] === undefined && isAround(region, face) ? { place, i } : [],
    ),
  );
  for (const { place, i } of around) {
    if (around.every((other) => (other.place === place) === (other.i === i))) found[i] = place;
  }
  return found.map((place) => (place === undefined ? undefined : regions[place]));
}

/** Whether a region lies around a face: it holds nine tenths of it, has its middle in it, and is not too large. */
function isAround(region: Box, face: Box): boolean {
  const shared = overlap(region, face);
  const both = (shared / (1 + shared)) * (areaOf(region) + areaOf(face));
  const middle = [(region.left + region.right) / 2, (region.top + region.bottom) / 2] as const;
  return both >= 0.9 * areaOf(face) && areaOf(region) <= AROUND * areaOf(face) && holds(face, ...middle);
}

function holds({ top, right, bottom, left }: Box, x: number, y: number): boolean {
  return left <= x && x <= right && top <= y && y <= bottom;
}
