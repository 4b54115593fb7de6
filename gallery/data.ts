/*
 * What the page shows. Faces and photos come in pages of a few hundred, when what is in them is needed: from the disk as scripts
 * that are added to the page, else from the server.
 */
import type { PageKind, Pages } from '../src/result/export/gallery/page-types';

/** Where a page of items comes from. */
export type Source = <K extends PageKind>(kind: K, page: number) => Promise<readonly Pages[K][]>;

let source: Source = fromScript;
/** How many items a page holds, before anything can be loaded. */
let pageSize = 1;
/** By their names. */
const pages = new Map<string, Promise<readonly unknown[]>>();

/** Who waits for a script, by its file. */
const awaitedScripts = new Map<string, (items: readonly unknown[]) => void>();

export function setPageSize(size: number): void {
  pageSize = size;
}

export function setSource(other: Source): void {
  source = other;
}

/** What has been loaded is not so any more. */
export function dropPages(): void {
  pages.clear();
}

/** The items from number `first` to before number `end`, in the order of the pages. */
export async function load<K extends PageKind>(kind: K, first: number, end: number): Promise<Pages[K][]> {
  const from = Math.floor(first / pageSize);
  const loaded = await Promise.all(
    Array.from({ length: Math.ceil(end / pageSize) - from }, (_, i) => loadPage(kind, from + i)),
  );
  return loaded.flat(1).slice(first - from * pageSize, end - from * pageSize) as Pages[K][];
}

function loadPage<K extends PageKind>(kind: K, page: number): Promise<readonly Pages[K][]> {
  const name = `${kind}-${page}`;
  let items = pages.get(name) as Promise<readonly Pages[K][]> | undefined;
  if (!items) {
    const loading = source(kind, page);
    pages.set(name, loading);
    // Whoever needs it the next time tries again.
    loading.catch(() => pages.get(name) === loading && pages.delete(name));
    items = loading;
  }
  return items;
}

/** Called by `data/<kind>-<page>.js`. */
export function addPage<K extends PageKind>(kind: K, page: number, items: readonly Pages[K][]): void {
  const file = scriptOf(kind, page);
  awaitedScripts.get(file)?.(items);
  awaitedScripts.delete(file);
}

function scriptOf(kind: PageKind, page: number): string {
  return `gallery/data/${kind}-${page}.js`;
}

function fromScript<K extends PageKind>(kind: K, page: number): Promise<readonly Pages[K][]> {
  const file = scriptOf(kind, page);
  return new Promise<readonly unknown[]>((resolve, reject) => {
    const script = document.createElement('script');
    awaitedScripts.set(file, resolve);
    const ended = () => {
      if (!awaitedScripts.delete(file)) return;
      reject(new Error(`The file ${file} is missing or damaged.`));
    };
    script.onload = ended;
    script.onerror = ended;
    script.src = file;
    document.head.append(script);
  }) as Promise<readonly Pages[K][]>;
}
