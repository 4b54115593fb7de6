import { sep } from 'node:path';
import { isRawTiff } from './raw';

/** What is known of a kind of file that is found among photos. All that the program knows of it stands here. */
interface Format {
  /** Endings of file names, in lower case. */
  readonly extensions: readonly string[];
  /** Whether a file begins as one does, by its first {@link HEAD_BYTES} as Latin-1; absent if that does not tell. */
  readonly begins?: RegExp;
  /** Of what is not decoded, for texts: "it is …", where something else was expected. */
  readonly what?: string;
  /** Not every browser shows it: what several of them are called. */
  readonly notInBrowsers?: string;
  /** As browsers are told what it is, of those that all of them show. */
  readonly mediaType?: string;
}

/** Those that are decoded. `avif` and `heic` are one format, `heif`, with pictures of two kinds. */
const DECODED = {
  jpeg: {
    extensions: ['.jpg', '.jpeg', '.jfif', '.jpe', '.mpo'],
    begins: /^\xff\xd8\xff/,
    mediaType: 'image/jpeg',
  },
  png: { extensions: ['.png'], begins: /^\x89PNG\r\n/, mediaType: 'image/png' },
  // Two letters are soon found at the beginning of a text; the length of the second header is 12, or from 40 to 124.
  bmp: { extensions: ['.bmp'], begins: /^BM.{12}[\f\x28-\x7c]\0{3}/s, mediaType: 'image/bmp' },
  // Before TIFF, as one of which most of them begin: these are known to be none by their first bytes, others by what is in them.
  cameraRaw: {
    extensions: '.arw .cr2 .cr3 .dng .nef .nrw .orf .pef .raf .rw2 .rwl .sr2 .srw'.split(' '),
    begins: /^(II\*\0.{4}CR|II(RO|RS|U\0)|MMOR|FUJIFILMCCD-RAW |.{4}ftypcrx )/s,
    notInBrowsers: 'raw photos',
  },
  tiff: { extensions: ['.tif', '.tiff'], begins: /^(II[*+]\0|MM\0[*+])/, notInBrowsers: 'TIFF photos' },
  webp: { extensions: ['.webp'], begins: /^RIFF.{4}WEBP/s, mediaType: 'image/webp' },
  avif: { extensions: ['.avif', '.avifs'], begins: /^.{4}ftypavi/s, mediaType: 'image/avif' },
  heic: {
    extensions: ['.heic', '.heif', '.hif'],
    // Which of them the image libraries do not know, and what is in mif3: see heif-brands.ts.
    begins: /^.{4}ftyp(hei[cxms]|hev[cxms]|mif[12]|msf1|miaf|1pic)/s,
    notInBrowsers: 'HEIC photos',
  },
  gif: { extensions: ['.gif'], begins: /^GIF8[79]a/, mediaType: 'image/gif' },
} satisfies Record<string, Format>;

const named = (one: string, what: string) => ({ one, many: `${one}s`, what });

/** Those that people keep among their photos and that can't be read yet, in the order in which texts name them. */
export const UNREAD = {
  raw: {
    ...named('raw photo', 'a raw photo'),
    // These have no JPEG that is worth looking at, or have it where nothing else does.
    extensions: '.3fr .crw .dcr .erf .gpr .iiq .kdc .mef .mos .mrw .srf .x3f'.split(' '),
    begins: /^(II.{4}HEAPCCDR|\0MRM|FOVb)/s,
  },
  jxl: {
    ...named('JPEG XL picture', 'a JPEG XL picture'),
    extensions: ['.jxl'],
    begins: /^(.{4}JXL |\xff\n)/s,
  },
  jpeg2000: {
    ...named('JPEG 2000 picture', 'a JPEG 2000 picture'),
    extensions: ['.jp2', '.j2k', '.jpf', '.jpx'],
    begins: /^(.{4}jP {2}|\xffO\xffQ)/s,
  },
  psd: {
    ...named('Photoshop document', 'a Photoshop document'),
    extensions: ['.psd', '.psb'],
    begins: /^8BPS/,
  },
  video: {
    ...named('video', 'a video'),
    extensions: '.3g2 .3gp .avi .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv'.split(' '),
    begins: /^(.{4}ftyp|RIFF.{4}AVI )/s,
    notInBrowsers: 'videos',
  },
} satisfies Record<string, Format>;

/** What is no photo at all, and is found under a photo's name. */
const FOREIGN = {
  pdf: { what: 'a PDF document', extensions: [], begins: /^%PDF/ },
  html: { what: 'a web page', extensions: [], begins: /^\s*<(!doctype html|html)/i },
  svg: {
    what: 'an SVG drawing',
    extensions: [],
    begins: /^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg/is,
  },
} satisfies Record<string, Format>;

/** Kinds of files that people keep among their photos and that can't be read yet. */
export type UnreadKind = keyof typeof UNREAD;

type FormatName = keyof typeof DECODED | UnreadKind | keyof typeof FOREIGN;

