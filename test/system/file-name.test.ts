import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SplitMix64 } from '../../src/base/random';
import { decodeFileName, encodeFileName, fsPath, hasUndecodedBytes } from '../../src/system/file-name';
import { useTempFolder } from '../support/files';
import { onLinux } from '../support/platform';

const temp = useTempFolder();

test('names in UTF-8 are what they are, also with emoji and with U+FFFD in them', () => {
  for (const name of ['a.jpg', 'Grüße.jpg', '👩‍👧.jpg', 'line\nbreak.jpg', 'real \ufffd.jpg', '']) {
    expect(decodeFileName(Buffer.from(name))).toBe(name);
    expect(hasUndecodedBytes(name)).toBe(false);
    expect(fsPath(name)).toBe(name);
  }
});

test('a byte that is not UTF-8 becomes what Python makes of it', () => {
  // python3 -c 'import os; print(ascii(os.fsdecode(b"caf\xe9 \xf0\x9f\x98\x80\xf0\x9f.jpg")))'
  const name = 'caf\udce9 😀\udcf0\udc9f.jpg';
  expect(decodeFileName(Buffer.from('caf\xe9 \xf0\x9f\x98\x80\xf0\x9f.jpg', 'latin1'))).toBe(name);
  expect(hasUndecodedBytes(name)).toBe(true);
});

test('any bytes survive the way there and back', () => {
  const random = new SplitMix64(7n);
  for (let run = 0; run < 5000; run++) {
    const bytes = Buffer.from(Array.from({ length: run % 12 }, () => Number(random.next() & 0xffn)));
    // Half of the bytes near the borders of UTF-8's rules.
    for (let i = 0; i < bytes.length; i += 2)
      bytes[i] = [0xed, 0xa0, 0xf4, 0x90, 0xc0, 0xff][run % 6] as number;
    expect(encodeFileName(decodeFileName(bytes))).toEqual(bytes);
  }
});

onLinux('such a file can be opened by its path', () => {
  const path = `${temp()}/caf\udce9.jpg`;
  writeFileSync(fsPath(path), 'x');
  const [name] = readdirSync(temp(), { encoding: 'buffer' });
  expect(name).toEqual(Buffer.from('caf\xe9.jpg', 'latin1'));
  expect(join(temp(), decodeFileName(name as Buffer))).toBe(path);
});
