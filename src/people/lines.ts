import { FaceError, messageOf } from '../base/errors';

/** A line's number, from 1, and the value of its JSON. */
export interface Line {
  readonly number: number;
  readonly value: unknown;
}

/**
 * The lines of a file of JSON lines. Editors of people may have added a byte order mark, carriage returns and empty lines.
 * @param text without what was cut off
 * @param remedy for a line that is damaged
 * @throws FaceError FACE_PEOPLE_INVALID with the number of the line that is no JSON
 */
export function* linesOf(text: string, path: string, remedy?: string): Generator<Line, undefined> {
  let number = 0;
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    number++;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw damaged(path, number, `is no JSON (${messageOf(error)})`, remedy);
    }
    yield { number, value };
  }
}

/**
 * The first line of a file.
 * @param format that it has to name
 * @throws FaceError FACE_PEOPLE_INVALID if it does not, or names a version that this program does not know
 */
export function headerOf(
  line: Line | undefined,
  path: string,
  format: string,
  version: number,
  remedy?: string,
): Readonly<Record<string, unknown>> {
  const { number, value } = line ?? { number: 1, value: undefined };
  const header = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (header.format !== format) {
    throw damaged(path, number, `should say that the format is "${format}"`, remedy);
  }
  if (header.version !== version) {
    const theirs = JSON.stringify(header.version);
    throw damaged(
      path,
      number,
      `says that it is of version ${theirs}, and this program knows ${version}`,
      'Use the version of this program that wrote it.',
    );
  }
  return header;
}

/** @param what is wrong, in words that follow "it" */
export function damaged(
  path: string,
  line: number,
  what: string,
  remedy = `Put line ${line} right in an editor, or bring the file back from a backup.`,
): FaceError {
  return new FaceError(
    'FACE_PEOPLE_INVALID',
    `${path} can't be used because of its line ${line}: it ${what}. ${remedy} Nothing was changed.`,
    { path, remedy },
  );
}

/** Whether a text is the beginning of an object in JSON, but not all of it: what is left of a line that was cut off. */
export function isTorn(text: string): boolean {
  const open: string[] = [];
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (inString) {
      if (character === '\\') i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') open.push('}');
    else if (character === '[') open.push(']');
    else if ((character === '}' || character === ']') && open.pop() !== character) return false;
  }
  return open.length > 0;
}
