import { count, duration, printable, wrapped } from '../../src/cli/terminal/text';

test('nothing in a file name can move the cursor, break the line or turn the text around', () => {
  expect(printable('a\x1b[2Jb\r\n\t\x07\x7f\x9b')).toBe('a\\x1b[2Jb\\x0d\\x0a\\x09\\x07\\x7f\\x9b');
  expect(printable('gpj\u202e.exe\u2028\u2066')).toBe('gpj\\u{202e}.exe\\u{2028}\\u{2066}');
  expect(printable('half \udcff of a pair')).toBe('half \\u{dcff} of a pair');
});

test('names in any script, and emoji, stay as they are', () => {
  for (const name of ['Jürgen.jpg', '写真.jpg', 'तस्वीर.png', '👩‍👩‍👧 family.jpg', "it's 100% (2).jpg"]) {
    expect(printable(name)).toBe(name);
  }
});

test('numbers and times read well', () => {
  expect([count(1, 'photo'), count(12345, 'photo'), count(0, 'person', 'people')]).toEqual([
    '1 photo',
    '12,345 photos',
    '0 people',
  ]);
  expect([0.04, 9.96, 59.6, 200, 3599.7, 7500].map(duration)).toEqual([
    '0.0 s',
    '10 s',
    '1 min 0 s',
    '3 min 20 s',
    '1 h 0 min',
    '2 h 5 min',
  ]);
});

test('a sentence is broken between words, no line as long as the terminal is wide', () => {
  const sentence = '  12 links: one holds 34 % of all faces';
  expect(wrapped(sentence, '    ', 20)).toEqual(['  12 links: one', '    holds 34 % of', '    all faces']);
  expect(wrapped(sentence, '', 15)).toEqual(['  12 links:', 'one holds 34 %', 'of all faces']);
  expect(wrapped(sentence, '', Number.POSITIVE_INFINITY)).toEqual([sentence]);
});
