import { isBmp } from './bmp';

/** The formats that are decoded. `heif` is AVIF, and HEIC where the installed sharp has the codec. */
export type PhotoFormat = 'bmp' | 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif';

/** What is often found under a photo's name. */
export type ForeignFormat = 'heic' | 'jpeg2000' | 'jxl' | 'pdf' | 'svg' | 'html' | 'video' | 'psd';

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

const BEGINNINGS: readonly (readonly [PhotoFormat, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['gif', /^GIF8[79]a/],
  ['webp', /^RIFF.{4}WEBP/s],
  ['tiff', /^(II[*+]\0|MM\0[*+])/],
  ['heif', /^.{4}ftyp(avi|hei[cxms]|hev[cxms]|mif1|msf1)/s],
];

/** The format of a photo by its first bytes, whatever its name says; `undefined` if it is none that is decoded. */
export function photoFormat(bytes: Uint8Array): PhotoFormat | undefined {
  if (isBmp(bytes)) return 'bmp';
  const head = headOf(bytes);
  return BEGINNINGS.find(([, beginning]) => beginning.test(head))?.[0];
}

/** Why a file that could not be decoded, or is of no format that is, can't be: it is something else than a photo. */
export function foreignReason(bytes: Uint8Array): string | undefined {
  const format = guessFormat(bytes);
  return format && `it is ${NAMES[format]}; convert it to JPEG or PNG first`;
}

/** Recognises files that are often found under a photo's name, to name them. */
export function guessFormat(bytes: Uint8Array): ForeignFormat | undefined {
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
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1');
}
