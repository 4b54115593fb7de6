/* Why faces are nobody's. */
import { editing } from './editing';

/** @param label -1: unsorted, -2: too unclear to tell */
export function whyNobodys(label: number): string {
  const known = editing ? ' If you know who somebody is, select the face and say so.' : '';
  if (label === -1)
    return `These faces are like too few others to make a person: people who are seldom on your photos, unusual views, and what was taken for a face.${known}`;
  return `By these nobody can be told for sure, so they are kept apart from people: blurs, parts of other faces, and what is hardly a face at all, such as a pattern or a statue.${known}`;
}
