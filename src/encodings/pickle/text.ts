import { isUtf8 } from 'node:buffer';

/** Python's own limit for the text form of an integer (`sys.get_int_max_str_digits()`): the work is quadratic. */
const MAX_DIGITS = 4300;
/**
 * Most bytes of one text. More than any name or description has, and text is decoded in one go: a second for the kinds
 * that take longest.
 */
export const MAX_TEXT_BYTES = 16 << 20;
/** More than any integer of data; keeps hostile ones from costing time. */
const MAX_LONG_BYTES = 2048;

/*
 * The functions here return `undefined` for bytes that do not have the form they should; the caller knows the
 * place in the file and reports it.
 */

/**
 * UTF-8 as Python's pickle reads it (`surrogatepass`): lone surrogates are kept. Python has them in the names of
 * files that are not valid UTF-8.
 */
export function utf8(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return bytes.toString('utf8');

  // A surrogate is ED, A0 to BF, 80 to BF. What lies between surrogates must be valid by itself.
  const units = Buffer.allocUnsafe(2 * bytes.length);
  let used = 0;
  const append = (text: string) => {
    used += units.write(text, used, 'utf16le');
  };
  let from = 0;
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    const second = bytes[at + 1] ?? 0;
    const third = bytes[at + 2] ?? 0;
    if (second < 0xa0 || second > 0xbf || third < 0x80 || third > 0xbf) continue;
    const before = bytes.subarray(from, at);
    if (!isUtf8(before)) return undefined;
    append(before.toString('utf8'));
    used = units.writeUInt16LE(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f), used);
    from = at + 3;
  }
  const rest = bytes.subarray(from);
  if (!isUtf8(rest)) return undefined;
  append(rest.toString('utf8'));
  return units.toString('utf16le', 0, used);
}

/** The reverse of {@link utf8}: what Python's pickle writes for `text`. */
export function utf8Bytes(text: string): Buffer {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text, 'utf8');
  const pieces: Buffer[] = [];
  // Splitting by code points keeps proper pairs together, so that what matches is a lone surrogate.
  for (const piece of text.split(/(\p{Surrogate})/u)) {
    const code = piece.length === 1 ? piece.charCodeAt(0) : 0;
    const lone = code >= 0xd800 && code <= 0xdfff;
    pieces.push(
      lone ? Buffer.from([0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]) : Buffer.from(piece),
    );
  }
  return Buffer.concat(pieces);
}

/** The text of a protocol 0 `UNICODE`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function rawUnicodeEscape(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  if (!text.includes('\\')) return text;
  let valid = true;
  // A backslash before anything else stands for itself and takes that character with it: `\\u0041` is no escape.
  const decoded = text.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))/gs,
    (whole, short?: string, long?: string, other?: string) => {
      const code = Number.parseInt(short ?? long ?? '0', 16);
      if (other === 'u' || other === 'U' || code > 0x10ffff) valid = false;
      return other === undefined && valid ? String.fromCodePoint(code) : whole;
    },
  );
  return valid ? decoded : undefined;
}

/** The bytes of a protocol 0 `STRING`: a quoted Python literal. */
export function python2Literal(bytes: Buffer): Buffer | undefined {
  const literal = bytes.toString('latin1').trim();
  const quote = literal[0];
  if ((quote !== "'" && quote !== '"') || literal.length < 2 || literal.at(-1) !== quote) return undefined;
  let valid = true;
  const decoded = literal
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.?))/gs,
      (whole, hex?: string, octal?: string, other?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
        if (other === '' || other === 'x') valid = false;
        return ESCAPES.get(other ?? '') ?? whole;
      },
    );
  return valid ? Buffer.from(decoded, 'latin1') : undefined;
}

const ESCAPES = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** The decimal integer of a protocol 0 `INT`, `LONG` (with or without `L`), `PUT` or `GET`. */
export function decimalInteger(bytes: Buffer): number | bigint | undefined {
  if (bytes.length > MAX_DIGITS + 2) return undefined;
  const match = /^\s*([+-]?\d+)L?\s*$/.exec(bytes.toString('latin1'));
  return match?.[1] === undefined ? undefined : smallest(BigInt(match[1].replace('+', '')));
}

/** The number of a protocol 0 `FLOAT`, as Python's `repr` writes it. */
export function decimalFloat(bytes: Buffer): number | undefined {
  if (bytes.length > MAX_DIGITS) return undefined;
  const text = bytes.toString('latin1').trim().toLowerCase();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text)) return Number(text);
  const special = /^([+-]?)(?:(nan)|inf(?:inity)?)$/.exec(text);
  if (!special) return undefined;
  return special[2] ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
}

/** A little-endian two's complement integer of any length; of length 0 it is 0. */
export function binaryLong(bytes: Buffer): number | bigint | undefined {
  if (bytes.length > MAX_LONG_BYTES) return undefined;
  if (bytes.length === 0) return 0;
  const magnitude = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  return smallest(BigInt.asIntN(8 * bytes.length, magnitude));
}

/** The integer as a number where that is exact. */
export function smallest(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
