import { parseBytes } from '../../src/cli/terminal/bytes';

test.each([
  ['500MB', 500e6],
  ['2GB', 2e9],
  ['1.5 gb', 1.5e9],
  ['2G', 2e9],
  ['1GiB', 2 ** 30],
  ['512MiB', 2 ** 29],
  ['300000000', 300_000_000],
])('%s is %d bytes', (text, bytes) => {
  expect(parseBytes('max-memory', text)).toBe(bytes);
});

test.each(['', 'much', '2XB', '-1GB', '1.2.3GB', 'GB', '50%'])('"%s" is refused, with an example', (text) => {
  expect(() => parseBytes('max-memory', text)).toThrow(/--max-memory 2GB/);
});
