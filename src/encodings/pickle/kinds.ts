import { FaceError } from '../../base/errors';

/** A file of another kind than a pickle of plain data, and the way from it to an encodings file. */
interface Kind {
  /** Completes "this is …". */
  readonly what: string;
  readonly remedy: string;
}

const unpackWith = (program: string) => `Unpack it first, with ${program}.`;
const ANEW = 'Was another file meant? If not, make it anew from the photos, with "encode".';

const FROM_JOBLIB = 'If you trust who made it, load it with joblib in Python and save it with pickle.dump.';

/** What files begin with, in Latin-1. None of these beginnings is one of a pickle that a program writes. */
const BEGINNINGS: readonly (readonly [start: string, kind: Kind])[] = [
  ['\x1f\x8b', { what: 'a file compressed with gzip', remedy: unpackWith('gunzip') }],
  ['BZh', { what: 'a file compressed with bzip2', remedy: unpackWith('bunzip2') }],
  ['\xfd7zXZ\0', { what: 'a file compressed with xz', remedy: unpackWith('unxz') }],
  ['\x28\xb5\x2f\xfd', { what: 'a file compressed with zstd', remedy: unpackWith('unzstd') }],
  ['\x93NUMPY', { what: 'a NumPy array (.npy)', remedy: ANEW }],
  ['PK\x03\x04', { what: 'a zip archive, as .npz files of NumPy and models of PyTorch are', remedy: ANEW }],
  ['\x89HDF\r\n\x1a\n', { what: 'an HDF5 file', remedy: ANEW }],
  ['SQLite format 3\0', { what: 'a SQLite database', remedy: ANEW }],
  ['\xff\xd8\xff', { what: 'a photo (JPEG)', remedy: 'Give its folder to "encode" first.' }],
  ['\x89PNG\r\n\x1a\n', { what: 'a picture (PNG)', remedy: 'Give its folder to "encode" first.' }],
  [
    'version https://git-lfs.github.com/',
    { what: 'a pointer of Git LFS, not the file itself', remedy: 'Get the file with: git lfs pull' },
  ],
  ...['\x78\x01', '\x78\x5e', '\x78\x9c', '\x78\xda'].map((start): [string, Kind] => [
    start,
    {
      what: 'data compressed with zlib, as joblib.dump(…, compress=True) writes it',
      remedy: FROM_JOBLIB,
    },
  ]),
];

const JOBLIB: Kind = {
  what: 'a file of joblib.dump, which keeps arrays in a form of its own',
  remedy: FROM_JOBLIB,
};

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
  return (
    kind &&
    new FaceError(
      'FACE_PICKLE_INVALID',
      `Expected a Python pickle file but this is ${kind.what}. ${kind.remedy}`,
      { cause, remedy: kind.remedy },
    )
  );
}

function kindOf(head: Buffer): Kind | undefined {
  if (head.length === 0) return { what: 'an empty file', remedy: ANEW };
  const text = head.toString('latin1');
  const known = BEGINNINGS.find(([start]) => text.startsWith(start));
  if (known) return known[1];
  if (text.includes('joblib.numpy_pickle')) return JOBLIB;
  // No instruction of a pickle is a bracket, a brace or a space; a UTF-8 byte order mark is none, either.
  if (/^(?:\xef\xbb\xbf)?\s*[[{]/.test(text)) return { what: 'text, perhaps JSON', remedy: ANEW };
  return undefined;
}
