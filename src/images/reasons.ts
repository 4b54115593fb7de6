/** Why a file that ends too early can't be decoded. */
export const CUT_OFF = 'the file is cut off, as after a broken download or copy';

/** What the first bytes of a file say it is; `undefined` if they say nothing known. */
export type KnownFormat = 'heic' | 'jpeg2000' | 'jxl' | 'pdf' | 'svg' | 'html' | 'video' | 'psd';

const NAMES: Record<KnownFormat, string> = {
  heic: 'a HEIC photo, which the installed sharp cannot decode',
  jpeg2000: 'a JPEG 2000 picture',
  jxl: 'a JPEG XL picture',
  pdf: 'a PDF document',
  svg: 'an SVG drawing',
  html: 'a web page',
  video: 'a video',
  psd: 'a Photoshop document',
};

/** Recognises files that are often found under a photo's name, to name them in the error. */
export function guessFormat(bytes: Uint8Array): KnownFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1');
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

/**
 * Says in plain words why a photo can't be decoded.
 *
 * @param message what libvips or sharp said
 * @param format what the file is instead of a photo, if known
 * @returns the rest of a sentence, without a full stop: "it is cut off"
 */
export function reasonOf(message: string, format: KnownFormat | undefined): string {
  if (format) return `it is ${NAMES[format]}; convert it to JPEG or PNG first`;
  if (/unsupported image format/i.test(message)) return 'it is not a picture, or damaged at its beginning';
  if (/unsupported (jpeg|marker|arithmetic)|data precision|not supported|lossless/i.test(message)) {
    return 'it is of a rare kind that is not supported (such as 12-bit or lossless JPEG); convert it first';
  }
  if (
    /premature end|read error|unexpected end|truncated|bad seek|end of (file|data)|too short/i.test(message)
  ) {
    return CUT_OFF;
  }
  return 'the file is damaged';
}

/** The `warning` of a photo that is only partly there; `reason` as from {@link reasonOf}. */
export function partWarning(reason: string): string {
  return `Only part of the photo could be decoded: ${reason}.`;
}
