import { win32 } from 'node:path';
import { describeValue, type PickleValue, type ReaderContext } from './values';

/** About what the text of a path and the names in it take for each of its characters, in bytes. */
const COST_OF_CHARACTER = 16;

/**
 * `str()` of the `pathlib` path that is made of `parts`, on any system. Up to Python 3.12 these are its root and its
 * names, from 3.13 on what it was once made of, e.g. `('photos/', 'a//b.jpg')`.
 */
export function pathText(parts: readonly PickleValue[], windows: boolean, context: ReaderContext): string {
  const separator = windows ? '\\' : '/';
  const rootOf = windows ? (path: string) => win32.parse(path).root : posixRoot;
  let joined = '';
  for (const part of parts) {
    if (typeof part !== 'string') throw context.invalid(`there is a path made of ${describeValue(part)}`);
    context.charge(COST_OF_CHARACTER * part.length);
    const text = windows ? part.replaceAll('/', separator) : part;
    // What is absolute takes the place of what stands before it.
    const begins = joined === '' || rootOf(text) !== '';
    joined = begins ? text : joined.endsWith(separator) ? joined + text : joined + separator + text;
  }
  const root = rootOf(joined);
  const names = joined.slice(root.length).split(separator);
  // `..` stays: it may lead through a link.
  return root + names.filter((name) => name !== '' && name !== '.').join(separator) || '.';
}

/** Two slashes mean something else than one; more than two mean one (POSIX). */
function posixRoot(path: string): string {
  const slashes = /^\/*/.exec(path)?.[0] ?? '';
  return slashes.length === 2 ? slashes : slashes.slice(0, 1);
}
