import type { PhotoId } from '../base/ids';
import type { PhotoProblem } from '../base/photo-problem';
import { options as knownOptions, oneOf, path, text } from '../base/validate';
import type { PersonId } from '../people/decisions';
import { PLACED, type Placed } from '../result/originals/place-photo';
import { checkDates, isWithin } from './dates';
import { type AlbumPhoto, withAlbum } from './photos';
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
  /** Folder to put the photos into as well; what is in it stays. Default: none. */
  readonly to?: string;
  /** How they get there, see `FileMode`. Default `hardlink`. */
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

/** A photo that was asked for. */
export interface FoundPhoto {
  /** Where it is; of copies, one that is there. */
  readonly path: string;
  readonly photo: PhotoId;
  /** When it was taken, as ISO 8601 has it, by the camera's clock; `null` if the photo does not say. */
  readonly taken: string | null;
  /** Who is on it, by their numbers; hidden people are not told. */
  readonly people: readonly PersonId[];
}

export interface PhotosFound {
  /** By their paths. */
  readonly photos: readonly FoundPhoto[];
  /** How many photos were left out because they do not say when they were taken; 0 where no dates were asked for. */
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
 * Finds photos in a people folder by who is on them and when they were taken. Looks only: it knows what the last run has found and
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
  const dates = checkDates(options);
  const hasDates = dates.from !== undefined || dates.until !== undefined;
  const target = to === undefined ? undefined : await mustBeApart(path('to', to), output);
  const put = async (folder: string, photos: readonly AlbumPhoto[]): Promise<PlacedAlbum> => {
    const { names: _, ...placed } = await placeAlbum(folder, photos, files, signal, (done, total) =>
      onProgress?.({ phase: 'files', done, total }),
    );
    return placed;
  };
  const onLocated = (done: number, total: number) => onProgress?.({ phase: 'locate', done, total });
  return withAlbum(output, async (album) => {
    const { people } = album;
    const asked = query === undefined ? undefined : parseQuery(query, people);
    const known = new Map(people.list().map((person) => [person.id, person]));
    const shown = (await album.photos(signal, onLocated))
      .map((photo) => ({ ...photo, people: new Set(photo.faces.map(({ person }) => person)) }))
      .filter((photo) => !asked || isMatch(asked, photo.people));
    const photos = shown.filter(({ taken }) => !hasDates || (taken !== null && isWithin(taken, dates)));
    const there = photos.filter(({ file }) => file);
    const placed = target === undefined ? undefined : await put(target, there);
    return {
      photos: there.map(({ path, id, taken, people: on }) => ({
        path,
        photo: id,
        taken,
        people: [...on].filter((person) => known.get(person)?.hidden === false).sort((a, b) => a - b),
      })),
      undated: hasDates ? shown.filter(({ taken }) => taken === null).length : 0,
      placed,
      problems: [...photos.flatMap(({ problem }) => problem ?? []), ...(placed?.problems ?? [])],
      seconds: (performance.now() - started) / 1000,
    };
  });
}
