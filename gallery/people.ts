/* What people are called, and how much there is of them. */
import { personTitle } from '../src/people/names';
import type { GalleryOverview, GalleryPerson } from '../src/result/export/gallery/page-types';
import { count } from './elements';

const names = new Map<number, string>();
/** Names that are being saved. */
const expected = new Map<number, string>();
/** Who people were made one with. */
const heirs = new Map<number, number>();
let numbersLast = false;

/** @param hidden people who have a name all the same */
export function setPeople(
  { people, lastingLabels }: GalleryOverview,
  hidden: readonly GalleryPerson[] = [],
): void {
  numbersLast = lastingLabels;
  names.clear();
  for (const { label, name } of [...people, ...hidden]) if (name !== null) names.set(label, name);
}

/** The person's name, or their number. */
export function personName(label: number): string {
  return givenName(label) ?? personNumber(label);
}

/** What somebody without a name is called. */
export function personNumber(label: number): string {
  if (label < 0) return label === -1 ? 'Unsorted faces' : 'Unclear faces';
  return numbersLast ? personTitle(label, undefined) : `Person ${label}`;
}

/** What somebody has named the person, or is about to. */
export function givenName(label: number): string | undefined {
  return expected.has(label) ? expected.get(label) || undefined : names.get(label);
}

/** Shows a name before it is saved. @param name '' for none; `undefined`: it is saved, or could not be */
export function expectName(label: number, name: string | undefined): void {
  if (name === undefined) expected.delete(label);
  else expected.set(label, name);
}

/** What a face is called on its photo. */
export function faceName(label: number): string {
  return label >= 0 ? personName(label) : label === -1 ? 'Unsorted face' : 'Unclear face';
}

/** Remembers with whom somebody is made one, for where the page of that person leads. */
export function makeOne(label: number, into: number): void {
  heirs.set(label, into);
  // It may have been the other way around, before that was undone.
  heirs.delete(into);
}

/** Who of `people` somebody is by now: whom they were made one with, as far as that was done here; `undefined`: nobody. */
export function presentLabel(label: number, people: readonly GalleryPerson[]): number | undefined {
  if (people.some((person) => person.label === label)) return label;
  const heir = heirs.get(label);
  return heir === undefined ? undefined : presentLabel(heir, people);
}

/** Strong characters of scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]|[\ud802-\ud803\ud83a-\ud83b][\udc00-\udfff]/;

/** A name for the middle of a sentence that is text alone: one from right to left must not reach what is around it. */
export function inText(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
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

/** Whether two names are one, but for upper and lower case and the two ways to store accents (macOS has its own). */
export function isSameName(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase();
  return plain(a) === plain(b);
}
