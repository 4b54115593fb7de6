import { createReadStream } from 'node:fs';

/** Who made an encodings file, as far as its bytes tell. */
export interface EncodingsOrigin {
  /** `face-cluster-native` for ours; `python` for what Python's pickle module writes. */
  readonly writer: 'face-cluster-native' | 'python';
  /** Of pickle, 0 to 5. */
  readonly protocol: number;
  /** The version of NumPy, by the name of its module in the file; `null` if the first face is not in a NumPy array. */
  readonly numpy: '1' | '2' | null;
}

/** The first faces are within. */
const HEAD_BYTES = 1 << 16;

/**
 * Looks at the beginning of an encodings file that has been read without error.
 *
 * Python's pickler puts every list into its memo, ours does not: `]q\0` (protocol 4 and 5: `]` and MEMOIZE) against
 * `](`. NumPy 2 calls its internals `numpy._core`, NumPy 1 `numpy.core`, and so do we.
 */
export async function originOfEncodings(path: string): Promise<EncodingsOrigin> {
  let text = '';
  for await (const chunk of createReadStream(path, { encoding: 'latin1', end: HEAD_BYTES - 1 }))
    text += chunk;
  const protocol = text.startsWith('\x80') ? text.charCodeAt(1) : text.startsWith('(l') ? 0 : 1;
  const module = /numpy\.(_?)core\.(?:multiarray|numeric)/.exec(text);
  return {
    writer: ['\x80\x03](', '\x80\x03].'].includes(text.slice(0, 4)) ? 'face-cluster-native' : 'python',
    protocol,
    numpy: module ? (module[1] === '_' ? '2' : '1') : null,
  };
}
