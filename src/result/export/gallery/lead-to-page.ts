import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../system/atomic-file';
import { fsPath } from '../../../system/file-name';
import { GALLERY_PAGE } from '../../names-in-result';
import { urlOf } from './urls';

/** By this our pages are told from other people's, whatever version made them. */
const MADE_HERE = '<meta name="generator" content="face-cluster-native">';

/**
 * Puts an `index.html` into `folder` that opens another page in its place, from the disk, too, wherever `folder` is moved to
 * with that page. Touches nothing if it is there already, or if an `index.html` of somebody else's is.
 * @param to path of the other page as seen from `folder`, with `/` between its parts
 * @returns whether it is there now; `false` if the place is somebody else's
 * @throws FaceError FACE_IO; what was there before is still there then
 */
export async function leadToPage(folder: string, to: string): Promise<boolean> {
  const path = join(folder, GALLERY_PAGE);
  const page = pageLeadingTo(urlOf(to));
  const there = await readFile(fsPath(path), 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : '',
  );
  if (there === page) return true;
  if (there !== undefined && !there.includes(MADE_HERE)) return false;
  await writeFileAtomically(path, 'page', (handle) => handle.writeFile(page), false);
  return true;
}

/**
 * A page that opens another one in its place.
 * @param url what stands in it needs no escaping in HTML: see `urlOf`
 */
export function pageLeadingTo(url: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    ${MADE_HERE}
    <meta http-equiv="refresh" content="0; url=${url}">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta name="robots" content="noindex">
    <title>People on your photos</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <p><a href="${url}">Show the people on your photos</a></p>
  </body>
</html>
`;
}
