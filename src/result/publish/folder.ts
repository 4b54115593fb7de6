import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FaceError } from '../../base/errors';
import { PRIVATE_FILE, PRIVATE_FOLDER, setMode } from '../../system/atomic-file';
import { hasUndecodedBytes, maybeUndecoded } from '../../system/file-name';
import { failingTo, ioError, unlessGone } from '../../system/io-error';
import { makeFolders } from '../../system/make-folders';
import { realPath } from '../../system/real-path';
import { pathBeside, removeLeftovers } from '../../system/temporary';
import { MARKER } from '../names-in-result';
import {
  DROPPINGS,
  type FileIdentity,
  isMarkedWaste,
  markWaste,
  readMarker,
  takeFingerprint,
  writeMarker,
} from './marker';

/** What belongs to a mounted file system rather than to its user. */
const STAYING: readonly string[] = ['lost+found'];

/**
 * How a result gets to its place. `beside`: built beside it and renamed. `inside`: built in it and moved up, where the
 * folder itself has to stay, as the volume of a container (a mount point) or in a folder that the user may not change.
 */
type Place = 'beside' | 'inside';

/**
 * Makes sure, before hours of work, that a result may and can be put at `output`: nothing is there, or an empty folder,
 * or an earlier result in which nobody has added, renamed, edited or removed a file since. Anything else is somebody's
 * work and is left alone. What killed runs have left unfinished, there or beside it, is removed.
 * @throws FaceError FACE_IO
 */
export async function checkOutput(output: string): Promise<void> {
  const target = await targetOf(output);
  for (const folder of [dirname(target), target]) await removeLeftovers(folder, isMarkedWaste);
  await checkContent(target, await choosePlace(target));
}

/**
 * Lets `build` fill a new folder and puts that at `output`, in place of an earlier result if there is one: as a
 * whole or, if `build` rejects, not at all. Only the user may look into the folder: faces are biometric data.
 * @param build is given the path of a folder with nothing but a marker, beside `output` or, if that can't be replaced,
 *   hidden in it, and that of `output` without links, where the earlier result is if there is one; returns how to tell
 *   edited files, the names of the people's folders unless they are called by labels, and what it likes
 * @throws FaceError FACE_IO also where {@link checkOutput} does: it is asked once more before anything is replaced
 */
export async function buildResult<
  T extends { readonly identity: FileIdentity; readonly folders?: readonly string[] | undefined },
