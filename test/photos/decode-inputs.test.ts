import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeImage } from '../../src/photos/decode';
import { bmpFile } from '../support/bmp';
import { useTempFolder } from '../support/files';
import { pngOf, rejection } from '../support/photos';
import { difference, noiseImage } from '../support/pixels';

/* What programs have in their hands when they have a photo: `fetch` gives an ArrayBuffer or a Blob, `import.meta` URLs. */
const temp = useTempFolder();
const picture = noiseImage(30, 20);

const KINDS: readonly (readonly [string, (bytes: Buffer) => unknown])[] = [
  ['Buffer', (bytes) => bytes],
  ['ArrayBuffer', (bytes) => Uint8Array.from(bytes).buffer],
  [
    'SharedArrayBuffer',
    (bytes) => {
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      return shared;
    },
  ],
  [
    'part of a SharedArrayBuffer',
    (bytes) => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 20), 10, bytes.length);
      shared.set(bytes);
      return shared;
    },
  ],
  ['Uint8ClampedArray', (bytes) => Uint8ClampedArray.from(bytes)],
  ['part of a Uint8ClampedArray', (bytes) => Uint8ClampedArray.from([1, 2, 3, ...bytes]).subarray(3)],
  ['Blob', (bytes) => new Blob([Uint8Array.from(bytes)])],
];

test.each(KINDS)('a file in a %s', async (_, make) => {
  for (const file of [
    await pngOf(picture),
    bmpFile({ width: 1, height: 1, bits: 24, pixels: [3, 2, 1, 0] }),
  ]) {
    const image = await decodeImage(make(file) as Uint8Array);
    if (image.width === 1) expect([...image.data]).toEqual([1, 2, 3]);
    else expect(difference(image, picture).max).toBe(0);
  }
});

test('a file: URL, with what its name has to have escaped', async () => {
  const path = join(temp(), 'sömmer 100% #1.png');
  writeFileSync(path, await pngOf(picture));
  expect(difference(await decodeImage(pathToFileURL(path)), picture).max).toBe(0);
  // A string is a path: "file:" may be the name of a folder.
  const error = await rejection(decodeImage(pathToFileURL(path).href));
  expect(error.code).toBe('FACE_IMAGE_NOT_FOUND');
});

test.each<[string, unknown, RegExp]>([
  [
    'a web address',
    new URL('https://example.org/a.jpg'),
    /file: URL .* received "https:\/\/example.org\/a.jpg"/,
  ],
  ['a file on another computer', new URL('file://elsewhere/a.jpg'), /on this computer/],
  ['floats', new Float32Array(4), /received Float32Array/],
  ['a view', new DataView(new ArrayBuffer(4)), /received DataView/],
  ['an array', [1, 2, 3], /received Array/],
  ['a number', 5, /path of a photo, bytes of a photo \(Buffer.*received 5/],
  ['something else', { name: 'a.jpg' }, /image\.width/],
])('%s is refused with what was expected', async (_, input, message) => {
  const error = await rejection(decodeImage(input as string));
  expect(error.code).toBe('FACE_INVALID_ARGUMENT');
  expect(error.message).toMatch(message);
});

test('a Blob whose file has gone', async () => {
  const blob = { size: 5, arrayBuffer: () => Promise.reject(new DOMException('The blob could not be read')) };
  expect((await rejection(decodeImage(blob))).code).toBe('FACE_IO');
});
