import { FaceError } from '../base/errors';
import type { PersonId } from '../people/decisions';
import type { People } from '../people/people';
import { peopleNamed, whoElse } from '../sort/person-named';

/*
 * What people ask for, in words that can be typed: `Anna & Ben & !Carl`, `(Anna | Ben) !Carl`, `Anna and not Carl`, `Anna Ben`.
 *
 *   any   = all { "|" all }
 *   all   = one { ["&"] one }
 *   one   = "!" one | "(" any ")" | name
 *   name  = words, in quotes or not, as many as somebody's name has, or what is between two quotes
 */

/** Who is to be on a photo, and who not. */
export type Query =
  | { readonly person: PersonId }
  | { readonly not: Query }
  | { readonly all: readonly Query[] }
  | { readonly any: readonly Query[] };

/** Whether a photo with these people on it is asked for. */
export function isMatch(query: Query, people: ReadonlySet<PersonId>): boolean {
  if ('person' in query) return people.has(query.person);
  if ('not' in query) return !isMatch(query.not, people);
  if ('all' in query) return query.all.every((part) => isMatch(part, people));
  return query.any.some((part) => isMatch(part, people));
}

/**
 * @param people who may be meant by a name, see `peopleNamed`
 * @throws FaceError FACE_INVALID_ARGUMENT, which shows the place: for names of nobody or of several people, and what makes no sense
 */
export function parseQuery(text: string, people: People): Query {
  // One line, so that a place in it can be shown.
  const line = text.replace(/\s/g, ' ');
  // A name may have anything in it: who types nothing else means it.
  const [person, other] = peopleNamed(people, line.trim());
  if (person && !other) return { person: person.id };
  return new Parser(line, people).parse();
}

type Sign = '&' | '|' | '!' | '(' | ')';

interface Token {
  readonly kind: Sign | 'word' | 'quoted' | 'end';
  /** What of the text it stands for, without quotes. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

/** Whether a token is a name, or of one: `Will "Bill" Smith` has three of them. */
const isName = (kind: Token['kind'] | undefined) => kind === 'word' || kind === 'quoted';

/** Nobody needs more; a text of parentheses alone must not use up the stack. */
const DEEPEST = 100;

/** A word, with the number of photos that the name of a folder ends in: `Anna (135)`, `Anna (135) 2`. */
const WORD = /[^\s&|!()"]+(?: \(\d+\)(?: \d+)?\/?(?=[\s&|!()]|$))?/y;
const SIGN_WORDS: Readonly<Record<string, Sign>> = { and: '&', or: '|', not: '!' };

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly people: People,
  ) {
    this.#tokens = this.#split();
  }

  parse(): Query {
    const query = this.#any();
    const { kind, at } = this.#token;
    if (kind !== 'end') throw this.#fault('This parenthesis closes nothing', at);
    return query;
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #any(): Query {
    const parts = [this.#all()];
    while (this.#take('|')) parts.push(this.#all());
    return parts.length === 1 ? (parts[0] as Query) : { any: parts };
  }

  #all(): Query {
    const parts = [this.#one()];
    while (this.#take('&') || isName(this.#token.kind) || '!('.includes(this.#token.kind)) {
      parts.push(this.#one());
    }
    return parts.length === 1 ? (parts[0] as Query) : { all: parts };
  }

  #one(): Query {
    const { kind, at } = this.#token;
    if (++this.#depth > DEEPEST) throw this.#fault('There are too many signs inside of each other', at);
    try {
      if (this.#take('!')) return { not: this.#one() };
      if (this.#take('(')) {
        const query = this.#any();
        if (!this.#take(')')) throw this.#fault('The end of this parenthesis is missing', at);
        return query;
      }
      if (isName(kind)) return this.#words();
    } finally {
      this.#depth--;
    }
    throw this.#fault(at === 0 ? 'It begins without a name' : 'A name is missing', at);
  }

  /** The longest name of somebody that the next words are. */
  #words(): Query {
    const first = this.#next;
    let last = first;
    while (isName(this.#tokens[last + 1]?.kind)) last++;
    while (last > first && peopleNamed(this.people, this.#between(first, last)).length === 0) last--;
    return this.#person(first, last);
  }

  /** @param first place of the first token of a name */
  #person(first: number, last: number): Query {
    const name = this.#between(first, last);
    const { at } = this.#tokens[first] as Token;
    const [person, ...others] = peopleNamed(this.people, name);
    if (!person) throw this.#fault(`There is nobody called "${name}"`, at, whoElse(this.people, name));
    if (others.length > 0) {
      const which = [person, ...others].map(({ id, photos }) => `${id} (${photos} photos)`).join(', ');
      throw this.#fault(`Several people are called "${name}": ${which}; give the number`, at);
    }
    this.#next = last + 1;
    return { person: person.id };
  }

  #between(first: number, last: number): string {
    if (first === last) return (this.#tokens[first] as Token).text;
    return this.text.slice((this.#tokens[first] as Token).at, (this.#tokens[last] as Token).end);
  }

  #take(kind: Sign): boolean {
    if (this.#token.kind !== kind) return false;
    this.#next++;
    return true;
  }

  #split(): Token[] {
    const { text } = this;
    const tokens: Token[] = [];
    for (let at = 0; at < text.length; ) {
      const token = this.#tokenAt(at);
      if (token) tokens.push(token);
      at = token?.end ?? at + 1;
    }
    return [...tokens, { kind: 'end', text: '', at: text.trimEnd().length, end: text.length }];
  }

  /** `undefined`: a blank */
  #tokenAt(at: number): Token | undefined {
    const { text } = this;
    const sign = text[at] as string;
    if (sign === ' ') return undefined;
    if (sign === '"') {
      const close = text.indexOf('"', at + 1);
      if (close < 0) throw this.#fault('The end of this quotation is missing', at);
      return { kind: 'quoted', text: text.slice(at + 1, close), at, end: close + 1 };
    }
    if ('&|!()'.includes(sign)) {
      // `&&` and `||` are what programmers type.
      const end = '&|'.includes(sign) && text[at + 1] === sign ? at + 2 : at + 1;
      return { kind: sign as Sign, text: sign, at, end };
    }
    WORD.lastIndex = at;
    const [word] = WORD.exec(text) as RegExpExecArray;
    return { kind: SIGN_WORDS[word.toLowerCase()] ?? 'word', text: word, at, end: at + word.length };
  }

  #fault(what: string, at: number, hint = ''): FaceError {
    const place = `${what}, at character ${at + 1}:\n  ${this.text}\n  ${' '.repeat(at)}^`;
    return new FaceError('FACE_INVALID_ARGUMENT', hint === '' ? place : `${place}\n${hint}`, {
      argument: 'query',
    });
  }
}