>(output: string, build: (folder: string, target: string) => Promise<T>): Promise<T> {
  const target = await targetOf(output);
  const place = await choosePlace(target);
  const folder = place === 'beside' ? pathBeside(target) : pathInside(target);
  try {
    await makeFolders(dirname(folder), PRIVATE_FOLDER);
    await mkdir(folder, { mode: PRIVATE_FOLDER });
    await markWaste(folder);
  } catch (error) {
    throw ioError(`make a folder in ${dirname(folder)}`, error);
  }
  try {
    const built = await build(folder, target);
    await writeMarker(folder, built.identity, built.folders);
    await checkContent(target, place, basename(folder));
    await (place === 'beside' ? replace(target, folder) : refill(target, folder));
    return built;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * `output` without links on the way, as far as it is there: a link to a folder stays, and so does what `output` means if the
 * working directory changes. Where Node.js has lost the bytes of a name, a folder of another name would be made.
 * @throws FaceError FACE_IO if a name on the way is not UTF-8
 */
export async function targetOf(output: string): Promise<string> {
  const path = resolve(output);
  if (maybeUndecoded(path)) throw notInUtf8(path);
  const real = await realPath(path).catch(() => undefined);
  if (real === undefined) {
    return dirname(path) === path ? path : join(await targetOf(dirname(path)), basename(path));
  }
  if (hasUndecodedBytes(real)) throw notInUtf8(real);
  return real;
}

function notInUtf8(folder: string): FaceError {
  return new FaceError(
    'FACE_IO',
    `The result can't be put into ${folder}: a name on the way there is not UTF-8.`,
    { path: folder, remedy: 'Choose another folder for the result.' },
  );
}

function pathInside(folder: string): string {
  return pathBeside(join(folder, MARKER));
}

/** @throws FaceError FACE_IO if the result can be put there in neither way */
async function choosePlace(target: string): Promise<Place> {
  const there = await statOf(target);
  if (there?.isDirectory() && (process.platform === 'win32' || (await canBeRenamed(target)))) return 'beside';
  let folder = there?.isDirectory() ? target : dirname(target);
  while (!(await statOf(folder)) && folder !== dirname(folder)) folder = dirname(folder);
  const probe = pathInside(folder);
  try {
    await mkdir(probe);
    await rmdir(probe);
  } catch (error) {
    throw ioError(`write into the folder ${folder}`, error);
  }
  return there?.isDirectory() ? 'inside' : 'beside';
}

/**
 * Asks the system to do what it can't, to rename the folder over one that is not empty: that is the last thing it
 * finds fault with, after a mount point, a layer of a container's image or missing rights.
 */
async function canBeRenamed(folder: string): Promise<boolean> {
  const obstacle = pathBeside(folder);
  try {
    await mkdir(join(obstacle, 'full'), { recursive: true });
  } catch {
    return false;
  }
  try {
    await rename(folder, obstacle);
    await rename(obstacle, folder);
    return true;
  } catch (error) {
    return ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    await rmdir(join(obstacle, 'full')).catch(() => {});
    await rmdir(obstacle).catch(() => {});
  }
}

/** @param unfinished name of the folder in `target` that the new result is in */
async function checkContent(target: string, place: Place, unfinished?: string): Promise<void> {
  const there = await statOf(target);
  if (!there) return;
  const facts = { path: target, remedy: 'Choose another folder for the result, or move this one away.' };
  if (!there.isDirectory()) throw new FaceError('FACE_IO', `${target} is not a folder.`, facts);
  const staying = place === 'inside' ? [...STAYING, ...(unfinished ? [unfinished] : [])] : [];
  const names = await readdir(target);
  if (names.every((name) => DROPPINGS.has(name) || staying.includes(name))) return;
  const marker = await readMarker(target);
  if (!marker) {
    throw new FaceError(
      'FACE_IO',
      `The folder ${target} is not empty and was not made by an earlier run; nothing in it was touched.`,
      facts,
    );
  }
  const now = await takeFingerprint(target, marker, staying);
  if (now.fingerprint !== marker.fingerprint) {
    throw new FaceError(
      'FACE_IO',
      `The folder ${target} holds an earlier result that has been changed since ` +
        `(${marker.entries} files and folders then, ${now.entries} now); nothing in it was touched.`,
      facts,
    );
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
  await discard(earlier).catch(
    failingTo(`remove the earlier result, now ${earlier} (the new one is in place)`),
  );
}

/** Moves what is in `folder`, which is in `target`, up into it, in place of what is there. */
async function refill(target: string, folder: string): Promise<void> {
  const earlier = pathInside(target);
  const staying = [...STAYING, ...DROPPINGS, basename(folder), basename(earlier)];
  const moved: { readonly from: string; readonly to: string }[] = [];
  const move = async (name: string, from: string, to: string) => {
    await rename(join(from, name), join(to, name));
    moved.push({ from: join(from, name), to: join(to, name) });
  };
  try {
    await mkdir(earlier, { mode: PRIVATE_FOLDER });
    // Without its marker a folder is no result: it goes first and comes last.
    const old = (await readdir(target)).filter((name) => !staying.includes(name)).sort(markerFirst);
    for (const name of old) await move(name, target, earlier);
    const entries = await readdir(folder, { withFileTypes: true });
    const isFolder = new Map(entries.map((entry) => [entry.name, entry.isDirectory()]));
    for (const name of [...isFolder.keys()].sort(markerFirst).reverse()) {
      // Nobody else could look into the folder that they come from.
      await setMode(join(folder, name), isFolder.get(name) ? PRIVATE_FOLDER : PRIVATE_FILE);
      await move(name, folder, target);
    }
  } catch (error) {
    for (const { from, to } of moved.reverse()) await rename(to, from).catch(() => {});
    await rmdir(earlier).catch(() => {});
    throw ioError(`put the result into ${target}`, error);
  }
  for (const rest of [folder, earlier]) {
    await discard(rest).catch(failingTo(`remove ${rest} (the new result is in place)`));
  }
}

/** Deletes a result that has been replaced. If that is cut short, the next run goes on with it. */
async function discard(folder: string): Promise<void> {
  await markWaste(folder);
  for (const name of await readdir(folder)) {
    if (name !== MARKER) await rm(join(folder, name), { recursive: true, force: true });
  }
  await rm(folder, { recursive: true, force: true });
}

function markerFirst(a: string, b: string): number {
  return Number(b === MARKER) - Number(a === MARKER);
}

async function statOf(path: string): Promise<Stats | undefined> {
  // Of a link's target: an earlier result may lie behind a link.
  const real = await realpath(path).catch(() => path);
  return unlessGone(path, lstat(real));
}
