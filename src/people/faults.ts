import type { Decision, StoredFace } from './decisions';

export const FORMAT = 'face-cluster-native people';
/** To be raised when older programs would misread what is written; they refuse what is newer. */
export const VERSION = 1;

/** The largest number of a person or of a decision: what the core counts people with. */
export const LARGEST = 2 ** 31 - 1;

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST;

/**
 * One line on which something can be seen, without what can't be seen and makes two names look the same or stand in another
 * order; what joins letters and emojis is allowed between them.
 */
const NAME =
  /^(?=.*[\p{L}\p{N}\p{P}\p{S}])(?:(?!\u034f)[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|(?<=[^\s\u200c\u200d])[\u200c\u200d](?=[^\s\u200c\u200d])){1,200}$/u;
/** A day and a time that there are. */
const TIME =
  /^(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/u;
const PHOTO = /^[0-9a-f]{64}$/u;

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

/** Whether it has these parts and no other. */
const isMadeOf =
  (parts: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((part) => Object.hasOwn(parts, part)) &&
    Object.entries(parts).every(
      ([part, check]) =>
        Object.hasOwn(value, part) && check((value as Readonly<Record<string, unknown>>)[part]),
    );
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check);

const isBox: Check = (value) =>
  Array.isArray(value) && value.length === 4 && value.every(Number.isSafeInteger);
/** Whether it is a face as lines have it. */
export const isStoredFace: (value: unknown) => value is StoredFace = isMadeOf({
  photo: matches(PHOTO),
  box: isBox,
}) as (value: unknown) => value is StoredFace;
const isFaces = isListOf(isStoredFace);
const isText: Check = (value) => typeof value === 'string' && value.length > 0;

const PARTS: { readonly [kind in Decision['do']]: Readonly<Record<string, Check>> } = {
  name: { person: isNumber, name: matches(NAME) },
  unname: { person: isNumber },
  merge: { person: isNumber, into: isNumber },
  split: { as: isNumber, faces: isFaces },
  differ: { person: isNumber, other: isNumber },
  is: { face: isStoredFace, person: isNumber },
  not: { face: isStoredFace, person: isNumber },
  'not-a-face': { face: isStoredFace },
  hide: { person: isNumber },
  show: { person: isNumber },
  cover: { person: isNumber, face: isStoredFace },
  undo: { of: isNumber },
};

/** What a decision may have beside what it must have. */
const OPTIONAL = {
  with: isNumber,
  seen: isListOf(isMadeOf({ person: isNumber, faces: isFaces })),
};
const OPTIONAL_OF: { readonly [kind in Decision['do']]?: Readonly<Record<string, Check>> } = {
  split: { ...OPTIONAL, person: isNumber },
  // It is a gesture of its own, and speaks of nobody.
  undo: {},
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
    at: matches(TIME),
    by: isText,
    ...PARTS[kind as Decision['do']],
  };
  for (const [part, check] of Object.entries(parts)) {
    if (!Object.hasOwn(rest, part)) return `lacks "${part}"`;
    if (!check(rest[part])) return `has a "${part}" that can't be used`;
  }
  const optional: Readonly<Record<string, Check>> = OPTIONAL_OF[kind as Decision['do']] ?? OPTIONAL;
  for (const [part, given] of Object.entries(rest)) {
    if (Object.hasOwn(parts, part)) continue;
    if (!Object.hasOwn(optional, part)) return `has "${part}", which means nothing there`;
    if (!optional[part]?.(given)) return `has a "${part}" that can't be used`;
  }
  return undefined;
}

/** A name as it is shown: without blanks around it, and its letters written in one way. */
export function tidyName(name: string): string {
  return name.normalize('NFC').trim();
}

/** Whether `name` can be a person's. */
export function canBeName(name: unknown): name is string {
  return matches(NAME)(name);
}

/** Whether it can be the number of a person or of a decision. */
export function isPersonId(value: unknown): value is number {
  return isNumber(value);
}
