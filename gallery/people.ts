/* What people are called, and how much there is of them. */
import { personTitle } from '../src/people/names';
import type { GalleryOverview, GalleryPerson } from '../src/result/export/gallery/page-types';
import { count } from './elements';

const names = new Map<number, string>();
let numbersLast = false;

export function setPeople({ people, lastingLabels }: GalleryOverview): void {
  numbersLast = lastingLabels;
  names.clear();
  for (const { label, name } of people) if (name !== null) names.set(label, name);
}

/** The person's name, or their number. */
export function personName(label: number): string {
  if (label < 0) return label === -1 ? 'Unsorted faces' : 'Unclear faces';
  const name = names.get(label);
  return name === undefined && !numbersLast ? `Person ${label}` : personTitle(label, name);
}

/** What a face is called on its photo. */
export function faceName(label: number): string {
  return label >= 0 ? personName(label) : label === -1 ? 'Unsorted face' : 'Unclear face';
}

/** Whether that person was given a name. */
export function isNamed(label: number): boolean {
  return names.has(label);
}

/** Whether anybody was given a name. */
export function areNamed(): boolean {
  return names.size > 0;
}

export function amountOf({ faces, photos, distinctPhotos, unclear }: GalleryPerson): string {
  const copies = distinctPhotos < photos ? ` (${distinctPhotos.toLocaleString('en')} different)` : '';
  const onPhotos = `${count(photos, 'photo')}${copies}`;
  const amount = faces === photos ? onPhotos : `${onPhotos}, ${count(faces, 'face')}`;
  return unclear === 0 ? amount : `${amount}, ${unclear.toLocaleString('en')} too unclear to tell`;
}
