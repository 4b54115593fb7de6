import { FaceError } from '../../base/errors';

/** What a file of another kind than a pickle of plain data is (completes "this is …"), and the way to an encodings file. */
type Kind = readonly [what: string, remedy: string];

const ANEW = 'Was another file meant? If not, make it anew from the photos, with "encode".';
const ENCODE = 'Give its folder to "encode" first.';
const FROM_JOBLIB = 'If you trust who made it, load it with joblib in Python and save it with pickle.dump.';

const ZLIB: Kind = ['data compressed with zlib, as joblib.dump(…, compress=True) writes it', FROM_JOBLIB];

/** What files begin with, in Latin-1. None of these beginnings is one of a pickle that a program writes. */
const BEGINNINGS: readonly (readonly [start: string, ...Kind])[] = [
  ['\x1f\x8b', 'a file compressed with gzip', 'Unpack it first, with gunzip.'],
  ['BZh', 'a file compressed with bzip2', 'Unpack it first, with bunzip2.'],
  ['\xfd7zXZ\0', 'a file compressed with xz', 'Unpack it first, with unxz.'],
  ['\x28\xb5\x2f\xfd', 'a file compressed with zstd', 'Unpack it first, with unzstd.'],
  ['\x93NUMPY', 'a NumPy array (.npy)', ANEW],
  ['PK\x03\x04', 'a zip archive, as .npz files of NumPy and models of PyTorch are', ANEW],
  ['\x89HDF\r\n\x1a\n', 'an HDF5 file', ANEW],
  ['SQLite format 3\0', 'a SQLite database', ANEW],
  ['\xff\xd8\xff', 'a photo (JPEG)', ENCODE],
  ['\x89PNG\r\n\x1a\n', 'a picture (PNG)', ENCODE],
  [
    'version https://git-lfs.github.com/',
    'a pointer of Git LFS, not the file itself',
    'Get the file with: git lfs pull',
  ],
  ['\x78\x01', ...ZLIB],
  ['\x78\x5e', ...ZLIB],
  ['\x78\x9c', ...ZLIB],
  ['\x78\xda', ...ZLIB],
];

/** Enough for every beginning, and for the name of what joblib puts in place of the first array. */
export const HEAD_BYTES = 1 << 16;

/**
 * The error that says what a file is that could not be read as a pickle; `undefined` if its beginning does not tell. For
 * files that were refused only: what is read as a pickle is one, whatever it looks like.
 *
 * @param head the first {@link HEAD_BYTES} of the file, or all of it
 */
export function otherKind(head: Buffer, cause: FaceError): FaceError | undefined {
  const kind = kindOf(head);
  if (!kind) return undefined;
  const [what, remedy] = kind;
  const message = `Expected a Python pickle file but this is ${what}. ${remedy}`;
  return new FaceError('FACE_PICKLE_INVALID', message, { cause, remedy });
}

function kindOf(head: Buffer): Kind | undefined {
  if (head.length === 0) return ['an empty file', ANEW];
  const text = head.toString('latin1');
  const known = BEGINNINGS.find(([start]) => text.startsWith(start));
  if (known) return [known[1], known[2]];
  if (text.includes('joblib.numpy_pickle')) {
    return ['a file of joblib.dump, which keeps arrays in a form of its own', FROM_JOBLIB];
  }
  // No instruction of a pickle is a bracket, a brace or a space; a UTF-8 byte order mark is none, either.
  if (/^(?:\xef\xbb\xbf)?\s*[[{]/.test(text)) return ['text, perhaps JSON', ANEW];
  return undefined;
}
