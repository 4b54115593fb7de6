import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import files, { type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { useTempFolder } from '../support/files';
import { notOnWindows } from '../support/platform';
import { refusal } from '../support/poor-disk';

const temp = useTempFolder();
const target = () => join(temp(), 'faces.pickle');

/** Has a function of every open file fail. */
async function refuse(what: 'chmod' | 'sync', code: string): Promise<void> {
  const handle = await files.open(join(temp(), 'any'), 'w');
  await handle.close();
  await files.rm(join(temp(), 'any'));
  jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, what).mockRejectedValue(refusal(code));
}

/** With the state of a new process: warnings are given once. */
async function write(content: string): Promise<void> {
  const { writeFileAtomically } =
    require('../../src/system/atomic-file') as typeof import('../../src/system/atomic-file');
  await writeFileAtomically(target(), 'encodings file', (handle) => handle.writeFile(content));
}

beforeEach(() => jest.resetModules());
afterEach(() => jest.restoreAllMocks());

describe('a file is replaced', () => {
  notOnWindows('and hands on its permissions', async () => {
    writeFileSync(target(), 'first');
    chmodSync(target(), 0o640);
    await write('second');
    expect(statSync(target()).mode & 0o777).toBe(0o640);
  });

  test.each(['EPERM', 'ENOTSUP'])('where permissions can not be set: %s', async (code) => {
    await write('first');
    await refuse('chmod', code);
    await write('second');
    expect(readFileSync(target(), 'utf8')).toBe('second');
  });

  test.each(['EPERM', 'EACCES', 'EEXIST'])('where nothing can be renamed over it: %s', async (code) => {
    await write('first');
    const rename = files.rename;
    jest.spyOn(files, 'rename').mockImplementation(async (from, to) => {
      if (readdirSync(temp()).some((name) => to === join(temp(), name))) throw refusal(code);
      await rename(from, to);
    });
    await write('second');
    expect(readFileSync(target(), 'utf8')).toBe('second');
    expect(readdirSync(temp())).toEqual(['faces.pickle']);
  });

  test('or is what it was if it can not be', async () => {
    await write('first');
    const rename = files.rename;
    jest.spyOn(files, 'rename').mockImplementation(async (from, to) => {
      if (to === target() && readFileSync(from, 'utf8') === 'second') throw refusal('EACCES');
      await rename(from, to);
    });
    await expect(write('second')).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(target(), 'utf8')).toBe('first');
    expect(readdirSync(temp())).toEqual(['faces.pickle']);
  });
});

describe('a disk that can not be waited for', () => {
  test.each(['ENOTSUP', 'EINVAL', 'EPERM'])(
    'is written to all the same, with one warning: %s',
    async (code) => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
      await refuse('sync', code);
      await write('first');
      await write('second');
      expect(readFileSync(target(), 'utf8')).toBe('second');
      expect(warn.mock.calls).toEqual([[expect.stringContaining('power cut'), { code: 'FACE_NOT_DURABLE' }]]);
    },
  );

  test('is told from one that fails', async () => {
    await write('first');
    await refuse('sync', 'EIO');
    await expect(write('second')).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(readFileSync(target(), 'utf8')).toBe('first');
  });
});
