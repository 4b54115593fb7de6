import { createReadStream, createWriteStream, constants as fileSystem } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/**
 * Copies a file to `to`, where nothing may be. Where the file system can, both share their blocks on the disk.
 *
 * The system's own copying also hands on the permissions, and fails where these can't be set (WSL, FUSE, exFAT, network
 * drives). There the bytes are written one after the other: they are all that matters.
 * @throws the system's error; `to` is not there then, unless it was before
 */
export async function copyBytes(from: string | Buffer, to: string | Buffer): Promise<void> {
  try {
    await copyFile(from, to, fileSystem.COPYFILE_EXCL | fileSystem.COPYFILE_FICLONE);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
  }
  const source = createReadStream(from);
  try {
    await pipeline(source, createWriteStream(to, { flags: 'wx' }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(to, { force: true }).catch(() => {});
    throw error;
  }
}
