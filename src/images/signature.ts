import { isBmp } from './bmp';

/** The formats that are decoded. `heif` is AVIF, and HEIC where the installed sharp has the codec. */
export type PhotoFormat = 'bmp' | 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif';

/** What is often found under a photo's name. */
type ForeignFormat = 'heic' | 'jpeg2000' | 'jxl' | 'pdf' | 'svg' | 'html' | 'video' | 'psd';

const NAMES: Readonly<Record<ForeignFormat, string>> = {
  heic: 'a HEIC photo, which the installed sharp cannot decode',
  jpeg2000: 'a JPEG 2000 picture',
  jxl: 'a JPEG XL picture',
  pdf: 'a PDF document',
  svg: 'an SVG drawing',
  html: 'a web page',
  video: 'a video',
  psd: 'a Photoshop document',
};

/** How many of a file's first bytes are looked at here. */
export const SIGNATURE_BYTES = 256;

/** How the formats begin, as Latin-1. */
const BEGINNINGS: readonly (readonly [PhotoFormat, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['gif', /^GIF8[79]a/],
  ['webp', /^RIFF.{4}WEBP/s],
  // BigTIFF as well.
  ['tiff', /^(II[*+]\0|MM\0[*+])/],
  ['heif', /^.{4}ftyp(avi[fs]|hei[cxms]|hev[cxms]|mif1|msf1)/s],
];

/** The format of a photo by its first bytes, whatever its name says; `undefined` if it is none that is decoded. */
export function photoFormat(bytes: Uint8Array): PhotoFormat | undefined {
  if (isBmp(bytes)) return 'bmp';
  const head = headOf(bytes);
  return BEGINNINGS.find(([, beginning]) => beginning.test(head))?.[0];
}

/** Pictures that may not be readable here, but are pictures all the same. */
const OTHER_PICTURES: ReadonlySet<ForeignFormat | undefined> = new Set(['heic', 'jpeg2000', 'jxl', 'psd']);

/**
 * Whether a file is a picture, by its first bytes. A damaged one still is; a key, a text or a program under a picture's
 * name is not.
 * @param head the first {@link SIGNATURE_BYTES} of the file, or all it has
 */
export function isPicture(head: Uint8Array): boolean {
  const format = photoFormat(head);
  if (format === 'bmp') return hasBmpHeader(head);
  return format !== undefined || OTHER_PICTURES.has(foreignFormat(head));
}

/** Two letters are soon found at the beginning of a text: a bitmap's headers have one of a few lengths, too. */
function hasBmpHeader(head: Uint8Array): boolean {
  if (head.length < 18) return false;
  const length = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(14, true);
  return length === 12 || (length >= 40 && length <= 124);
}

/** Why a file that is no photo can't be used: the rest of a sentence, without a full stop. */
export function whyNoPhoto(bytes: Uint8Array): string {
  return foreignReason(bytes) ?? 'it is not a picture, or damaged at its beginning';
}

/** The same of a file that could not be decoded: `undefined` if its first bytes are a photo's, or say nothing. */
export function foreignReason(bytes: Uint8Array): string | undefined {
  const format = foreignFormat(bytes);
  return format && `it is ${NAMES[format]}; convert it to JPEG or PNG first`;
}

function foreignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  const head = headOf(bytes);
  const brand = head.slice(4, 8) === 'ftyp' ? head.slice(8, 12) : undefined;
  if (brand !== undefined) {
    if (/^(hei[cxms]|hev[cxms]|mif1|msf1)/.test(brand)) return 'heic';
    return brand.startsWith('avi') ? undefined : 'video';
  }
  if (head.startsWith('\0\0\0\x0cjP  ') || head.startsWith('\xff\x4f\xff\x51')) return 'jpeg2000';
  if (head.startsWith('\0\0\0\x0cJXL ') || head.startsWith('\xff\x0a')) return 'jxl';
  if (head.startsWith('%PDF')) return 'pdf';
  if (head.startsWith('8BPS')) return 'psd';
  if (/^\s*<(!doctype html|html)/i.test(head)) return 'html';
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg/is.test(head)) return 'svg';
  return undefined;
}

function headOf(bytes: Uint8Array): string {
  const length = Math.min(bytes.length, SIGNATURE_BYTES);
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}
