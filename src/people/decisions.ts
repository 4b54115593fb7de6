import type { PhotoId } from '../base/ids';
import type { Box } from '../base/types';

/** Names a person: a number from 1 to 2,147,483,647 that is given once and never to anybody else. */
export type PersonId = number;

/** A face, found again by the photo that it is on and by where it is on it. */
export interface FaceOnPhoto {
  /** SHA-256 of the photo's file. */
  readonly photo: PhotoId;
  /** In pixels of the upright photo. */
  readonly box: Box;
}

/** A face as lines have it: the photo's SHA-256; top, right, bottom, left. */
export interface StoredFace {
  readonly photo: PhotoId;
  readonly box: readonly [number, number, number, number];
}

/** A few faces by which a person is found again, should nothing else be known of them. */
export interface PersonSeen {
  readonly person: PersonId;
  /** Up to five, on different photos if there are as many. */
  readonly faces: readonly StoredFace[];
}

/** What somebody decided. */
export type Decision =
  /** The person is called that; said again, that is their new name. */
  | { readonly do: 'name'; readonly person: PersonId; readonly name: string }
  /** The person has no name, whatever they were called before. */
  | { readonly do: 'unname'; readonly person: PersonId }
  /** All that is `person` is `into`: they are one. */
  | { readonly do: 'merge'; readonly person: PersonId; readonly into: PersonId }
  /** These faces are one person, somebody new: `as`. `person` is who they all were taken for, if that is one. */
  | {
      readonly do: 'split';
      readonly person?: PersonId;
      readonly as: PersonId;
      readonly faces: readonly StoredFace[];
    }
  /** They are two people, however alike. */
  | { readonly do: 'differ'; readonly person: PersonId; readonly other: PersonId }
  /** The face is that person. */
  | { readonly do: 'is'; readonly face: StoredFace; readonly person: PersonId }
  /** The face is not that person. */
  | { readonly do: 'not'; readonly face: StoredFace; readonly person: PersonId }
  /** There is no face. */
  | { readonly do: 'not-a-face'; readonly face: StoredFace }
  /** The person is not to be shown. */
  | { readonly do: 'hide'; readonly person: PersonId }
  /** The person is to be shown, whatever was said before. */
  | { readonly do: 'show'; readonly person: PersonId }
  /** The face that stands for the person. */
  | { readonly do: 'cover'; readonly person: PersonId; readonly face: StoredFace }
  /**
   * The decision with the number `of` does not count; if it is the first of a gesture, none of the gesture does. Undone itself,
   * they count again.
   */
  | { readonly do: 'undo'; readonly of: number };

/** A decision as it stands in the file. */
export type DecisionRecord = {
  /** Its number: from 1 to 2,147,483,647, rising. */
  readonly id: number;
  /** When: ISO 8601, UTC. */
  readonly at: string;
  /** Where it came from: a program or a command. */
  readonly by: string;
  /** The number of the first decision of the gesture that this one belongs to; the first itself has none. */
  readonly with?: number;
  /**
   * By which faces the people that it speaks of are found again, if no earlier line of the gesture has it. People who write
   * lines by hand may leave it out.
   */
  readonly seen?: readonly PersonSeen[];
} & Decision;

/** A decision to be made: what {@link Decision} says, on faces as runs have found them. */
export type DecisionToMake =
  | { readonly do: 'name'; readonly person: PersonId; readonly name: string }
  | { readonly do: 'unname' | 'hide' | 'show'; readonly person: PersonId }
  | { readonly do: 'merge'; readonly person: PersonId; readonly into: PersonId }
  /** With a name, it is followed by that of the new person. */
  | { readonly do: 'split'; readonly faces: readonly FaceOnPhoto[]; readonly name?: string }
  | { readonly do: 'differ'; readonly person: PersonId; readonly other: PersonId }
  | { readonly do: 'is' | 'not'; readonly face: FaceOnPhoto; readonly person: PersonId }
  | { readonly do: 'not-a-face' | 'cover'; readonly face: FaceOnPhoto };

/**
 * The numbers of the lines that count: all but those undone by an undo that counts.
 * @param records in the order of their numbers
 */
export function idsThatCount(records: readonly DecisionRecord[]): ReadonlySet<number> {
  const undone = new Set<number>();
  for (const record of records.toReversed()) {
    if (record.do === 'undo' && !undone.has(record.id)) undone.add(record.of);
  }
  const counts = ({ id, with: first = id }: DecisionRecord) => !undone.has(id) && !undone.has(first);
  return new Set(records.filter(counts).map(({ id }) => id));
}

/** The people that a decision speaks of. */
export function peopleIn(record: Decision): PersonId[] {
  switch (record.do) {
    case 'merge':
      return [record.person, record.into];
    case 'split':
      return record.person === undefined ? [record.as] : [record.person, record.as];
    case 'differ':
      return [record.person, record.other];
    case 'not-a-face':
    case 'undo':
      return [];
    default:
      return [record.person];
  }
}