/** In the order in which beginnings are compared: a video's is also that of an AVIF. */
const FORMATS: ReadonlyMap<FormatName, Format> = new Map(
  Object.entries({ ...DECODED, ...UNREAD, ...FOREIGN }) as [FormatName, Format][],
);

/** `photo`: one that is read. */
type FileKind = 'photo' | UnreadKind;

/** The formats that are decoded, as their files are told apart. `heif` is AVIF and HEIC. */
export type PhotoFormat = Exclude<keyof typeof DECODED, 'avif' | 'heic'> | 'heif';

/**
 * File name endings taken for photos, in lower case: the Python project's, `.jpg .jpeg .png .bmp .tif .tiff`, and more.
 */
export const IMAGE_EXTENSIONS: readonly string[] = Object.values(DECODED).flatMap(
  ({ extensions }) => extensions,
);

/** Those of raw photos that are read. */
export const RAW_EXTENSIONS: readonly string[] = DECODED.cameraRaw.extensions;

const KINDS: ReadonlyMap<string, FileKind> = new Map([
  ...IMAGE_EXTENSIONS.map((extension) => [extension, 'photo'] as const),
  ...Object.entries(UNREAD).flatMap(([kind, { extensions }]) =>
    extensions.map((extension) => [extension, kind as UnreadKind] as const),
  ),
]);

/**
 * What a file of this name or path is taken for, by its ending; `undefined` if it has nothing to do with photos, as the
 * `._*` files in which macOS keeps a photo's metadata.
 */
export function kindOf(name: string): FileKind | undefined {
  const base = name.slice(name.lastIndexOf(sep) + 1);
  if (base.startsWith('._')) return undefined;
  return KINDS.get(base.slice(base.lastIndexOf('.')).toLowerCase());
}

/** Those of which cameras keep a raw photo and a picture, under one name. */
const ROLES: ReadonlyMap<string, 'raw' | 'picture'> = new Map([
  ...RAW_EXTENSIONS.map((extension) => [extension, 'raw'] as const),
  ...['jpeg', 'heic'].flatMap((name) =>
    (FORMATS.get(name as FormatName)?.extensions ?? []).map((extension) => [extension, 'picture'] as const),
  ),
]);

/** What a photo of this name or path would be of a raw photo and the picture that the camera has made of it. */
export function roleInPair(name: string): 'raw' | 'picture' | undefined {
  return ROLES.get(name.slice(name.lastIndexOf('.')).toLowerCase());
}

/** Whether a file of this name or path is taken for a photo. */
export function isImageName(name: string): boolean {
  return kindOf(name) === 'photo';
}

/** Whether a file of this name or path is taken for a video. */
export function isVideoName(name: string): boolean {
  return kindOf(name) === 'video';
}

/** Formats of photos that not every browser shows: what several of them are called, by the ending of their names. */
export function notShownByBrowsers(): Record<string, string> {
  const names = [...FORMATS.values()].flatMap(({ extensions, notInBrowsers }) =>
    notInBrowsers === undefined ? [] : extensions.map((end) => [end, notInBrowsers]),
  );
  return Object.fromEntries(names);
}

/** How many of a file's first bytes tell its format. */
export const HEAD_BYTES = 256;

function formatOf(bytes: Uint8Array): FormatName | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString(
    'latin1',
  );
  for (const [name, { begins }] of FORMATS) {
    if (begins?.test(head)) return name;
  }
  return undefined;
}

/** What browsers are told of a photo by its first bytes; `undefined` if not all of them show it, or it is none. */
export function mediaTypeOf(head: Uint8Array): string | undefined {
  const format = formatOf(head);
  return format && FORMATS.get(format)?.mediaType;
}

/** The decoder for a photo by its bytes, whatever its name says; `undefined` if there is none. */
export function photoFormat(bytes: Uint8Array): PhotoFormat | undefined {
  const format = formatOf(bytes);
  if (format === 'tiff' && isRawTiff(bytes)) return 'cameraRaw';
  if (format === 'avif' || format === 'heic') return 'heif';
  return format !== undefined && format in DECODED ? (format as PhotoFormat) : undefined;
}

/** Why a file that could not be decoded, or is of no format that is, can't be: it is something else than a photo. */
export function foreignReason(bytes: Uint8Array): string | undefined {
  const format = formatOf(bytes);
  const what = format && FORMATS.get(format)?.what;
  return what && `it is ${what}; convert it to JPEG or PNG first`;
}

/** Why a file is no photo, or none that can be told. */
export function whyNoPhoto(bytes: Uint8Array): string {
  return foreignReason(bytes) ?? 'it is not a picture, or damaged at its beginning';
}

/**
 * Whether a file is a picture, by its first bytes: also one that is damaged or can't be read here. A key, a text or a program
 * under a picture's name is not.
 * @param head the first {@link HEAD_BYTES} of the file, or all it has
 */
export function isPicture(head: Uint8Array): boolean {
  const format = formatOf(head);
  return format !== undefined && format !== 'video' && !(format in FOREIGN);
}
