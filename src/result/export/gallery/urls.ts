import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The URL of a file.
 * @param path relative, with `/` between its parts, to what the URL will be relative to; or absolute
 */
export function urlOf(path: string): string {
  return isAbsolute(path) ? pathToFileURL(path).href : path.split('/').map(encodePart).join('/');
}

/**
 * As `encodeURIComponent`, which throws for halves of surrogate pairs. Python writes a byte of a name that is not UTF-8
 * as one (`surrogateescape`: byte 0xff is U+DCFF) and means that byte.
 */
function encodePart(part: string): string {
  if (!/[\ud800-\udfff]/.test(part)) return encodeURIComponent(part);
  return Array.from(part, (character) => {
    const code = character.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) return `%${(code - 0xdc00).toString(16).toUpperCase()}`;
    return encodeURIComponent(code >= 0xd800 && code <= 0xdfff ? '\ufffd' : character);
  }).join('');
}
