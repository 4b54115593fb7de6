import { groupBy } from '../../base/maps';
import type { Placed } from '../originals/place-photo';
import { pathFrom } from '../publish/in-result';
import { withFolderAt } from './folder-renames';
import { isMoved, isReplaced, type Plan, type PlannedFile, type PlannedFolder } from './plan';
import type { IntendedFile, IntendedFolder, Intent, RecordedFile, SeenFile } from './record';
import type { Place } from './types';

/** Whether anything but what is recorded is going to change. */
export function changesAnything({ folders, surplus, unwanted }: Plan, mode: Placed): boolean {
  const isRight = ({ source, name, files }: PlannedFolder) =>
    source?.path === name &&
    files.every((file) => file.source && !isMoved(file, source) && !isReplaced(file, mode));
  return surplus.length > 0 || unwanted.size > 0 || !folders.every(isRight);
}

/**
 * What is going to be done.
 * @param root the folder of people
 * @param mode how photos are placed in it
 */
export function intentOf(root: string, plan: Plan, mode: Placed): Intent {
  const { folders, unwanted, surplus, ownerOf } = plan;
  const leaving = groupBy(
    [
      ...surplus,
      ...folders.flatMap(({ source: folder, files }) =>
        files.flatMap((file) => {
          const { source, left } = file;
          return source && left && isMoved(file, folder) ? [{ source, left }] : [];
        }),
      ),
    ],
    ({ source }) => ownerOf(source.folder),
  );
  const leavingFrom = (place: Place, path: string | undefined): RecordedFile[] =>
    (leaving.get(place) ?? []).map(({ source, left }) => {
      const { path: from, state } = source;
      return { ...left, state, name: from.slice((path as string).length + 1) };
    });
  const planned = folders.map(
    ({ place, name, source, files }): IntendedFolder => ({
      place,
      ...(source && { inode: source.inode, from: source.path }),
      to: name,
      files: files.map((file) => intended(root, file, mode)),
      leaving: leavingFrom(place, source?.path),
    }),
  );
  const vanishing = [...unwanted].map(
    ([place, { inode, path }]): IntendedFolder => ({
      place,
      inode,
      from: path,
      to: path,
      files: [],
      leaving: leavingFrom(place, path),
    }),
  );
  return { folders: [...planned, ...vanishing], seen: seenThen(plan) };
}

function intended(
  root: string,
  { photo, name, source, left, file }: PlannedFile,
  mode: Placed,
): IntendedFile {
  if (left && source) return { ...left, name, state: source.state };
  const original = file && { at: pathFrom(root, file.path) };
  return {
    name,
    photo,
    placed: source?.isLink ? 'symlink' : mode,
    ...(source && { state: source.state }),
    ...(original && { original }),
  };
}

/** What others have put there, where it is going to be. */
export function seenThen({ folders, seen }: Plan): SeenFile[] {
  const names = new Map(folders.flatMap(({ source, name }) => (source ? [[source.path, name]] : [])));
  return seen.map((file) => ({ ...file, path: withFolderAt(file.path, names) }));
}
