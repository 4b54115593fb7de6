import type { PhotoId } from '../base/ids';
import type { FaceRecord } from '../base/types';
import type { KnownPeople } from '../clustering/known-people';
import { besideEncodings } from '../encodings/beside';
import type { GroupedFace } from './carry-over';
import type { PersonId } from './decisions';
import { isFaceOnPhoto } from './faces';
import type { PeopleChanges } from './match';
import { People } from './people';

/** Who is who in a run. */
export interface PeopleOfRun {
  /** The person of each face; -1: nobody. */
  readonly labels: Int32Array;
  readonly names: ReadonlyMap<PersonId, string>;
  /** Places of the faces that are not to be shown: those of hidden people, and what is no face. */
  readonly hidden: ReadonlySet<number>;
  readonly changes: PeopleChanges;
}

/**
 * Where the people of an encodings file are. Each file has its own: a run over another one, of other photos perhaps, would take
 * all faces of the first for gone.
 */
export function peoplePath(encodings: string): Promise<string> {
  return besideEncodings(encodings, 'people.jsonl', '.lock.heal');
}

/**
 * Finds the people of before in the groups of a run, see `People.update`.
 * @param path of the file of decisions; it is made if it is not there
 * @param photoIds by path; faces on photos without one can't be found again, and are nobody's
 * @param group groups the faces at these places, as far as it can by what is known of all faces; its result has a label for each
 *   face, too. Nobody else can decide anything meanwhile
 * @throws FaceError as `People.open` and `People.update`, and what `group` throws: nothing was changed then
 */
export async function peopleOfRun(
  path: string,
  by: string,
  records: readonly FaceRecord[],
  photoIds: ReadonlyMap<string, PhotoId>,
  mirrored: readonly Float64Array[] | undefined,
  group: (places: readonly number[], known: KnownPeople) => Promise<ArrayLike<number>>,
): Promise<PeopleOfRun> {
  const people = await People.open(path, { by });
  try {
    const faces: GroupedFace[] = [];
    const places: number[] = [];
    for (const [place, { imagePath, loc: box, encoding }] of records.entries()) {
      const face = { photo: photoIds.get(imagePath) ?? ('' as PhotoId), box };
      if (!isFaceOnPhoto(face)) continue;
      faces.push({ ...face, encoding, mirrored: mirrored?.[place] });
      places.push(place);
    }
    const placeOf = (face: number) => places[face] as number;
    const constraints = people.constraints(faces);
    const known = new Int32Array(records.length).fill(-1);
    for (const [face, place] of places.entries()) known[place] = constraints.people[face] as number;
    const noFaces = new Set(constraints.noFaces.map(placeOf));
    const groups = await group(
      [...records.keys()].filter((place) => !noFaces.has(place)),
      {
        people: known,
        keep: constraints.keep,
        apart: constraints.apart,
        not: constraints.not.map(([face, person]) => [placeOf(face), person]),
      },
    );
    const changes = await people.update(
      faces,
      places.map((place) => groups[place] as number),
    );
    const labels = new Int32Array(records.length).fill(-1);
    for (const [i, place] of places.entries()) {
      labels[place] = people.personOf(faces[i] as GroupedFace) ?? -1;
    }
    const all = people.list();
    const hidden = new Set(all.flatMap(({ id, hidden }) => (hidden ? [id] : [])));
    return {
      labels,
      names: new Map(all.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const]))),
      hidden: new Set(places.filter((place) => noFaces.has(place) || hidden.has(labels[place] as number))),
      changes,
    };
  } finally {
    await people.close();
  }
}
