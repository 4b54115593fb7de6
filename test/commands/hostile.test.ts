import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { bytes, little } from '../support/pickle-bytes';

const folder = useTempFolder();

const BOX = '(K\x01K\x02K\x03K\x04t';
const numbers = (count: number, piece = 'G\x3f\xf0\0\0\0\0\0\0') => `(${piece.repeat(count)}l`;
const face = (encoding: string) =>
  `}(\x8c\x09imagePath\x8c\x05a.jpg\x8c\x03loc${BOX}\x8c\x08encoding${encoding}u`;

test.each<[string, (string | Uint8Array)[], RegExp]>([
  [
    'a program',
    ['cposix\nsystem\n\x8c\x0btouch pwned\x85R.'],
    /asks for "posix\.system"\. Nothing of it was run/,
  ],
  [
    'numbers that are none',
    [']', face(numbers(128, 'Fnan\n')), 'a.'],
    /Entry 0 .* finite but received NaN as number 1/,
  ],
  [
    'encodings of different lengths',
    [']', face(numbers(128)), 'a', face(numbers(64)), 'a.'],
    /Entry 1 .*128 numbers but/,
  ],
  [
    'a length that is not there',
    [']\x8e', little(2n ** 53n, 8), '.'],
    /does not fit before the end of the file/,
  ],
  [
    'a bomb of one entry',
    [']', face(numbers(128)), 'q\0a(', 'h\0'.repeat(200_000), 'e.'],
    /many times the size of the file/,
  ],
  ['a dict that takes for ever', [']}(', ...bomb(), 'ua.'], /numbers for keys/],
  ['depth without end', [']'.repeat(3_000_000), '.'], /many times the size of the file/],
  ['keys of JavaScript', [']}(\x8c\x09__proto__}\x8c\x09imagePathK\x01ua.'], /Entry 0 .*imagePath/],
])('cluster on a file with %s: says what is wrong, leaves nothing behind', async (_, pieces, message) => {
  writeFileSync(join(folder(), 'encodings.pickle'), bytes(...pieces));
  const { code, stdout, stderr } = await runCli(['cluster', '-e', 'encodings.pickle', '-o', 'people'], {
    cwd: folder(),
  });
  expect(stderr.replace(/\s+/g, ' ')).toMatch(message);
  expect([code, stdout, existsSync(join(folder(), 'people')), existsSync(join(folder(), 'pwned'))]).toEqual([
    1,
    '',
    false,
    false,
  ]);
});

function bomb(): Uint8Array[] {
  return Array.from({ length: 50_000 }, (_, i) => bytes('\x8a\x0c', little(1, 8), little(i, 4), 'N'));
}
