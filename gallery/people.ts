/* What people are called. */
import { personTitle } from '../src/people/names';
import type { GalleryOverview } from '../src/result/export/gallery/page-types';

const names = new Map<number, string>();
let numbersLast = false;

export function setPeople({ people, lastingLabels }: GalleryOverview): void {
  numbersLast = lastingLabels;
  for (const { label, name } of people) if (name !== null) names.set(label, name);
}

/** The person's name, or their number. */
export function personName(label: number): string {
  if (label < 0) return 'Unsorted faces';
  const name = names.get(label);
  return name === undefined && !numbersLast ? `Person ${label}` : personTitle(label, name);
}

/** Whether anybody was given a name. */
export function areNamed(): boolean {
  return names.size > 0;
}
