import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What is in a folder but for `.data`: by path, what the file holds. */
export function treeOf(folder: string): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (name === '.data' || name.startsWith('.data/')) continue;
    if (entry.isDirectory()) tree.set(`${name}/`, '');
    else if (entry.isSymbolicLink()) tree.set(name, `-> ${readlinkSync(path)}`);
    else tree.set(name, createHash('sha256').update(readFileSync(path)).digest('hex'));
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The folders of people, by their names without the number of photos. */
export function foldersOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const names = readdirSync(folder).filter(
    (name) => name !== '.data' && statSync(join(folder, name)).isDirectory(),
  );
  return new Map(
    names.map((name) => [name.replace(/ \(\d+\)$/, ''), readdirSync(join(folder, name)).sort()]),
  );
}

/** Copies a folder as a backup does. */
export function copyTree(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}
