import { groupBy } from '../base/maps';
import type { FaceRecord } from '../base/types';

/**
 * Finds the faces that are inside others: for each face the place of the one on the same photo whose box holds all of its
 * box, the smallest of several; of two equal boxes the first holds the other. `null` where none does.
 */
export function findHolders(records: readonly FaceRecord[]): (number | null)[] {
  const holders = new Array<number | null>(records.length).fill(null);
  const record = (index: number) => records[index] as FaceRecord;
  const onPhoto = groupBy(records.keys(), (index) => record(index).imagePath);
  const box = (index: number) => record(index).loc;
  const area = (index: number) => (box(index).bottom - box(index).top) * (box(index).right - box(index).left);
  for (const indices of onPhoto.values()) {
    if (indices.length === 1) continue;
    // From left to right, and the larger ones first: what holds a box comes before it, and reaches as far to the right.
    const sorted = [...indices].sort((a, b) => box(a).left - box(b).left || area(b) - area(a) || a - b);
    let open: number[] = [];
    for (const index of sorted) {
      const { top, right, bottom, left } = box(index);
      open = open.filter((other) => box(other).right > left);
      let holder: number | null = null;
      for (const other of open) {
        const outer = box(other);
        if (outer.right < right || outer.top > top || outer.bottom < bottom) continue;
        if (holder === null || area(other) < area(holder)) holder = other;
      }
      holders[index] = holder;
      open.push(index);
    }
  }
  return holders;
}
