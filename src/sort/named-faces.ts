import { overlap } from '../base/box';
import type { Box, PhotoFacts } from '../base/types';
import type { NamesInPhoto } from '../metadata/names-in-photo';
import { uprightBox } from '../metadata/turned';
import { foldedName } from '../system/file-name';

/** From this overlap on (intersection over union), a region is of a face. */
const SAME_FACE = 0.35;
/**
 * How many times as large as a face a region may be that lies around it, and of no other: programs that draw it around the whole head
 * make it up to two and a half times as wide. Three times as wide overlaps by 0.11 only.
 */
const AROUND_IT = 9;

/**
 * Who the faces of a photo are, by the names that are written in it: each region is one face at most, and each name, those that fit
 * best first. A name without a region is of use where there is one name and one face.
 * @param boxes of the faces, in pixels of the upright photo
 * @param facts of the photo; `undefined`: where its regions are is not known
 * @returns the name of each face; `undefined`: none
 */
export function namedFaces(
  { regions, people }: NamesInPhoto,
  boxes: readonly Box[],
  facts: PhotoFacts | undefined,
): (string | undefined)[] {
  const names = new Array<string | undefined>(boxes.length).fill(undefined);
  const [only, ...others] = new Set(people.map(foldedName));
  if (regions.length === 0 && boxes.length === 1 && only !== undefined && others.length === 0) {
    return [people[0]];
  }
  if (!facts) return names;
  const placed = regions.map(({ name, area }) => ({
    name,
    box: uprightBox(area, facts.orientation ?? 1, facts.width, facts.height),
  }));
  const given = new Set<string>();
  const give = (face: number, name: string) => {
    if (names[face] !== undefined || given.has(foldedName(name))) return;
    names[face] = name;
    given.add(foldedName(name));
  };
  const pairs = placed.flatMap((region) =>
    boxes.map((box, face) => ({ ...region, face, shared: overlap(region.box, box) })),
  );
  const fitting = pairs.filter(({ shared }) => shared >= SAME_FACE).sort((a, b) => b.shared - a.shared);
  for (const { face, name } of fitting) give(face, name);
  const around = pairs.filter(
    ({ face, name, box }) =>
      names[face] === undefined && !given.has(foldedName(name)) && isAround(box, boxes[face] as Box),
  );
  for (const pair of around) {
    const isOnly = around.every(({ face, box }) => (face === pair.face) === (box === pair.box));
    if (isOnly) give(pair.face, pair.name);
  }
  return names;
}

/** Whether a region lies around a face: each has the middle of the other in it, and it is not too large. */
function isAround(region: Box, face: Box): boolean {
  return (
    holdsMiddleOf(region, face) && holdsMiddleOf(face, region) && areaOf(region) <= AROUND_IT * areaOf(face)
  );
}

function holdsMiddleOf({ top, right, bottom, left }: Box, other: Box): boolean {
  const [x, y] = [(other.left + other.right) / 2, (other.top + other.bottom) / 2];
  return left <= x && x <= right && top <= y && y <= bottom;
}

function areaOf({ top, right, bottom, left }: Box): number {
  return (bottom - top) * (right - left);
}
