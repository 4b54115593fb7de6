import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fsPath } from '../../system/file-name';
import { failingTo, unlessGone } from '../../system/io-error';
import { FILES_AT_ONCE, forEachConcurrent } from '../../system/jobs';
import { listFolder } from '../../system/list-folder';
import { realPath } from '../../system/real-path';
import { sha256OfFile } from '../../system/sha256';
import { removeLeftovers } from '../../system/temporary';
import { inodeOf } from '../originals/find';
import { emptyAside, withFolderAt } from './folder-renames';
import type {
  FolderRecord,
  IntendedFile,
  IntendedFolder,
  Intent,
  RecordedFile,
  RecordedFolder,
} from './record';
import { baseName, stateAt } from './scan';

/**
 * What a run that was cut short has left: of what was to be in a folder, or to leave it, what is there. What is not there is no
 * gesture then, and the next plan puts it right.
 * @throws FaceError FACE_IO
 */
export async function recover(root: string, data: string, { folders, seen }: Intent): Promise<FolderRecord> {
  await emptyAside(root, data, new Map(folders.map(({ place, to }) => [`${place}`, baseName(to)])));
  const paths = await foldersIn(root);
  const inodes = new Set(paths.values());
  const found: RecordedFolder[] = [];
  const now = new Map<string, string>();
  for (const folder of folders) {
    const path = placeOf(folder, paths, inodes);
    if (path === undefined) continue;
    now.set(folder.to, path);
    await removeLeftovers(join(root, path));
    // Also if it holds nothing yet: it was made here.
    const files = await filesThere(root, path, folder);
    found.push({ place: folder.place, folder: path, inode: paths.get(path) as string, files });
  }
  return { folders: found, seen: seen.map((file) => ({ ...file, path: withFolderAt(file.path, now) })) };
}

/** Inodes of the folders in `root` and of all below them, by path. */
async function foldersIn(root: string): Promise<Map<string, string>> {
  const inodes = new Map<string, string>();
  const walk = async (path: string): Promise<void> => {
    const at = join(root, path);
    for (const entry of (await unlessGone(at, listFolder(at))) ?? []) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      const there = await lstat(fsPath(join(root, below)), { bigint: true }).catch(
        failingTo(`look at ${below}`),
      );
      inodes.set(below, `${there.ino}`);
      await walk(below);
    }
  };
  await walk('');
  return inodes;
}

/** Where a folder is by now. */
function placeOf(
  { inode, from, to }: IntendedFolder,
  paths: ReadonlyMap<string, string>,
  inodes: ReadonlySet<string>,
): string | undefined {
  const isIt = (path: string) =>
    inode === undefined || !inodes.has(inode) ? paths.has(path) : paths.get(path) === inode;
  for (const path of from === undefined ? [to] : [to, from]) if (isIt(path)) return path;
  return [...paths].find(([, own]) => own === inode)?.[0];
}

async function filesThere(
  root: string,
  path: string,
  { files, leaving }: IntendedFolder,
): Promise<RecordedFile[]> {
  const there = new Map<IntendedFile, RecordedFile>();
  const all = [...files, ...leaving];
  await forEachConcurrent(all, FILES_AT_ONCE, undefined, async (file) => {
    const at = join(root, path, file.name);
    const now = await unlessGone(at, stateAt(at).catch(ifNoFolder));
    if (!now) return;
    // Another photo that is to leave may still have its name.
    if (now.state !== file.state && !(await isPhoto(root, at, now.isLink, file))) return;
    const { original, ...rest } = file;
    const placed = now.isLink ? 'symlink' : file.placed === 'symlink' ? 'copy' : file.placed;
    there.set(file, { ...rest, placed, state: now.state, ...(original && !now.isLink && { original }) });
  });
  const names = new Set<string>();
  return all.flatMap((file) => {
    const found = there.get(file);
    if (!found || names.has(file.name)) return [];
    names.add(file.name);
    return [found];
  });
}

function ifNoFolder(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** Whether a file is the photo that was to be placed: by its inode, by where it leads, or by all bytes. */
async function isPhoto(
  root: string,
  at: string,
  isLink: boolean,
  { photo, original }: IntendedFile,
): Promise<boolean> {
  const source = original && resolve(root, original.at);
  if (source !== undefined) {
    if (isLink) {
      const [here, there] = await Promise.all(
        [at, source].map((path) => realPath(path).catch(() => undefined)),
      );
      return here !== undefined && here === there;
    }
    const [here, there] = await Promise.all(
      [at, source].map((path) => stat(fsPath(path), { bigint: true }).catch(() => undefined)),
    );
    if (here && there && inodeOf(here) === inodeOf(there)) return true;
  }
  return !isLink && (await sha256OfFile(at).catch(() => undefined)) === photo;
}
