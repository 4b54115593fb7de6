import { extname } from 'node:path';
import { isThere } from '../system/real-path';

/** How sidecars are called: `photo.jpg.xmp`, as digiKam, darktable, Immich and PhotoPrism have it, or Adobe's `photo.xmp`. */
export type SidecarStyle = 'default' | 'adobe';

export const SIDECAR_STYLES = ['default', 'adobe'] as const satisfies readonly SidecarStyle[];

const ENDINGS = ['.xmp', '.XMP'];

/** Where sidecars of a photo may be, the one that is the photo's alone first. */
export function sidecarPaths(photo: string): readonly string[] {
  return SIDECAR_STYLES.flatMap((style) => ENDINGS.map((ending) => baseOf(photo, style) + ending));
}

/** Where a photo's sidecar is, or is to be. */
export async function sidecarToWrite(photo: string, style: SidecarStyle): Promise<string> {
  const paths = ENDINGS.map((ending) => baseOf(photo, style) + ending) as [string, string];
  for (const path of paths) if (await isThere(path)) return path;
  return paths[0];
}

/** Whether a file of this name or path is a sidecar. */
export function isSidecarName(file: string): boolean {
  return extname(file).toLowerCase() === '.xmp';
}

function baseOf(photo: string, style: SidecarStyle): string {
  const extension = style === 'adobe' ? extname(photo) : '';
  return photo.slice(0, photo.length - extension.length);
}
