import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FaceError } from '../errors';
import { ioError, pathBeside } from './write';

/** In each result folder; says that the folder was made here and what it held when it was finished. */
const MARKER = '.face-cluster-result.json';

/** What file managers leave behind in folders that were only looked at. */
const DROPPINGS: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

interface Marker {
  readonly format: 'face-cluster-native result';
  readonly version: 1;
  /** Number of files and folders. */
  readonly entries: number;
  /** SHA-256 of their names and sizes. */
  readonly fingerprint: string;
}

/**
 * Makes sure that a result may be put at `output`: nothing is there, or an empty folder, or an earlier result in
 * which nobody has added, renamed, edited or removed a file since. Anything else is somebody's work and is left alone.
 * @throws FaceError FACE_IO
 */
export async function checkOutput(output: string): Promise<void> {
  const there = await statOf(output);
  if (!there) return;
  const elsewhere = 'Choose another folder for the result, or move this one away.';
  if (!there.isDirectory()) throw new FaceError('FACE_IO', `${output} is not a folder. ${elsewhere}`);
  const names = await readdir(output);
  if (names.every((name) => DROPPINGS.has(name))) return;
  const marker = await readMarker(output);
  if (!marker) {
    throw new FaceError(
      'FACE_IO',
      `The folder ${output} is not empty and was not made by an earlier run; nothing in it was touched. ${elsewhere}`,
    );
  }
  const now = await fingerprint(output);
  if (now.fingerprint !== marker.fingerprint) {
    throw new FaceError(
      'FACE_IO',
      `The folder ${output} holds an earlier result that has been changed since ` +
        `(${marker.entries} files and folders then, ${now.entries} now); nothing in it was touched. ${elsewhere}`,
    );
  }
}

/**
 * Lets `build` fill a new folder and puts that at `output`, in place of an earlier result if there is one: as a
 * whole or, if `build` rejects, not at all. Only the user may look into the folder: faces are biometric data.
 * @param build is given the path of an empty folder beside `output`
 * @throws FaceError FACE_IO also where {@link checkOutput} does: it is asked once more before anything is replaced
 */
export async function buildResult(output: string, build: (folder: string) => Promise<void>): Promise<void> {
  // A link to a folder stays, and so does what `output` means if the working directory changes.
  const target = await realpath(output).catch(() => resolve(output));
  const folder = pathBeside(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    throw ioError(`make a folder in ${dirname(target)}`, error);
  }
  try {
    await build(folder);
    const marker: Marker = {
      format: 'face-cluster-native result',
      version: 1,
      ...(await fingerprint(folder)),
    };
    await writeFile(join(folder, MARKER), `${JSON.stringify(marker)}\n`);
    await checkOutput(target);
    await replace(target, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function replace(target: string, folder: string): Promise<void> {
  const earlier = (await statOf(target)) ? pathBeside(target) : undefined;
  try {
    if (earlier) await rename(target, earlier);
    try {
      await rename(folder, target);
    } catch (error) {
      if (earlier) await rename(earlier, target);
      throw error;
    }
  } catch (error) {
    throw ioError(`put the result at ${target}`, error);
  }
  if (!earlier) return;
  await rm(earlier, { recursive: true, force: true }).catch((error: unknown) => {
    throw ioError(`remove the earlier result, now ${earlier} (the new one is in place)`, error);
  });
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    const marker = JSON.parse(await readFile(join(folder, MARKER), 'utf8'));
    return marker?.format === 'face-cluster-native result' && marker.version === 1 ? marker : undefined;
  } catch {
    // Absent, unreadable or somebody else's: either way not a folder to replace.
    return undefined;
  }
}

/** Names and sizes only: reading every photo again to find an edit that keeps its size is not worth it. */
async function fingerprint(root: string): Promise<Pick<Marker, 'entries' | 'fingerprint'>> {
  const entries: string[] = [];
  const walk = async (folder: string, prefix: string): Promise<void> => {
    const found = await readdir(folder, { withFileTypes: true });
    for (const entry of found) {
      if (DROPPINGS.has(entry.name) || (prefix === '' && entry.name === MARKER)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        entries.push(`${prefix}${entry.name}/`);
        await walk(path, `${prefix}${entry.name}/`);
      } else {
        entries.push(`${prefix}${entry.name}\0${(await lstat(path)).size}`);
      }
    }
  };
  await walk(root, '');
  const hash = createHash('sha256').update(JSON.stringify(entries.sort()));
  return { entries: entries.length, fingerprint: hash.digest('hex') };
}

async function statOf(path: string): Promise<Stats | undefined> {
  // Of a link's target: an earlier result may lie behind a link.
  const real = await realpath(path).catch(() => path);
  return lstat(real).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw ioError(`look at ${path}`, error);
  });
}
