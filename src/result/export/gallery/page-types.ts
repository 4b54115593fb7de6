/*
 * What the gallery's page is given, in `gallery/data/`: scripts, since a page from the disk may not read anything else.
 *
 * `overview.js` calls `setOverview(GalleryOverview)`. The others come in pages, `<kind>-<n>.js`, which the page asks for when
 * it shows them: each calls `addPage(kind, n, items)` with the items from `n * pageSize` on, of at most `pageSize`. Types
 * only: the page, in the folder `gallery` of the project, is compiled with them, too.
 *
 * URLs are relative to `index.html`, or `file:` URLs where photos stay where they are. `null` stands for what is not known.
 */

/** A size or place in pixels of the upright photo, as decoded: EXIF orientation applied, as browsers do. */
export type PixelSize = readonly [width: number, height: number];
export type PixelBox = readonly [top: number, right: number, bottom: number, left: number];

/** What comes in pages. */
export interface Pages {
  /** Person by person, in the order of {@link GalleryOverview.people}. */
  readonly faces: GalleryFace;
  /** All photos, the latest first; those without a date last, by their paths. */
  readonly photos: GalleryPhoto;
}

export type PageKind = keyof Pages;

export interface GalleryFace {
  /**
   * Names the face in addresses, and no other on the page: its `FaceId`, which is the same in every result, with `~2`, `~3` and
   * so on behind it on further copies of the photo; `index` if it has none, since the photo was not found.
   */
  readonly id: string;
  /** Number of the face in the encodings file, from 0. */
  readonly index: number;
  /** The person's; -1 for a face that belongs to nobody, -2 for one that is too unclear to tell. */
  readonly label: number;
  /** Path of the photo, as in the encodings file. For reading, not for opening. */
  readonly path: string;
  /** URL of the photo; `null` if it was not found. */
  readonly photo: string | null;
  /** Size of the photo; `null` if it is not known, or the photo is not the one any more that the face was found on. */
  readonly size: PixelSize | null;
  /** Where on the photo the face is; no part of it is off the photo. */
  readonly box: PixelBox;
  /** Euclidean distance to the centre of the person; `null` for faces that belong to nobody. */
  readonly distance: number | null;
  /** See `FaceMeasures.sharpness`; `null` if it was not measured. */
  readonly sharpness: number | null;
  /** URL of a small picture of the face; `null` if the photo could not be decoded. */
  readonly thumbnail: string | null;
  /** URL of a small picture of the photo, for browsers that can't show the photo itself. */
  readonly photoThumbnail: string | null;
  /** Number of the photo among all, see {@link Pages.photos}. */
  readonly onPhoto: number;
  /** When the photo was taken, see {@link GalleryPhoto.taken}. */
  readonly taken: string | null;
}

/** A face among those on a photo. */
export type PhotoFace = Pick<GalleryFace, 'id' | 'label' | 'box'>;

export interface GalleryPhoto {
  /**
   * Names the photo in addresses, and no other on the page: the first 16 digits of its `PhotoId`, with `~2`, `~3` and so on behind
   * them on further copies; if that is not known, the `index` of a face on it.
   */
  readonly id: string;
  /** As in {@link GalleryFace}. */
  readonly path: string;
  readonly photo: string | null;
  readonly size: PixelSize | null;
  readonly thumbnail: string | null;
  /** The camera's clock when it was taken, `2024-07-31T18:05:09`, perhaps with an offset from UTC; `null` if the photo does not say. */
  readonly taken: string | null;
  /** From left to right; none if nobody was found on it. */
  readonly faces: readonly PhotoFace[];
}

/** A person; with label -1 the faces that belong to nobody, with -2 those that are too unclear to tell. */
export interface GalleryPerson {
  readonly label: number;
  /** What somebody has named the person; `null` for people without a name, and for label -1. */
  readonly name: string | null;
  /** Number of different photos that the faces are on; a video is one. */
  readonly photos: number;
  /** The same without copies: photos with the same bytes count once. */
  readonly distinctPhotos: number;
  /** Whether copies of the same photos alone made this a person. */
  readonly onlyCopies: boolean;
  /** How many of the faces are too unclear to tell who they are. */
  readonly unclear: number;
  /** Why this looks like several people, and on how many photos there are two of the faces; `null` if it does not. */
  readonly several: {
    readonly reasons: readonly ('spread' | 'photos' | 'halves')[];
    readonly photos: number;
  } | null;
  /** The person's faces are those from `first` on: `faces` of them, nearest to the person's centre first. */
  readonly first: number;
  readonly faces: number;
  /** URLs of a few thumbnails, the representative face first. */
  readonly cover: readonly string[];
  /** URL of the folder with the person's photos, if there is one. */
  readonly folder: string | null;
}

export interface GalleryOverview {
  /** Those on most photos first; -1 and -2, if there are such faces, last. */
  readonly people: readonly GalleryPerson[];
  /** Whether labels are the numbers of people who last: `Person 02`; else those of this result: `Person 2`. */
  readonly lastingLabels: boolean;
  /** Number of all people's. */
  readonly faces: number;
  /** Number of different photos that these are on; a video is one. */
  readonly photos: number;
  /** Which of {@link Pages.photos} are the frames of one video: the number of the first, and how many there are, by these numbers. */
  readonly videos: readonly (readonly [first: number, frames: number])[];
  /** How many of {@link Pages.photos} there are of each year, see {@link Pages.photos}: the latest first, `null` for those without a date last. */
  readonly years: readonly { readonly year: string | null; readonly photos: number }[];
  /** Number of photos that nobody was found on. */
  readonly photosWithoutFaces: number;
  readonly pageSize: number;
  /** What the faces were grouped with, as options of the command. */
  readonly options: string;
  /** Formats that not every browser shows: what several photos of it are called, by the ending of their names. */
  readonly notShown: Readonly<Record<string, string>>;
  /** Version of face-cluster-native. */
  readonly version: string;
}
