import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { FaceError } from '../base/errors';
import { whyNot } from '../photos/find';
import { fsPath } from '../system/file-name';
import { realPath } from '../system/real-path';

/*
 * Photos on a share are called by their places below a folder, which each computer has under a name of its own. Only what is
 * in the folder is ever opened: a name that leads out of it, by itself or by a link, is refused.
 */

/** The folder that all inputs of a run are in. */
export async function commonFolder(inputs: readonly string[]): Promise<string> {
  const folders = await Promise.all(
    inputs.map(async (input) => {
      const path = resolve(input);
      return (await stat(fsPath(path)).catch(() => undefined))?.isDirectory() ? path : dirname(path);
    }),
  );
  return folders.reduce((common, folder) => {
    let shared = common;
    // On Windows there may be none: drives have nothing in common.
    while (outside(shared, folder) && shared !== dirname(shared)) shared = dirname(shared);
    return shared;
  });
}

/** Where a photo is below a folder, with `/`; `undefined` if it is not. */
export function placeWithin(folder: string, photo: string): string | undefined {
  const path = resolve(photo);
  return path === folder || outside(folder, path) ? undefined : relative(folder, path).split(sep).join('/');
}

function outside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/**
 * The file at a place below a folder, by its real path.
 * @param bytes how long it has to be
 * @throws FaceError FACE_IMAGE_NOT_FOUND, FACE_IMAGE_CHANGED if it has another length
 */
export async function fileWithin(folder: string, within: string, bytes: number): Promise<string> {
  const names = within.split('/');
  const bad = names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'));
  // On Windows these lead elsewhere, too: C:\a, \\server.
  if (bad || isAbsolute(within) || (sep === '\\' && /[\\:]/.test(within))) throw leadsOut(within, folder);
  let file: string;
  let stats: BigIntStats;
  try {
    file = await realPath(join(folder, ...names));
    stats = await stat(fsPath(file), { bigint: true });
  } catch (error) {
    throw new FaceError(
      'FACE_IMAGE_NOT_FOUND',
      `"${within}" in ${folder} ${whyNot(error, 'is not there')}.`,
      {
        path: within,
      },
    );
  }
  if (outside(await realPath(folder), file)) throw leadsOut(within, folder);
  if (!stats.isFile()) {
    throw new FaceError('FACE_IMAGE_NOT_FOUND', `"${within}" in ${folder} is no file.`, { path: within });
  }
  if (stats.size !== BigInt(bytes)) {
    throw new FaceError(
      'FACE_IMAGE_CHANGED',
      `"${within}" in ${folder} has ${stats.size} bytes, not ${bytes}: it is another photo.`,
      { path: within },
    );
  }
  return file;
}

function leadsOut(within: string, folder: string): FaceError {
  return new FaceError('FACE_IMAGE_NOT_FOUND', `"${within}" leads out of ${folder}, and is not opened.`, {
    path: within,
  });
}
