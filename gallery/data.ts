/*
 * What the page shows. Faces and photos come in pages of a few hundred: scripts that are added to the page when what is in them
 * is needed.
 */
import type { PageKind, Pages } from '../src/result/export/gallery/page-types';

/** By the names of their files, as is who waits for one. */
const pages = new Map<string, Promise<readonly unknown[]>>();
const awaitedPages = new Map<string, (items: readonly unknown[]) => void>();

/** Called by `data/<kind>-<page>.js`. */
export function addPage<K extends PageKind>(kind: K, page: number, items: readonly Pages[K][]): void {
  const file = pageFile(kind, page);
  awaitedPages.get(file)?.(items);
  awaitedPages.delete(file);
}

function pageFile(kind: PageKind, page: number): string {
  return `gallery/data/${kind}-${page}.js`;
}

function loadPage<K extends PageKind>(kind: K, page: number): Promise<readonly Pages[K][]> {
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
  return items as Promise<readonly Pages[K][]>;
}

/** How many items a page holds, before anything can be loaded. */
let pageSize = 1;

export function setPageSize(size: number): void {
  pageSize = size;
}

/** The items from number `first` to before number `end`, in the order of the pages. */
export async function load<K extends PageKind>(kind: K, first: number, end: number): Promise<Pages[K][]> {
  const from = Math.floor(first / pageSize);
  const loaded = await Promise.all(
    Array.from({ length: Math.ceil(end / pageSize) - from }, (_, i) => loadPage(kind, from + i)),
  );
  return loaded.flat(1).slice(first - from * pageSize, end - from * pageSize) as Pages[K][];
}
