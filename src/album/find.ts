import type { PhotoId } from '../base/ids';
import type { PhotoProblem } from '../base/photo-problem';
import { invalidArgument, options as knownOptions, oneOf, path, text } from '../base/validate';
import type { PersonId } from '../people/decisions';
import { PLACED, type Placed } from '../result/originals/place-photo';
import { checkDates, isWithin } from './dates';
import type { FormerPhotos } from './former-photos';
import { type AlbumFile, filesOf, withAlbum } from './photos';
import { mustBeApart, type PlacedAlbum, placeAlbum } from './place';
import { isMatch, parseQuery } from './query';

export interface FindPhotosOptions {
  /** Folder of the people. */
  readonly output: string;
  /**
   * Who is to be on the photos: `Anna & Ben & !Carl`, with `|` for one of several and parentheses; `and`, `or` and `not` mean the
   * same, and between two names `&` may be left out. People are meant by their names, in whatever case, their numbers, or the names
   * of their folders; a name that has such signs or words in it is put into double quotes. Default: photos of anybody, and nobody.
   */
  readonly query?: string;
  /** The first day, or the month or year of it: `2024-07-14`, `2024-07`, `2024`. By the camera's clock. */
  readonly from?: string;
  /** The last day, or the month or year of it. */
  readonly until?: string;
  /**
   * Folder to put the photos into as well; what is in it stays, but copies of what a photo was before `tagPhotos` wrote names into it:
   * these become what it is now. Default: none.
   */
  readonly to?: string;
  /** How they get there, see `FileMode`; only with `to`. Default `hardlink`. */
  readonly files?: Placed;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FindProgress) => void;
}

export interface FindProgress {
  /** What is being done, in this order: looking for the photos, putting them into the folder. */
  readonly phase: 'locate' | 'files';
  readonly done: number;
  readonly total: number;
}

/** A photo, or a video, that was asked for. */
export interface FoundPhoto {
  /** Where it is; of copies, one that is there. */
  readonly path: string;
  /** SHA-256 of the file. */
  readonly photo: PhotoId;
  /** When it was taken, as ISO 8601 has it, by the camera's clock; `null` if the photo does not say. */
  readonly taken: string | null;
  /** Who is on it, a video at any time, by their numbers; hidden people are not told. */
  readonly people: readonly PersonId[];
  /** Of a video: when, in seconds from its beginning, a frame alone shows what was asked for; of a photo empty. */
  readonly moments: readonly number[];
}

export interface PhotosFound {
  /** By their paths. */
  readonly photos: readonly FoundPhoto[];
  /** How many were left out because they do not say when they were taken; 0 where no dates were asked for. */
  readonly undated: number;
  /** What was put into the folder; `undefined` if none was given. */
  readonly placed: PlacedAlbum | undefined;
  /** Photos that were asked for and are not there any more, or were changed since, or could not be put into the folder. */
  readonly problems: readonly PhotoProblem[];
  /** How long it took. */
  readonly seconds: number;
}

const OPTIONS: Readonly<Record<keyof FindPhotosOptions, true>> = {
  output: true,
  query: true,
  from: true,
  until: true,
  to: true,
  files: true,
  signal: true,
  onProgress: true,
};

/**
 * Finds photos and videos in a people folder by who is on them and when they were taken; who is in a video at any time is on it. Looks only: it knows what the last run has found and
 * what was decided since, and also works while somebody works on the folder.
 *
 * ```ts
 * const { photos } = await findPhotos({ output: 'people', query: 'Anna & Ben & !Carl', from: '2024-07' });
 * ```
 * @throws FaceError FACE_INVALID_ARGUMENT, with `argument` `query` for names of nobody or of several people and for what makes no
 *   sense: the message shows the place; FACE_IO if no photos were sorted into `output`, or `to` can't be written or is in it;
 *   FACE_PEOPLE_INVALID, FACE_ABORTED; as `readEncodings`
 */
export async function findPhotos(options: FindPhotosOptions): Promise<PhotosFound> {
  const started = performance.now();
  const {
    output,
    query,
    to,
    files = 'hardlink',
    signal,
    onProgress,
  } = knownOptions('options', options, OPTIONS);
  if (query !== undefined) text('query', query);
  oneOf('files', files, PLACED);
  if (options.files !== undefined && to === undefined) {
    throw invalidArgument('files', 'nothing, as there is no folder "to" to put photos into,', files);
  }
  const dates = checkDates(options);
  const hasDates = dates.from !== undefined || dates.until !== undefined;
  const target = to === undefined ? undefined : await mustBeApart(path('to', to), output);
  const put = async (folder: string, photos: readonly AlbumFile[], former: FormerPhotos) => {
    const { names: _, ...placed } = await placeAlbum(folder, photos, former, files, signal, (done, total) =>
      onProgress?.({ phase: 'files', done, total }),
    );
    return placed;
  };
  const onLocated = (done: number, total: number) => onProgress?.({ phase: 'locate', done, total });
  return withAlbum(output, async (album) => {
    const { people } = album;
    const asked = query === undefined ? undefined : parseQuery(query, people);
    const known = new Map(people.list().map((person) => [person.id, person]));
    const isWanted = (on: ReadonlySet<number>) => !asked || isMatch(asked, on);
    const shown = filesOf(await album.photos(signal, onLocated)).filter(({ people }) => isWanted(people));
    const photos = shown.filter(({ taken }) => !hasDates || (taken !== null && isWithin(taken, dates)));
    const there = photos.filter(({ file }) => file);
    const placed = target === undefined ? undefined : await put(target, there, album.former);
    return {
      photos: there.map(({ path, id, taken, people: on, frames }) => ({
        path,
        photo: id,
        taken,
        people: [...on].filter((person) => known.get(person)?.hidden === false).sort((a, b) => a - b),
        moments: frames.flatMap(({ seconds, people }) => (isWanted(people) ? seconds : [])),
      })),
      undated: hasDates ? shown.filter(({ taken }) => taken === null).length : 0,
      placed,
      problems: [...photos.flatMap(({ problem }) => problem ?? []), ...(placed?.problems ?? [])],
      seconds: (performance.now() - started) / 1000,
    };
  });
}
