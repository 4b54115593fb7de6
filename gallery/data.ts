'use strict';
/*
 * What the page shows. Faces and photos come in pages of a few hundred: scripts that are added to the page when what is in them
 * is needed.
 */

/**
 * @typedef {import('../src/result/export/gallery/data').GalleryFace} GalleryFace
 * @typedef {import('../src/result/export/gallery/data').GalleryPerson} GalleryPerson
 * @typedef {import('../src/result/export/gallery/data').GalleryOverview} GalleryOverview
 * @typedef {import('../src/result/export/gallery/data').GroupPhotoFace} GroupPhotoFace
 * @typedef {import('../src/result/export/gallery/data').Pages} Pages
 * @typedef {import('../src/result/export/gallery/data').PageKind} PageKind
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

/** By the file's name. @type {Map<string, Promise<readonly any[]>>} */
const pages = new Map();

/** By the file's name. @type {Map<string, (items: readonly any[]) => void>} */
const awaitedPages = new Map();

/**
 * Called by `data/<kind>-<page>.js`.
 * @template {PageKind} K
 * @param {K} kind
 * @param {number} page
 * @param {readonly Pages[K][]} items
 */
function addPage(kind, page, items) {
  const file = pageFile(kind, page);
  awaitedPages.get(file)?.(items);
  awaitedPages.delete(file);
}

/**
 * @param {PageKind} kind
 * @param {number} page
 */
function pageFile(kind, page) {
  return `gallery/data/${kind}-${page}.js`;
}

/**
 * @template {PageKind} K
 * @param {K} kind
 * @param {number} page
 * @returns {Promise<readonly Pages[K][]>}
 */
function loadPage(kind, page) {
  const file = pageFile(kind, page);
  let items = pages.get(file);
  if (!items) {
    items = new Promise((resolve, reject) => {
      const script = document.createElement('script');
      awaitedPages.set(file, resolve);
      const ended = () => {
        if (!awaitedPages.has(file)) return;
        // Whoever needs it the next time tries again.
        pages.delete(file);
        reject(new Error(`The file ${file} is missing or damaged.`));
      };
      script.onload = ended;
      script.onerror = ended;
      script.src = file;
      document.head.append(script);
    });
    pages.set(file, items);
  }
  return items;
}

/**
 * The items from number `first` to before number `end`, in the order of the pages.
 * @template {PageKind} K
 * @param {K} kind
 * @param {number} first
 * @param {number} end
 * @returns {Promise<Pages[K][]>}
 */
async function load(kind, first, end) {
  const { pageSize } = /** @type {GalleryOverview} */ (overview);
  const from = Math.floor(first / pageSize);
  const loaded = await Promise.all(
    Array.from({ length: Math.ceil(end / pageSize) - from }, (_, i) => loadPage(kind, from + i)),
  );
  return loaded.flat(1).slice(first - from * pageSize, end - from * pageSize);
}
