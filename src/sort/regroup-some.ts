import { groupBy } from '../base/maps';
import { clusterSome } from '../clustering/clusterer';
import type { GroupedFace } from '../people/carry-over';
import type { PersonId } from '../people/decisions';
import type { People } from '../people/people';
import { NO_FACE, NOBODY, type WhoIsWho } from '../people/who-is-who';
import type { FoundFaces } from './found-faces';
import { folderClusterer, type RegroupOptions } from './regroup';

/** A little more than the distance from which on `linkage` puts no two faces together, whatever else speaks for it. */
const NEAR = 0.53;
/** Pairs of faces that are looked at to find who is near: half a second. With more, all may be. */
const MOST_PAIRS = 6e6;
/** Most that are far are known to be after a few. */
const VALUES_AT_ONCE = 32;

/** The faces as points: each the mean of its encoding and its mirror image's. */
export class FacePoints {
  readonly #values: Float32Array;
  readonly #length: number;

  constructor({ toCluster: { encodings, mirrored } }: Pick<FoundFaces, 'toCluster'>) {
    this.#length = encodings[0]?.length ?? 0;
    this.#values = new Float32Array(encodings.length * this.#length);
    for (const [i, encoding] of encodings.entries()) {
      const other = mirrored?.[i] ?? encoding;
      const from = i * this.#length;
      for (let k = 0; k < this.#length; k++) {
        this.#values[from + k] = ((encoding[k] as number) + (other[k] as number)) / 2;
      }
    }
  }

  at(face: number): Float32Array {
    return this.#values.subarray(face * this.#length, (face + 1) * this.#length);
  }

  /** The mean of some. */
  centre(faces: readonly number[]): Float64Array {
    const sum = new Float64Array(this.#length);
    for (const face of faces) {
      const from = face * this.#length;
      for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (this.#values[from + k] as number);
    }
    return sum.map((value) => value / faces.length);
  }

  isNear(face: number, other: ArrayLike<number>): boolean {
    const from = face * this.#length;
    let sum = 0;
    for (let k = 0; k < this.#length; ) {
      for (const end = Math.min(k + VALUES_AT_ONCE, this.#length); k < end; k++) {
        const difference = (this.#values[from + k] as number) - (other[k] as number);
        sum += difference * difference;
      }
      if (sum > NEAR * NEAR) return false;
    }
    return true;
  }
}

export type RegroupSomeOptions = Pick<RegroupOptions, 'threshold' | 'minPhotos' | 'run'>;

/**
 * Groups what is nobody's since a decision, or is new: with the people whom it is near to, and with what else is nobody's. The same
 * comes of it as of grouping all faces while people are not compared with each other, but costs little: of all others, the middle
 * says how crowded it is there.
 * @param who of all faces
 * @throws FaceError as `linkage` and `People.update`
 */
export async function regroupSome(
  people: People,
  found: FoundFaces,
  points: FacePoints,
  who: WhoIsWho,
  options: RegroupSomeOptions,
): Promise<void> {
  const { faces, toCluster } = found;
  const { fresh } = who;
  if (fresh.length === 0) return;
  const somebodys = [...who.before.keys()].filter((place) => who.before[place] !== NOBODY);
  const byPerson = groupBy(somebodys, (place) => who.before[place] as PersonId);
  const groups = Array.from(byPerson, ([before, own]) => ({
    before,
    person: who.people[own[0] as number] as PersonId,
    centre: points.centre(own),
  }));
  const near = peopleNear(fresh, found, points, who, groups);
  const isNear = (person: PersonId) => near === undefined || near.has(person);
  const rows: number[] = [];
  for (const [place, person] of who.people.entries()) {
    if (person === NOBODY || (person !== NO_FACE && isNear(person))) rows.push(place);
  }
  const others = groups.filter(({ person }) => !isNear(person));
  const centres = others.map(({ centre }) => centre);
  const own = rows.map((place) => faces[place] as GroupedFace);
  const { people: known, noFaces: _, ...constraints } = people.constraints(own);
  const clusterer = folderClusterer(options.threshold, toCluster);
  const of = <T>(values: readonly T[], more: readonly T[]) => [
    ...rows.map((place) => values[place] as T),
    ...more,
  ];
  const { labels } = await clusterSome(
    clusterer,
    {
      encodings: of(toCluster.encodings, centres),
      mirrored: toCluster.mirrored && of(toCluster.mirrored, centres),
      unclear: of(
        toCluster.unclear,
        others.map(() => false),
      ),
      ids: of(
        toCluster.ids,
        others.map(({ before }) => `person ${before}`),
      ),
      known: {
        ...constraints,
        people: [...known, ...others.map(({ before }) => before)],
        joinPeople: false,
      },
    },
    [...Array(rows.length + others.length).keys()],
    options.run,
  );
  // Of all groups, those matter that somebody may come to.
  const open = new Set(
    rows.flatMap((place, i) => (who.people[place] === NOBODY ? (labels[i] as number) : [])),
  );
  const touched = [...rows.keys()].filter((i) => open.has(labels[i] as number));
  await people.updateSome(
    touched.map((i) => own[i] as GroupedFace),
    touched.map((i) => labels[i] as number),
    options,
  );
}

/**
 * Who may have something to do with these faces: who is near to one, or to what is nobody's and near to one.
 * @param centres of all people, before merges
 * @returns `undefined` if that would take long: all may be
 */
function peopleNear(
  fresh: readonly number[],
  { toCluster }: FoundFaces,
  points: FacePoints,
  { people }: WhoIsWho,
  centres: readonly { readonly person: PersonId; readonly centre: Float64Array }[],
): ReadonlySet<PersonId> | undefined {
  const near = new Set<PersonId>();
  const asked = new Set(fresh);
  const isFresh = new Set(fresh);
  // This goes on with what is added.
  for (const face of asked) {
    if (asked.size * people.length > MOST_PAIRS) return undefined;
    const point = points.at(face);
    for (const [place, person] of people.entries()) {
      if (person === NO_FACE || near.has(person) || !points.isNear(place, point)) continue;
      if (person !== NOBODY) near.add(person);
      else if (isFresh.has(face) && !toCluster.unclear[place]) asked.add(place);
    }
    // No face of theirs may be as near as their middle is.
    for (const { person, centre } of centres) if (points.isNear(face, centre)) near.add(person);
  }
  return near;
}
