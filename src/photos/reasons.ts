import { messageOf } from '../base/errors';
import { visibleDamage } from './damage';
import { foreignReason, type PhotoFormat } from './formats/formats';
import { CUT_OFF, DAMAGED, PhotoFault } from './photo-fault';

/*
 * All that libvips and the libraries behind it give of an error is text, without a code; this is the one place that looks
 * at it. Two things make it poor evidence:
 * - libvips keeps one text for the whole process, so that what failed on one thread can be told of another photo;
 * - a decoder that gets no memory or no thread may say what it says of damage ("libpng read error").
 * So a file is found at fault only for what is listed here or seen in its bytes, never because nothing speaks for it, and
 * not if anything in the text speaks of the machine.
 */

/** Why an attempt to decode a photo failed. */
export type DecodeFailure = PhotoFault | MachineTrouble;

/** What the machine, not the photo, is to blame for, or may be. `message` completes "The photo can't be decoded: ...". */
export class MachineTrouble extends Error {
  constructor(
    message: string,
    /** `unknown`: nothing says what it was. */
    readonly lack: 'memory' | 'threads' | 'unknown',
    options: { cause: unknown },
  ) {
    super(message, options);
  }
}

/** glib, libvips, libjpeg, libtiff, libheif, nsgif, zlib, C++ and V8, in this order. */
const NO_MEMORY =
  /(failed|unable|cannot|could not) to (re)?allocate|out of memory|insufficient memory|no space for|memory allocation|bad_alloc|allocation failed/i;
/** Of made-up files, which libheif counts among the errors of memory. */
const MADE_UP = /memory allocation error: (security limit exceeded|invalid image size)[^\n]*/gi;
/** glib and Linux; Node.js, of a thread that it could not start. */
const NO_THREADS = /creat\w* thread|resource temporarily unavailable|worker initialization failure/i;

/** libheif looks beyond the end of each file and goes on: this says nothing, and it is there without an error, too. */
const NOISE = /^.*source: bad seek to \d+$/gim;

const UNSUPPORTED =
  /unsupported (jpeg|arithmetic|feature|file-type|tiff image type)|data precision|not supported|lossless|maximum supported image dimension|has not been built in/i;

/** Of a data segment it may end prematurely as well: that is damage in the middle, and the rest is there. */
const ENDS_EARLY =
  /premature end of (jpeg )?(image|file|input)|unexpected end|not enough data|insufficient input data|read error at scanline/i;

const DAMAGE = new RegExp(
  [
    // libvips: the file begins as a picture does, or it would not have been asked.
    'unsupported image format',
    // libjpeg
    'corrupt jpeg data',
    'bogus',
    'invalid (jpeg|component|progressive|crop|scan|sos|huffman)',
    'was not defined',
    'contains no image',
    'empty jpeg image',
    'unsupported marker',
    // libtiff
    'code not yet in table',
    'corrupted lzw table',
    'decoding error at scanline',
    'bad code word',
    // libheif and the decoders behind it
    'heif: invalid input',
    'corrupt frame',
    'bad dimensions',
    'security limit exceeded',
    'invalid image size',
    'did not give a decompressed image',
    'undefined bits per pixel',
    // The same as WebAssembly (./formats/libheif.ts), which tells a lack of memory apart; and what bytes make it stumble over.
    'of a hevc picture',
    'memory access out of bounds',
    'table index is out of bounds',
    'unreachable',
    // libwebp, nsgif
    'unable to parse image',
    'invalid frame data',
    'invalid source data',
    'no frames in gif',
  ].join('|'),
  'i',
);

const RARE = 'it is of a rare kind that is not supported (such as 12-bit or lossless JPEG); convert it first';
const UNTOLD = 'the image library does not say why';

/**
 * Says who is to blame for an error met while a file was decoded, and why in plain words.
 * @param error what sharp, libvips or our own decoders have thrown
 */
export function failureOf(error: unknown, bytes: Uint8Array, format: PhotoFormat): DecodeFailure {
  if (error instanceof PhotoFault || error instanceof MachineTrouble) return error;
  const text = messageOf(error).replace(NOISE, '');
  const cause = { cause: error };
  if (error instanceof RangeError || NO_MEMORY.test(text.replace(MADE_UP, ''))) {
    return new MachineTrouble('there is not enough memory', 'memory', cause);
  }
  if (NO_THREADS.test(text)) {
    return new MachineTrouble('the system gives this process no more threads', 'threads', cause);
  }
  const reason = foreignReason(bytes) ?? visibleDamage(bytes, format) ?? reasonIn(text);
  return reason === undefined ? new MachineTrouble(UNTOLD, 'unknown', cause) : new PhotoFault(reason, cause);
}

function reasonIn(text: string): string | undefined {
  if (ENDS_EARLY.test(text)) return CUT_OFF;
  if (UNSUPPORTED.test(text)) return RARE;
  return DAMAGE.test(text) ? DAMAGED : undefined;
}
