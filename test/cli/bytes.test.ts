import { parseMaxMemory } from '../../src/cli/terminal/bytes';

test.each([
  ['500MB', 500e6],
  ['2GB', 2e9],
  ['1.5 gb', 1.5e9],
  ['2G', 2e9],
  ['1GiB', 2 ** 30],
  ['512MiB', 2 ** 29],
  ['300000000', 300_000_000],
])('%s is %d bytes', (text, bytes) => {
  expect(parseMaxMemory(text)).toBe(bytes);
});

test.each(['', 'much', '2XB', '-1GB', '1.2.3GB', 'GB', '50%'])('"%s" is refused, with an example', (text) => {
  expect(() => parseMaxMemory(text)).toThrow(/--max-memory 2GB/);
});

test.each([
  ['100MB', '100MB'],
  ['255.9 MB', '255.9 MB'],
  ['0', '0, which are bytes'],
  ['512', '512, which are bytes'],
  ['2000000', '2000000'],
])('%s is too little', (text, told) => {
  expect(() => parseMaxMemory(text)).toThrow(`--max-memory has to be at least 256MB, and is ${told}.`);
});
