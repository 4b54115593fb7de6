import type { PhotoId } from '../base/ids';
import type { Box } from '../base/types';

/** Names a person: a number that is given once and never to anybody else. */
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

/** What somebody decided. */
export type Decision =
  /** The person is called that; said again, that is their new name. */
  | { readonly do: 'name'; readonly person: PersonId; readonly name: string }
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
  /** The face that stands for the person. */
  | { readonly do: 'cover'; readonly person: PersonId; readonly face: StoredFace }
  /** The decision with the number `of` does not count; undone itself, it counts again. */
  | { readonly do: 'undo'; readonly of: number };

/** A decision as it stands in the file. */
export type DecisionRecord = {
  /** Its number: from 1, rising. */
  readonly id: number;
  /** When: ISO 8601, UTC. */
  readonly at: string;
  /** Where it came from: a program or a command. */
  readonly by: string;
} & Decision;

export const FORMAT = 'face-cluster-native people';
/** To be raised when older programs would misread what is written; they refuse what is newer. */
export const VERSION = 1;

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
/** A name is on one line, and not empty. */
const isName: Check = (value) => typeof value === 'string' && NAME.test(value);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a name must not have
const NAME = /^(?=.*\S)[^\u0000-\u001f\u007f\u2028\u2029]{1,200}$/u;
const isFace: Check = (value) => {
  const { photo, box, ...rest } = (value ?? {}) as Partial<StoredFace>;
  return (
    typeof photo === 'string' &&
    /^[0-9a-f]{64}$/.test(photo) &&
    Array.isArray(box) &&
    box.length === 4 &&
    box.every(Number.isSafeInteger) &&
    Object.keys(rest).length === 0
  );
};
const isFaces: Check = (value) => Array.isArray(value) && value.length > 0 && value.every(isFace);
const isText: Check = (value) => typeof value === 'string' && value.length > 0;
const isTime: Check = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));

/** What a decision may have beside what it must have. */
const OPTIONAL: { readonly [kind in Decision['do']]?: Readonly<Record<string, Check>> } = {
  split: { person: isNumber },
};

const PARTS: { readonly [kind in Decision['do']]: Readonly<Record<string, Check>> } = {
  name: { person: isNumber, name: isName },
  merge: { person: isNumber, into: isNumber },
  split: { as: isNumber, faces: isFaces },
  differ: { person: isNumber, other: isNumber },
  is: { face: isFace, person: isNumber },
  not: { face: isFace, person: isNumber },
  'not-a-face': { face: isFace },
  hide: { person: isNumber },
  cover: { person: isNumber, face: isFace },
  undo: { of: isNumber },
};

/**
 * What is wrong with a line as a decision, in words that follow "it"; `undefined` if nothing is. The same as
 * `schemas/people.schema.json`.
 */
export function faultIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no object';
  const { do: kind, ...rest } = value as Record<string, unknown>;
  if (typeof kind !== 'string' || !Object.hasOwn(PARTS, kind))
    return `says "do": ${JSON.stringify(kind)}, which is no decision`;
  const parts: Readonly<Record<string, Check>> = {
    id: isNumber,
    at: isTime,
    by: isText,
    ...PARTS[kind as Decision['do']],
  };
  for (const [part, check] of Object.entries(parts)) {
    if (!Object.hasOwn(rest, part)) return `lacks "${part}"`;
    if (!check(rest[part])) return `has a "${part}" that can't be used`;
  }
  const optional = OPTIONAL[kind as Decision['do']] ?? {};
  for (const [part, given] of Object.entries(rest)) {
    if (Object.hasOwn(parts, part)) continue;
    if (!Object.hasOwn(optional, part)) return `has "${part}", which means nothing there`;
    if (!optional[part]?.(given)) return `has a "${part}" that can't be used`;
  }
  return undefined;
}

/** Whether `name` can be a person's. */
export function canBeName(name: unknown): name is string {
  return isName(name);
}

/** The numbers of the lines that count: all but those undone by an undo that counts. */
export function idsThatCount(records: readonly DecisionRecord[]): ReadonlySet<number> {
  const undone = new Set<number>();
  const counting = new Set<number>();
  for (const record of records.toReversed()) {
    if (undone.has(record.id)) continue;
    counting.add(record.id);
    if (record.do === 'undo') undone.add(record.of);
  }
  return counting;
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
