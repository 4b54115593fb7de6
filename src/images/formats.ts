import { sep } from 'node:path';
import { loadSharp } from './load-sharp';

/** Kinds of files that people keep among their photos and that can't be read yet. */
export type UnreadKind = 'heic' | 'raw' | 'jxl' | 'jpeg2000' | 'mpo' | 'psd' | 'video';

/** `photo`: one that is read. */
export type FileKind = 'photo' | UnreadKind;

/**
 * File name endings taken for photos, in lower case; the first six are the Python project's. `.heic`, `.heif` and `.hif`
 * are taken as well if the installed sharp was built with an HEVC decoder (its prebuilt one was not).
 */
export const IMAGE_EXTENSIONS: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.png',
  '.bmp',
  '.tif',
  '.tiff',
  '.jfif',
  '.jpe',
  '.webp',
  '.avif',
  '.gif',
];

interface UnreadFormat {
  /** For texts: one of them, and several. */
  readonly one: string;
  readonly many: string;
  readonly extensions: readonly string[];
}

/** What is known and not read, in the order in which texts name it. */
export const UNREAD_FORMATS: Readonly<Record<UnreadKind, UnreadFormat>> = {
  heic: { one: 'HEIC photo', many: 'HEIC photos', extensions: ['.heic', '.heif', '.hif'] },
  raw: {
    one: 'raw photo',
    many: 'raw photos',
    extensions:
      '.3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .gpr .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .rw2 .rwl .sr2 .srf .srw .x3f'.split(
        ' ',
      ),
  },
  jxl: { one: 'JPEG XL picture', many: 'JPEG XL pictures', extensions: ['.jxl'] },
  jpeg2000: {
    one: 'JPEG 2000 picture',
    many: 'JPEG 2000 pictures',
    extensions: ['.jp2', '.j2k', '.jpf', '.jpx'],
  },
  mpo: { one: 'MPO photo', many: 'MPO photos', extensions: ['.mpo'] },
  psd: { one: 'Photoshop document', many: 'Photoshop documents', extensions: ['.psd', '.psb'] },
  video: {
    one: 'video',
    many: 'videos',
    extensions: '.3gp .avi .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv'.split(' '),
  },
};

const KINDS: ReadonlyMap<string, FileKind> = new Map([
  ...IMAGE_EXTENSIONS.map((extension) => [extension, 'photo'] as const),
  ...(Object.keys(UNREAD_FORMATS) as UnreadKind[]).flatMap((kind) =>
    UNREAD_FORMATS[kind].extensions.map((extension) => [extension, kind] as const),
  ),
]);

/**
 * What a file of this name or path is taken for, by its ending; `undefined` if it has nothing to do with photos, as the
 * `._*` files in which macOS keeps a photo's metadata.
 */
export function kindOf(name: string): FileKind | undefined {
  const base = name.slice(name.lastIndexOf(sep) + 1);
  if (base.startsWith('._')) return undefined;
  const extension = base.slice(base.lastIndexOf('.')).toLowerCase();
  const kind = KINDS.get(extension);
  return kind === 'heic' && readsHeic() ? 'photo' : kind;
}

/** Whether a file of this name or path is taken for a photo. */
export function isImageName(name: string): boolean {
  return kindOf(name) === 'photo';
}

/** Asks sharp: only for those who have such files. */
function readsHeic(): boolean {
  return loadSharp().format.heif?.input.fileSuffix?.includes('.heic') ?? false;
}
