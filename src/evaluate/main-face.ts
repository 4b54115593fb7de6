import type { Box } from '../base/types';

/**
 * The face that a photo in a person's folder is of. In Labeled Faces in the Wild that is the one nearest to the middle; photos of
 * one's own are not cut out like that, so here it is the largest, too. `knownPeople` asks for more, one that is by far the largest:
 * what it takes wrongly names other people's photos, here it is one face of many in a mean.
 * @param size of the upright photo; `undefined` if it is not known
 * @returns its place; `undefined` where the largest is not the one nearest to the middle: it may be either
 */
export function mainFace(
  boxes: readonly Box[],
  size: { readonly width: number; readonly height: number } | undefined,
): number | undefined {
  if (boxes.length < 2) return boxes.length === 0 ? undefined : 0;
  if (!size) return undefined;
  const area = ({ top, right, bottom, left }: Box) => (bottom - top) * (right - left);
  const offMiddle = ({ top, right, bottom, left }: Box) =>
    Math.hypot(left + right - size.width, top + bottom - size.height);
  const first = (is: (one: Box, other: Box) => boolean) =>
    boxes.reduce((best, box, i) => (is(box, boxes[best] as Box) ? i : best), 0);
  const largest = first((one, other) => area(one) > area(other));
  return largest === first((one, other) => offMiddle(one) < offMiddle(other)) ? largest : undefined;
}
