import type { GroupedFace } from './carry-over';
import type { DecisionRecord } from './decisions';
import { compareFaces, type KnownFace } from './faces';
import { type MatchOptions, matchGroups } from './match';
import { KnownFaces } from './register';
import { View } from './view';

/**
 * Takes over the groups of some faces: `matchGroups` of these alone, as if the others were not there. Nobody is taken for another.
 * @param given all faces of those who are among them that the last run has found, and others
 */
export function matchSome(
  before: KnownFaces,
  records: readonly DecisionRecord[],
  given: readonly GroupedFace[],
  labels: ArrayLike<number>,
  { minPhotos, nextPerson }: Pick<MatchOptions, 'minPhotos' | 'nextPerson'>,
): View {
  const { register } = before;
  const some = new Set(given.flatMap((face) => before.placeOf(face) ?? []));
  const places = [...some].sort((a, b) => a - b);
  const faces = places.map((place) => before.at(place));
  const { known } = matchGroups({ ...register, faces }, records, given, labels, {
    absorb: false,
    minPhotos,
    nextPerson,
  });
  const found = known.register.faces;
  // Boxes are as they were, unless there are new ones.
  const isSame = found.length === places.length && found.every((face, i) => isAt(face, faces[i]));
  const all = [...register.faces];
  if (isSame) for (const [i, place] of places.entries()) all[place] = found[i] as KnownFace;
  const others = isSame ? all : [...all.filter((_, place) => !some.has(place)), ...found].sort(compareFaces);
  const { next } = known.register;
  return new View(
    new KnownFaces({ ...register, next, faces: others }, isSame ? before.index : undefined),
    records,
  );
}

function isAt(face: KnownFace, other: KnownFace | undefined): boolean {
  return other !== undefined && compareFaces(face, other) === 0;
}
