import { FaceError } from '../../base/errors';

/** The error for a file that is cut short or not a pickle. `offset` is the byte at which reading stopped. */
export function invalidPickle(offset: number, problem: string): FaceError {
  return new FaceError(
    'FACE_PICKLE_INVALID',
    `Expected a Python pickle file but at byte ${offset} ${problem}. ` +
      'The file is damaged, incomplete or of another kind.',
    { remedy: 'Copy it again or make it anew.' },
  );
}

/** The error for a file that ends before it is complete. */
export function truncatedPickle(offset: number, total: number): FaceError {
  return invalidPickle(
    offset,
    `something begins that does not fit before the end of the file (byte ${total})`,
  );
}

/** The error for a file that asks for more than plain data. `wanted` comes from the file and is quoted safely. */
export function unsafePickle(offset: number, wanted: string): FaceError {
  const remedy =
    "Don't open this file with Python, where it could run a program, unless you trust who made it; otherwise make the " +
    'file anew.';
  return new FaceError(
    'FACE_PICKLE_UNSAFE',
    `Expected plain data (lists, text, numbers, NumPy arrays) but at byte ${offset} the file asks for ` +
      `${quoted(wanted)}. Nothing of it was run.`,
    { remedy },
  );
}

/**
 * The error for a file that goes on after its pickle. Python reads the first pickle of such a file without a word; what
 * follows is lost on it.
 *
 * @param first what the first pickle holds, in words
 */
export function moreFollows(first: string, end: number, total: number): FaceError {
  return new FaceError(
    'FACE_ENCODINGS_INVALID',
    `Expected one Python pickle but after the first, ${first}, which ends at byte ${end}, ${total - end} more bytes ` +
      'follow: something was added to the file, as open(…, "ab") does.',
    { remedy: 'Make one list of all its parts, as docs/migration.md shows, or make the file anew.' },
  );
}

/** The error for a file that is sound but needs more memory than this process may use. */
export function pickleOutOfMemory(offset: number, cause?: unknown): FaceError {
  const remedy =
    'Allow Node.js more (node --max-old-space-size=<megabytes>, or NODE_OPTIONS) or split the file.';
  return new FaceError(
    'FACE_OUT_OF_MEMORY',
    `Not enough memory for this file: it ran out at byte ${offset}.`,
    { cause, remedy },
  );
}

/** Text from a file in a form that is safe to print on a terminal: quoted, escaped, shortened. */
export function quoted(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 100)}...` : text;
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escaped);
}
