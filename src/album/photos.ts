import { fileOfPhoto, type PhotoId } from '../base/ids';
import { groupBy } from '../base/maps';
import type { PhotoProblem } from '../base/photo-problem';
import type { Box, FaceRecord } from '../base/types';
import type { People } from '../people/people';
import { comparePaths, fileOfPath, frameIn } from '../photos/video/frame-path';
import type { PhotoFile } from '../result/originals/find';
import { type FoundFaces, readFoundFaces } from '../sort/found-faces';
import { openSorted } from '../sort/open';
import { type PhotoWithoutFaces, photosWithoutFaces } from '../sort/photos-without-faces';
import { idOfWhole } from '../sort/shown';
import { type FormerPhotos, readFormerPhotos } from './former-photos';

/** A photo of a people folder, whatever copies there are of it. */
export interface AlbumPhoto {
  readonly id: PhotoId;
  /** As it was sorted; of copies, the first that is there. */
  readonly path: string;
  /** `undefined` if it is not there any more, or was changed since. */
  readonly file: PhotoFile | undefined;
  /** Why, if it is not there. */
  readonly problem: PhotoProblem | undefined;
  /** See `PhotoFacts`. */
  readonly taken: string | null;
  readonly faces: readonly AlbumFace[];
}

export interface AlbumFace {
  /** Negative: nobody, or no face, see `WhoIsWho`. */
  readonly person: number;
  readonly box: Box;
  readonly encoding: Float64Array;
}

/** A photo, or a video with all that was found on its frames: who is on it at any time is on it. */
export interface AlbumFile extends Pick<AlbumPhoto, 'id' | 'path' | 'file' | 'problem' | 'taken'> {
  /** As in {@link AlbumFace.person}. */
  readonly people: ReadonlySet<number>;
  /** Of a video, the frames, as they follow each other: when each is, in seconds, and who is on it; of a photo none. */
  readonly frames: readonly { readonly seconds: number; readonly people: ReadonlySet<number> }[];
}

/** A people folder that somebody asks questions of. */
export interface Album {
  readonly people: People;
  /** What photos were before this program wrote into them. */
  readonly former: FormerPhotos;
  /**
   * The photos, by their paths, and who is on them.
   * @param onLocated is told how many photos were looked for, of how many; a video is one
   * @throws FaceError as `readFoundFaces`
   */
  photos(
    signal: AbortSignal | undefined,
    onLocated: (done: number, total: number) => void,
  ): Promise<AlbumPhoto[]>;
}

/**
 * Opens a people folder to look at it, as the last run has left it; nobody is kept from working on it meanwhile.
 * @throws FaceError as `openSorted`; what `work` throws
 */
export async function withAlbum<T>(output: string, work: (album: Album) => Promise<T>): Promise<T> {
  const { people, ...source } = await openSorted(output);
  try {
    return await work({
      people,
      former: await readFormerPhotos(source.data),
      photos: async (signal, onLocated) => {
        const found = await readFoundFaces(source, signal, () => {}, onLocated);
        await found.photos.findChanged(new Map(), signal);
        const withoutFaces = await photosWithoutFaces(
          found.known,
          source.settings,
          signal,
          source.settings.video ? oneOfEachVideo(found.onPhoto.keys()) : undefined,
        );
        return [...photosWithFaces(found, people), ...oneOfEach(withoutFaces)].sort((a, b) =>
          comparePaths(a.path, b.path),
        );
      },
    });
  } finally {
    await people.close();
  }
}

/** The files that photos are in. @param photos by their paths */
export function filesOf(photos: readonly AlbumPhoto[]): AlbumFile[] {
  return [...groupBy(photos, ({ id, path }) => idOfWhole(id, path))].map(([id, pictures]) => {
    const known = pictures.map((picture) => ({
      frame: frameIn(picture.path),
      people: new Set(picture.faces.map(({ person }) => person)),
    }));
    const shown = (pictures.find(({ file }) => file) ?? pictures[0]) as AlbumPhoto;
    return {
      id,
      path: fileOfPath(shown.path),
      file: shown.file,
      problem: shown.problem,
      taken: shown.taken,
      people: new Set(known.flatMap(({ people }) => [...people])),
      frames: known.flatMap(({ frame, people }) => (frame ? { seconds: frame.seconds, people } : [])),
    };
  });
}

function photosWithFaces(found: FoundFaces, people: People): AlbumPhoto[] {
  const { records, faces, photos, known, onPhoto } = found;
  const problems = new Map(photos.problems().map((problem) => [problem.path, problem]));
  const who = people.whoAre(faces).people;
  return [...onPhoto].map(([id, places]) => {
    const copies = [...groupBy(places, (place) => (records[place] as FaceRecord).imagePath)];
    const isUsable = ([path]: (typeof copies)[0]) => photos.file(path) && !problems.has(path);
    const usable = copies.find(isUsable);
    const [path, own] = usable ?? (copies[0] as (typeof copies)[0]);
    return {
      id,
      path,
      file: usable && photos.file(path),
      problem: usable ? undefined : problems.get(path),
      taken: known?.facts.get(id)?.taken ?? null,
      faces: own.map((place) => {
        const { loc: box, encoding } = records[place] as FaceRecord;
        return { person: who[place] as number, box, encoding };
      }),
    };
  });
}

/** Wants all photos; of frames, those that are the first of their video: others are more of the same. @param photos frames that are there */
function oneOfEachVideo(photos: Iterable<PhotoId>): (photo: PhotoId, path: string) => boolean {
  const videos = new Set(Array.from(photos, fileOfPhoto));
  return (photo, path) => {
    if (!frameIn(path)) return true;
    const video = fileOfPhoto(photo);
    return !videos.has(video) && videos.add(video) !== undefined;
  };
}

function oneOfEach(photos: readonly PhotoWithoutFaces[]): AlbumPhoto[] {
  return [...new Map(photos.toReversed().map((photo) => [photo.id, photo])).values()].map(
    ({ id, path, file, facts }) => {
      return { id, path, file, problem: undefined, taken: facts?.taken ?? null, faces: [] };
    },
  );
}
