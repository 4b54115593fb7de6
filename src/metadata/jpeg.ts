import { EXIF_MARK } from '../photos/formats/exif';
import { APP1, EOI, jpegSegments, SOS } from '../photos/formats/jpeg-segments';
import { readTags } from '../photos/formats/tiff-tags';
import type { Embedded } from './embedded';
import type { Size } from './names-in-xmp';
import { MOST_BYTES } from './packet';

/** In front of a packet, and of each part of one that does not fit into a segment: XMP Specification Part 3, 1.1.3. */
const XMP_MARK = Buffer.from('http://ns.adobe.com/xap/1.0/\0');
const EXTENSION_MARK = Buffer.from('http://ns.adobe.com/xmp/extension/\0');
const GUID_BYTES = 32;

const ORIENTATION = 274;
/** Markers of frames, which say how large the picture is; between them are tables. */
const FIRST_FRAME = 0xc0;
const LAST_FRAME = 0xcf;
const TABLES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

/** Whether all that stands in front of a JPEG's picture is there. */
export function reachesPicture(jpeg: Buffer): boolean {
  for (const { marker } of jpegSegments(jpeg))
    if (marker === SOS || marker === EOI || marker === undefined) return true;
  return false;
}

/** What a JPEG says of itself, by what stands in front of its picture. */
export function embeddedInJpeg(jpeg: Buffer): Embedded {
  let main: Buffer | undefined;
  let size: Size | undefined;
  let orientation = 1;
  const parts: Buffer[] = [];
  for (const { marker, content } of jpegSegments(jpeg)) {
    const behind = (mark: Buffer) =>
      marker === APP1 && mark.equals(content.subarray(0, mark.length))
        ? content.subarray(mark.length)
        : undefined;
    const exif = behind(EXIF_MARK);
    const part = behind(EXTENSION_MARK);
    main ??= behind(XMP_MARK);
    if (exif) orientation = orientationIn(exif) ?? orientation;
    if (part) parts.push(part);
    if (isFrame(marker) && content.length >= 5)
      size ??= { height: content.readUInt16BE(1), width: content.readUInt16BE(3) };
  }
  const extension = main && extensionOf(main, parts);
  return {
    xmp: [...(main ? [main] : []), ...(extension ? [extension] : [])],
    picture: size && size.width > 0 && size.height > 0 ? { ...size, orientation } : undefined,
    turnedByDecoder: false,
  };
}

function isFrame(marker: number | undefined): boolean {
  return marker !== undefined && marker >= FIRST_FRAME && marker <= LAST_FRAME && !TABLES.has(marker);
}

function orientationIn(exif: Buffer): number | undefined {
  try {
    const value = readTags(exif).get(ORIENTATION)?.[0];
    return value !== undefined && value >= 1 && value <= 8 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The second packet, which the first one names: in parts, each with the length of all and where in it the part belongs. */
function extensionOf(main: Buffer, parts: readonly Buffer[]): Buffer | undefined {
  const own = parts.filter(
    (part) => part.length >= GUID_BYTES + 8 && main.includes(part.subarray(0, GUID_BYTES)),
  );
  const length = own[0]?.readUInt32BE(GUID_BYTES) ?? 0;
  if (length === 0 || length > MOST_BYTES) return undefined;
  const whole = Buffer.alloc(length);
  let filled = 0;
  for (const part of own)
    filled += part.copy(whole, Math.min(part.readUInt32BE(GUID_BYTES + 4), length), GUID_BYTES + 8);
  return filled === length ? whole : undefined;
}
