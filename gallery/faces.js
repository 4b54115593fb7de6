'use strict';
/* The faces, which come in pages of a few hundred: scripts that are added to the page when their faces are needed. */

/**
 * @typedef {import('../src/gallery/data').GalleryFace} GalleryFace
 * @typedef {import('../src/gallery/data').GalleryPerson} GalleryPerson
 * @typedef {import('../src/gallery/data').GalleryOverview} GalleryOverview
 */

/** @type {GalleryOverview | undefined} */
let overview;

/**
 * Called by `data/overview.js`.
 * @param {GalleryOverview} value
 */
function setOverview(value) {
  overview = value;
}

/** @type {Map<number, Promise<readonly GalleryFace[]>>} */
const facePages = new Map();

/** @type {Map<number, (faces: readonly GalleryFace[]) => void>} */
const awaitedPages = new Map();

/**
 * Called by `data/faces-<page>.js`.
 * @param {number} page
 * @param {readonly GalleryFace[]} faces
 */
function addFaces(page, faces) {
  awaitedPages.get(page)?.(faces);
}

/**
 * @param {number} page
 * @returns {Promise<readonly GalleryFace[]>}
 */
function facePage(page) {
  let faces = facePages.get(page);
  if (!faces) {
    faces = new Promise((resolve, reject) => {
      const script = document.createElement('script');
      const file = `gallery/data/faces-${page}.js`;
      awaitedPages.set(page, resolve);
      // Without effect if the script has brought its faces.
      const fail = () => reject(new Error(`The file ${file} is missing or damaged.`));
      script.onload = fail;
      script.onerror = fail;
      script.src = file;
      document.head.append(script);
    });
    facePages.set(page, faces);
  }
  return faces;
}

/**
 * The faces from number `first` to before number `end`, in the order of the pages.
 * @param {number} first
 * @param {number} end
 */
async function loadFaces(first, end) {
  const { pageSize } = /** @type {GalleryOverview} */ (overview);
  const from = Math.floor(first / pageSize);
  const pages = await Promise.all(
    Array.from({ length: Math.ceil(end / pageSize) - from }, (_, i) => facePage(from + i)),
  );
  return pages.flat().slice(first - from * pageSize, end - from * pageSize);
}
