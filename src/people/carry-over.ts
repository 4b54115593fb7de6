import { getOrMake } from '../base/maps';
import { centreOf } from '../clustering/centre';
import { compareFaces, FaceIndex, type FoundFace, type KnownFace } from './faces';
import type { Register } from './register';

/** A face that a run has found and grouped. */
export interface GroupedFace extends FoundFace {
  readonly encoding: Float64Array;
  /** The mirror image's encoding; used if that of all faces is known. */
  readonly mirrored?: Float64Array | undefined;
}

/** The faces of a run, and those of before that it did not find. */
export interface CarriedOver {
  /** In the order of photos and boxes. */
  readonly faces: readonly KnownFace[];
  /** The places of the faces of each group, in the order of their first faces: numbers of groups mean nothing. */
  readonly groups: readonly (readonly number[])[];
  /** What a face of this run is compared by. */
  readonly encodingOf: (place: number) => Float64Array;
  /** How many faces the run before has found, and this one has not. */
  readonly gone: number;
  /** How many faces this run has found, and the one before has not. */
  readonly back: number;
}

/** Finds the faces of before among those of a run. */
export function carryOver(
  before: Register,
  given: readonly GroupedFace[],
  labels: ArrayLike<number>,
): CarriedOver {
  const places = oneOfCopies(given, labels);
  const found = places.map((place) => given[place] as GroupedFace);
  const earlier = new FaceIndex(before.faces).pairWith(found);
  const again = new Set(earlier);
  const away = before.faces.filter((_, i) => !again.has(i));
  const all: { readonly face: KnownFace; readonly place?: number }[] = [
    ...found.map((face, i) => {
      const known = earlier[i];
      return {
        face: foundAgain(face, known === undefined ? undefined : before.faces[known]),
        place: places[i] as number,
      };
    }),
    ...away.map((face) => ({ face: face.gone ? face : { ...face, gone: true as const } })),
  ];
  all.sort((a, b) => compareFaces(a.face, b.face));

  const groups = new Map<number, number[]>();
  for (const [i, { place }] of all.entries()) {
    const label = place === undefined ? -1 : (labels[place] as number);
    if (label >= 0) getOrMake(groups, label, () => []).push(i);
  }
  const mirrored = found.every((face) => face.mirrored !== undefined);
  return {
    faces: all.map(({ face }) => face),
    groups: [...groups.values()],
    encodingOf: (i) => {
      const place = all[i]?.place as number;
      const { encoding, mirrored: other } = given[place] as GroupedFace;
      return mirrored && other ? centreOf([encoding, other]) : encoding;
    },
    gone: away.filter(({ gone }) => !gone).length,
    back: earlier.filter((known) => known !== undefined && before.faces[known]?.gone).length,
  };
}

/** A face of before, at the place where it is now. */
function foundAgain({ photo, box }: GroupedFace, known: KnownFace | undefined): KnownFace {
  if (known === undefined) return { photo, box };
  const { gone, first = known.box, was: before = [], ...kept } = known;
  const moved = compareFaces({ photo, box: first }, { photo, box }) !== 0;
  const was = [...new Set([...before, known.photo])].filter((id) => id !== photo);
  return { ...kept, photo, box, ...(moved && { first }), ...(was.length > 0 && { was }) };
}

/**
 * The places of the faces, in the order of photos and boxes; of those on copies of a photo one: that in the largest group, and
 * of groups of one size that with the first faces, whatever the order of faces and the numbers of groups.
 */
function oneOfCopies(given: readonly GroupedFace[], labels: ArrayLike<number>): number[] {
  const order = [...given.keys()].sort((a, b) => compareFaces(faceAt(a), faceAt(b)) || a - b);
  function faceAt(place: number): GroupedFace {
    return given[place] as GroupedFace;
  }
  const copies: number[][] = [];
  for (const place of order) {
    const last = copies.at(-1);
    if (last && compareFaces(faceAt(last[0] as number), faceAt(place)) === 0) last.push(place);
    else copies.push([place]);
  }
  if (copies.length === given.length) return order;

  const members = new Map<number, number[]>();
  for (const [i, places] of copies.entries()) {
    for (const label of new Set(places.map((place) => labels[place] as number))) {
      if (label >= 0) getOrMake(members, label, () => []).push(i);
    }
  }
  const compareGroups = (a: number, b: number) => {
    if (a === b) return 0;
    const [one, other] = [members.get(a) ?? [], members.get(b) ?? []];
    const differs = one.findIndex((face, i) => face !== other[i]);
    return (
      other.length - one.length || (differs < 0 ? 0 : (one[differs] as number) - (other[differs] as number))
    );
  };
  return copies.map((places) =>
    places.reduce((best, place) =>
      compareGroups(labels[place] as number, labels[best] as number) < 0 ? place : best,
    ),
  );
}
