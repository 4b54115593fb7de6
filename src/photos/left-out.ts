import picomatch from 'picomatch';
import { invalidArgument } from '../base/validate';
import { isTemporaryName } from '../system/temporary';
import type { UnreadKind } from './formats/formats';
import { type BesidePictures, type RawAndJpeg, rawBesideJpeg, videosOfLivePhotos } from './raw-and-jpeg';

/** What a search has left out. Files that have nothing to do with photos are not counted. */
export interface LeftOut {
  /** Folders with a result of this program, whole or unfinished: their paths, in order. These are always left out. */
  readonly results: readonly string[];
  /** Hidden folders and photos, and folders in which other programs keep trash, thumbnails and the like. */
  readonly hidden: LeftOutCount & {
    /** The names of these folders, each once, in order. */
    readonly names: readonly string[];
  };
  /** What `exclude` matches. */
  readonly excluded: LeftOutCount;
  /** Number of raw photos that have a JPEG or HEIC of the same name beside them, which is taken. */
  readonly rawBesideJpeg: number;
  /**
   * Where videos are taken: number of those that belong to a Live Photo, which is taken: `.mov` files with a JPEG or HEIC of the same name
   * beside them. Where they are not, these are not counted.
   */
  readonly videosOfLivePhotos: number;
  /** Number of files that can't be read yet, by kind, e.g. `{ raw: 12, video: 5 }`. A kind that there is none of is missing. */
  readonly unread: Readonly<Partial<Record<UnreadKind, number>>>;
}

export interface LeftOutCount {
  /** Number of folders. They were not searched: how many photos are in them is not known. */
  readonly folders: number;
  /** Number of photos, beside those in these folders. */
  readonly photos: number;
}

/** What a search is to leave out. */
export interface LeaveOutOptions {
  /**
   * Whether to take hidden photos (their names begin with a dot) and to search hidden folders and those in which other
   * programs keep trash, thumbnails and the like (`@eaDir`, `#recycle`, `$RECYCLE.BIN`, …), too. Default `false`.
   */
  readonly includeHidden?: boolean;
  /**
   * Globs of folders not to search and photos not to take. One without a slash is matched against the names of both
   * (`*.gif`, `Screenshots`); one with a slash against the path from the given folder on (`2019/raw`, `albums/**`).
   * `*` and `?` stop at slashes, `**` does not; upper and lower case are the same. What is given as `dataset` itself is
   * searched all the same.
   */
  readonly exclude?: string | readonly string[];
  /**
   * What to take of a raw photo and the JPEG or HEIC of the same name beside it: `one`, that one, or `both`, each as a photo of its own.
   * Default `one`.
   */
  readonly rawAndJpeg?: RawAndJpeg;
}

/**
 * Folders in which storage devices, Windows and Linux keep trash, thumbnails, snapshots and the like; in lower case,
 * since network drives show them in either. Those that begin with a dot are hidden anyway.
 */
const OF_OTHER_PROGRAMS: ReadonlySet<string> = new Set([
  '@eadir',
  '@__thumb',
  '@recently-snapshot',
  '@recycle',
  '@tmp',
  '#recycle',
  '#snapshot',
  '$recycle.bin',
  'lost+found',
  'recycler',
  'system volume information',
]);

/** Decides what a search leaves out, and counts it. Paths that are called `within` are those from the input on. */
export class LeavingOut {
  readonly #isExcluded: (within: string) => boolean;
  /** Folders with a result of `cluster`. */
  readonly results: string[] = [];
  readonly #names = new Set<string>();
  readonly #hidden = { folders: 0, photos: 0 };
  readonly #excluded = { folders: 0, photos: 0 };
  readonly #unread = new Map<UnreadKind, number>();
  #rawBesideJpeg = 0;
  #videosOfLivePhotos = 0;

  /** @throws FaceError FACE_INVALID_ARGUMENT for a glob that is none */
  constructor(
    private readonly includeHidden: boolean,
    exclude: readonly string[],
    private readonly rawAndJpeg: RawAndJpeg,
  ) {
    this.#isExcluded = matcherOf(exclude);
  }

