import fs from 'node:fs';
import files from 'node:fs/promises';
import { basename } from 'node:path';
import { Writable } from 'node:stream';

/** What the system answers where it does not offer something: `code` is e.g. EPERM. */
export function refusal(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: not here`), { code });
}

/**
 * Has new files be as on exFAT, a FUSE file system or a network drive: no hard links, no permissions, which the system's
 * own copying wants to set, and names only without what Windows forbids and up to `longest` bytes. To be undone with
 * `jest.restoreAllMocks()`.
 * @param withoutLinks what `link` fails with
 */
export function useJestAsPoorDisk(withoutLinks = 'EPERM', longest = 255): void {
  const nameError = (path: fs.PathLike) => {
    const name = basename(String(path));
    if (/[<>:"|?*]/.test(name)) return refusal('EINVAL');
    return Buffer.byteLength(name) > longest ? refusal('ENAMETOOLONG') : undefined;
  };
  jest.spyOn(files, 'link').mockImplementation(async (_, to) => {
    throw nameError(to) ?? refusal(withoutLinks);
  });
  jest.spyOn(files, 'copyFile').mockImplementation(async (_, to) => {
    throw nameError(to) ?? refusal('EPERM');
  });
  const { createWriteStream } = fs;
  jest.spyOn(fs, 'createWriteStream').mockImplementation((to, options) => {
    const error = nameError(to);
    if (!error) return createWriteStream(to, options);
    return new Writable({ construct: (done) => done(error) }) as fs.WriteStream;
  });
}
