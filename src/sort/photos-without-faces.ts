import { dirname, relative, sep } from 'node:path';
import type { PhotoId } from '../base/ids';
import type { PhotoFacts } from '../base/types';
import type { JournalKnowledge } from '../encode/journal/faces';
import { LeavingOut } from '../photos/left-out';
import { rawBesideJpeg } from '../photos/raw-and-jpeg';
import { fileOfPath, frameIn } from '../photos/video/frame-path';
import { hasSizeAndTimeOf, type PhotoFile, PhotoFinder } from '../result/originals/find';
import { FILES_AT_ONCE, forEachConcurrent } from '../system/jobs';
import type { SortSettings } from './settings';

/** A photo that was sorted, and on which nobody was found. */
export interface PhotoWithoutFaces {
  /** As in the journal. */
  readonly path: string;
  readonly id: PhotoId;
  readonly file: PhotoFile;
  readonly facts: PhotoFacts | undefined;
}

/**
 * The photos on which nothing was found, as far as they are where they were and as they were; by their paths.
 * @param isWanted which of them; by default all but the frames of videos, which are more than anybody looks at
 * @throws FaceError FACE_ABORTED
 */
export async function photosWithoutFaces(
  known: JournalKnowledge | undefined,
  settings: Pick<SortSettings, 'photos' | 'includeHidden' | 'exclude' | 'rawAndJpeg'>,
  signal: AbortSignal | undefined,
  isWanted = (_: PhotoId, path: string): boolean => !frameIn(path),
): Promise<PhotoWithoutFaces[]> {
  if (!known) return [];
  const isLeftOut = leftOutBy(settings);
  // One that can't be decoded has no facts; its raw photo was taken then.
  const others = [...known.others].filter(([, { content }]) => known.facts.has(content));
  const paired =
    settings.rawAndJpeg === 'both'
      ? new Map()
      : rawBesideJpeg([...known.photos.keys(), ...others.map(([path]) => path)]);
  const all = others.filter(
    ([path, { content }]) => !paired.has(path) && !isLeftOut(fileOfPath(path)) && isWanted(content, path),
  );
  const finder = new PhotoFinder([], undefined);
  const found: PhotoWithoutFaces[] = [];
  await forEachConcurrent(all, FILES_AT_ONCE, signal, async ([path, { content: id, state }]) => {
    const file = await finder.find(path).catch(() => undefined);
    // Another photo may be there by now, which the next run is to look at.
    if (!file || (state !== undefined && !hasSizeAndTimeOf(file, state))) return;
    found.push({ path, id, file, facts: known.facts.get(id) });
  });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a photo of earlier runs is none of those any more that are sorted. */
function leftOutBy({
  photos,
  includeHidden,
  exclude,
}: Pick<SortSettings, 'photos' | 'includeHidden' | 'exclude'>): (path: string) => boolean {
  const given = new Set(photos);
  const leaving = new LeavingOut(includeHidden, exclude, 'both');
  return (path) => {
    if (given.has(path)) return false;
    const parts = [path];
    for (let folder = dirname(path); !given.has(folder); folder = dirname(folder)) {
      if (dirname(folder) === folder) return true;
      parts.push(folder);
    }
    const root = dirname(parts.at(-1) as string);
    const within = (part: string) => relative(root, part).split(sep).join('/');
    const [photo, ...folders] = parts as [string, ...string[]];
    return (
      leaving.leavesPhoto(within(photo)) ||
      folders.some((folder) => leaving.leavesFolder(folder, within(folder)))
    );
  };
}