  /** Whether a folder is left out because of its name. */
  leavesFolder(path: string, within: string): boolean {
    const name = nameIn(within);
    if (isTemporaryName(name)) {
      this.results.push(path);
      return true;
    }
    const counted = this.#reason(within, OF_OTHER_PROGRAMS.has(name.toLowerCase()));
    if (counted) counted.folders++;
    if (counted === this.#hidden) this.#names.add(name);
    return counted !== undefined;
  }

  leavesPhoto(within: string): boolean {
    const counted = this.#reason(within);
    if (counted) counted.photos++;
    return counted !== undefined;
  }

  /** Whether a file that is not read is left out for another reason; then it does not count. */
  leavesUnread(within: string): boolean {
    return this.#reason(within) !== undefined;
  }

  addUnread(kind: UnreadKind, within: string): void {
    if (!this.leavesUnread(within)) this.#unread.set(kind, (this.#unread.get(kind) ?? 0) + 1);
  }

  /** The photos, of those that were found, without the raw ones that are there as JPEGs as well; and these. */
  withoutPairs(photos: readonly string[]): {
    readonly images: string[];
    readonly rawBesideJpeg: BesidePictures;
  } {
    const left: BesidePictures = this.rawAndJpeg === 'one' ? rawBesideJpeg(photos) : new Map();
    this.#rawBesideJpeg = left.size;
    return { images: photos.filter((photo) => !left.has(photo)), rawBesideJpeg: left };
  }

  /** The videos, of those that were found, without those of Live Photos. @param photos all that were found */
  withoutLivePhotos(videos: readonly string[], photos: readonly string[]): string[] {
    const left = videosOfLivePhotos(videos, photos);
    this.#videosOfLivePhotos = left.size;
    return videos.filter((video) => !left.has(video));
  }

  /** Counts videos where none is looked at; of Live Photos, nothing is missed without them. @returns all of them */
  withoutVideos(videos: string[], photos: readonly string[]): string[] {
    const missed = videos.length - videosOfLivePhotos(videos, photos).size;
    if (missed > 0) this.#unread.set('video', missed);
    return videos;
  }

  /** All that was left out. */
  get counts(): LeftOut {
    return {
      results: this.results.sort(),
      hidden: { ...this.#hidden, names: [...this.#names].sort() },
      excluded: this.#excluded,
      rawBesideJpeg: this.#rawBesideJpeg,
      videosOfLivePhotos: this.#videosOfLivePhotos,
      unread: Object.fromEntries(this.#unread),
    };
  }

  #reason(within: string, isOfOthers = false) {
    if (this.#isExcluded(within)) return this.#excluded;
    const isHidden = isOfOthers || nameIn(within).startsWith('.');
    return isHidden && !this.includeHidden ? this.#hidden : undefined;
  }
}

function nameIn(within: string): string {
  return within.slice(within.lastIndexOf('/') + 1);
}

function matcherOf(globs: readonly string[]): (within: string) => boolean {
  const matchers = globs.map((glob) => {
    // As in a list of files to ignore: "/raw" and "./raw" are the one in the input, "raw/" is a folder.
    const pattern = composed(glob.replace(/\/+$/, ''));
    const anchored = pattern.replace(/^\.?\/+/, '');
    const part = pattern.includes('/') ? (path: string) => path : nameIn;
    try {
      const matches = picomatch(anchored, { dot: true, nocase: true, nonegate: true });
      // A name may hold what means something in a glob: "Trip [2019]".
      const literal = anchored.toLowerCase();
      return (path: string) => matches(part(path)) || part(path).toLowerCase() === literal;
    } catch {
      throw invalidArgument('exclude', 'pattern for names, e.g. *.gif,', glob);
    }
  });
  return (within) => matchers.some((matches) => matches(composed(within)));
}

/** Letters with accents come in two spellings, which nobody can tell apart: as they are typed, and as macOS stores them. */
function composed(text: string): string {
  return text.normalize('NFC');
}
