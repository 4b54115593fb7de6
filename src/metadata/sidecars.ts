import { extname } from 'node:path';

/** How a sidecar is called: `photo.jpg.xmp`, as digiKam, darktable, Immich and PhotoPrism have it, or Adobe's `photo.xmp`. */
export type SidecarStyle = 'default' | 'adobe';

/** Where a photo's sidecar is. */
export function sidecarPath(photo: string, style: SidecarStyle): string {
  return `${style === 'adobe' ? withoutExtension(photo) : photo}.xmp`;
}

/** Where sidecars of a photo may be, the one that is the photo's alone first. */
export function sidecarPaths(photo: string): readonly string[] {
  return [photo, withoutExtension(photo)].flatMap((base) => [`${base}.xmp`, `${base}.XMP`]);
}

function withoutExtension(photo: string): string {
  const extension = extname(photo);
  return extension === '' ? photo : photo.slice(0, -extension.length);
}
