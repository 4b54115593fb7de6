import type { Box, PhotoFacts } from '../base/types';
import type { NamesInPhoto } from '../metadata/names-in-photo';
import { foldedName } from '../system/file-name';
import { matchRegions } from './match-regions';

/**
 * Who the faces of a photo are, by the names that are written in it: by its regions, see {@link matchRegions}; a name without one is of
 * use where there is one name, one face and no region.
 * @param boxes of the faces, in pixels of the upright photo
 * @param facts of the photo; `undefined`: where its regions are is not known
 * @returns the name of each face; `undefined`: none
 */
export function namedFaces(
  { regions, people }: NamesInPhoto,
  boxes: readonly Box[],
  facts: PhotoFacts | undefined,
): (string | undefined)[] {
  if (regions.length === 0) {
    const isClear = boxes.length === 1 && new Set(people.map(foldedName)).size === 1;
    return boxes.map(() => (isClear ? people[0] : undefined));
  }
  return facts
    ? matchRegions(regions, boxes, facts).map((region) => region?.name)
    : boxes.map(() => undefined);
}
