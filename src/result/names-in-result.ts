/* The names of what is in the folder of a result. */

/** Says that the folder was made here, and what it held when it was finished. */
export { DATA_FOLDER, MARKER } from '../system/own-folder';

/** Says where the photos in the result came from. */
export const ORIGINALS = '.face-cluster-originals.json';

/** The page to look at the people with, and the folder that it needs. */
export const GALLERY_PAGE = 'index.html';
export const GALLERY_FOLDER = 'gallery';

export const CLUSTERS_JSON = 'clusters.json';
export const CLUSTERS_CSV = 'clusters.csv';

/** The folder of the overview pictures. */
export const MONTAGE_FOLDER = 'montage';

/** The folder of the small pictures of faces and photos. */
export const THUMBNAILS_FOLDER = 'thumbnails';

/** Holds what only later runs need. */
export const CACHE_FOLDER = '.cache';

/**
 * The folder for photos of the earlier result that are nowhere else: their originals are gone, or were changed. Whoever looks
 * through it may move and delete what is in it: no run minds.
 */
export const KEPT_FOLDER = 'kept-originals-not-found';

/** The folder of a person's files; of label -1, those of faces that belong to nobody. */
export function labelFolder(label: number): string {
  return `label${label}`;
}

/** Whether a folder of that name is one of {@link labelFolder}. */
export function isLabelFolder(name: string): boolean {
  return /^label-?\d+$/.test(name);
}

/** In the data folder of people: the page with its pictures. */
export const PAGE_FOLDER = 'page';

/** Beside it: small pictures that were made for the page that "view" serves alone. */
export const PICTURES_FOLDER = 'pictures';
