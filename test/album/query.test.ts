import { isMatch, parseQuery } from '../../src/album/query';
import { FaceError } from '../../src/base/errors';
import type { KnownPerson } from '../../src/people/list';
import type { People } from '../../src/people/people';

const person = (id: number, name?: string): KnownPerson => ({
  id,
  name,
  hidden: false,
  decided: false,
  faces: [],
  photos: id,
  cover: undefined,
  absorbed: [],
});
const ALL = [
  person(1, 'Anna'),
  person(2, 'Ben'),
  person(3, 'Anna Schmidt'),
  person(4),
  person(5, 'R&B Joe'),
  person(6, 'Eva'),
  person(7, 'eva'),
  person(8, 'Tom and Jerry'),
  person(9, "O'Brien (junior)"),
  person(10, 'Or'),
  person(11, 'Will "Bill" Smith'),
];
const people = { list: () => ALL, whoIs: () => undefined } as unknown as People;

/** Which of all sets of people 1 to 4 are asked for, as `12` for 1 and 2. */
function matches(text: string, among = 4): string[] {
  const query = parseQuery(text, people);
  return Array.from({ length: 2 ** among }, (_, bits) =>
    Array.from({ length: among }, (_, i) => i + 1).filter((id) => bits & (1 << (id - 1))),
  )
    .filter((on) => isMatch(query, new Set(on)))
    .map((on) => on.join(''));
}

test.each<[string, (on: string) => boolean]>([
  ['Anna', (on) => on.includes('1')],
  ['anna', (on) => on.includes('1')],
  ['1', (on) => on.includes('1')],
  ['Person 4', (on) => on.includes('4')],
  ['person 04', (on) => on.includes('4')],
  ['Anna (17)', (on) => on.includes('1')],
  ['people/Anna (17)/', (on) => on.includes('1')],
  ['Anna Schmidt', (on) => on.includes('3')],
  ['"Anna" & Ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna & Ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna&Ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna && Ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna Ben', (on) => on.includes('1') && on.includes('2')],
  ['anna AND ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna Schmidt Ben', (on) => on.includes('3') && on.includes('2')],
  ['Ben Anna Schmidt', (on) => on.includes('3') && on.includes('2')],
  ['"Anna" "Ben"', (on) => on.includes('1') && on.includes('2')],
  ['Anna (17) Ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna (17) 2 & Ben', (on) => on.includes('1') && on.includes('2')],
  ['Anna | Ben', (on) => on.includes('1') || on.includes('2')],
  ['Anna or Ben', (on) => on.includes('1') || on.includes('2')],
  ['Anna||Ben', (on) => on.includes('1') || on.includes('2')],
  ['!Anna', (on) => !on.includes('1')],
  ['not Anna', (on) => !on.includes('1')],
  ['!!Anna', (on) => on.includes('1')],
  ['! Anna Ben', (on) => !on.includes('1') && on.includes('2')],
  ['Anna & Ben & !4', (on) => on.includes('1') && on.includes('2') && !on.includes('4')],
  ['Anna and not Ben', (on) => on.includes('1') && !on.includes('2')],
  ['Anna | Ben & 3', (on) => on.includes('1') || (on.includes('2') && on.includes('3'))],
  ['(Anna | Ben) & 3', (on) => (on.includes('1') || on.includes('2')) && on.includes('3')],
  ['(Anna|Ben)3', (on) => (on.includes('1') || on.includes('2')) && on.includes('3')],
  ['3 (Anna | Ben)', (on) => (on.includes('1') || on.includes('2')) && on.includes('3')],
  ['!(Anna | Ben)', (on) => !on.includes('1') && !on.includes('2')],
  ['  Anna\n&\tBen ', (on) => on.includes('1') && on.includes('2')],
])('%s', (text, expected) => {
  const all = matches(text);
  const sets = matches('1 | !1');
  expect(sets).toHaveLength(16);
  expect(all).toEqual(sets.filter(expected));
  expect(all.length).toBeLessThan(16);
});

test('a name may have anything in it: alone as it is, else in quotes', () => {
  expect(parseQuery('R&B Joe', people)).toEqual({ person: 5 });
  expect(parseQuery('Tom and Jerry', people)).toEqual({ person: 8 });
  expect(parseQuery("O'Brien (junior)", people)).toEqual({ person: 9 });
  expect(parseQuery('!"R&B Joe" "Tom and Jerry"|"or"', people)).toEqual({
    any: [{ all: [{ not: { person: 5 } }, { person: 8 }] }, { person: 10 }],
  });
  expect(parseQuery('Ben Will "Bill" Smith "Anna" | will "bill" smith', people)).toEqual({
    any: [{ all: [{ person: 2 }, { person: 11 }, { person: 1 }] }, { person: 11 }],
  });
});

test.each<[string, string, number]>([
  ['Anna & & Ben', 'A name is missing', 8],
  ['Anna &', 'A name is missing', 7],
  ['& Anna', 'It begins without a name', 1],
  ['Anna | ', 'A name is missing', 7],
  ['Anna & (Ben | 3', 'The end of this parenthesis is missing', 8],
  ['Anna) & Ben', 'This parenthesis closes nothing', 5],
  ['()', 'A name is missing', 2],
  ['Anna & "Ben', 'The end of this quotation is missing', 8],
  ['Anna & Carla', 'There is nobody called "Carla"', 8],
  ['Anna Carla Maria', 'There is nobody called "Carla"', 6],
  ['Ben or Eva', 'Several people are called "Eva": 6 (6 photos), 7 (7 photos); give the number', 8],
  ['!', 'A name is missing', 2],
  [' ', 'It begins without a name', 1],
  ['Ben & 77', 'There is nobody called "77"', 7],
])('%s: %s', (text, what, at) => {
  const parse = () => parseQuery(text, people);
  expect(parse).toThrow(FaceError);
  try {
    parse();
  } catch (error) {
    const { code, argument, message } = error as FaceError;
    expect([code, argument]).toEqual(['FACE_INVALID_ARGUMENT', 'query']);
    const [first, line, mark] = message.split('\n') as [string, string, string];
    expect(first).toBe(`${what}, at character ${at}:`);
    expect(line.slice(2)).toBe(text);
    expect(mark.indexOf('^')).toBe(at + 1);
  }
});

test.each([
  ['Ana', 'Did you mean "Anna"? '],
  ['bne', ''],
  ['Schmidt', 'Did you mean "Anna Schmidt"? '],
  ['an', 'Did you mean "Anna" or "Anna Schmidt" or "Tom and Jerry"? '],
  ['x', ''],
])('nobody is called %s: who may be meant is told', (name, meant) => {
  expect(() => parseQuery(`Ben & ${name}`, people)).toThrow(
    `^\n${meant}The command "people" lists who there is.`,
  );
});

test('no depth is too much for it', () => {
  const deep = (sign: string) => () => parseQuery(sign.repeat(100_000), people);
  expect(deep('(')).toThrow('There are too many signs inside of each other, at character 101');
  expect(deep('!')).toThrow('There are too many signs inside of each other, at character 101');
});
