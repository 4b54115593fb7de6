import { getOrMake } from '../../src/base/maps';

/** B-cubed F of the groups of the faces whose person is known; who is in no group is alone. */
export function bcubedF(people: readonly number[], groupOf: (face: number) => number | undefined): number {
  const known = [...people.keys()].filter((face) => (people[face] as number) >= 0);
  const facesBy = (keyOf: (face: number) => string) => {
    const counts = new Map<string, number>();
    for (const face of known) counts.set(keyOf(face), getOrMake(counts, keyOf(face), () => 0) + 1);
    return (face: number) => counts.get(keyOf(face)) as number;
  };
  const group = (face: number) => String(groupOf(face) ?? `alone ${face}`);
  const inGroup = facesBy(group);
  const ofPerson = facesBy((face) => String(people[face]));
  const both = facesBy((face) => `${group(face)}, ${people[face]}`);
  const mean = (part: (face: number) => number) =>
    known.reduce((sum, face) => sum + both(face) / part(face), 0) / known.length;
  const [precision, recall] = [mean(inGroup), mean(ofPerson)];
  return (2 * precision * recall) / (precision + recall);
}
