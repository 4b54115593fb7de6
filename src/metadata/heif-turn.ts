import { boxesIn } from '../photos/formats/boxes';
import { type Area, turned } from './turned';

/** What a property of a picture does to it, as EXIF's orientation: quarters against the clock, mirrored over an axis. */
const ROTATIONS = [1, 8, 3, 6];
const MIRRORS = [4, 2];

/** Where it is, turned in any of the eight ways, is another place each. */
const PROBE: Area = { left: 0.1, top: 0.2, width: 0.1, height: 0.3 };

/**
 * How the primary picture of a HEIF file is turned by all who decode it (`irot` and `imir`), as EXIF's orientation has it. Layout:
 * ISO/IEC 14496-12 and 23008-12.
 */
export function heifTurn(file: Buffer): number {
  try {
    let area = PROBE;
    for (const turn of turnsOf(file)) area = turned(area, turn);
    return ORIENTATIONS.find((orientation) => isNear(turned(PROBE, orientation), area)) ?? 1;
  } catch (error) {
    // Beyond the end: the file is damaged, as who decodes it will say.
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];

const isNear = (a: Area, b: Area) =>
  Math.abs(a.left - b.left) + Math.abs(a.top - b.top) + Math.abs(a.width - b.width) < 1e-6;

function turnsOf(file: Buffer): number[] {
  const meta = contentOf(file, 'meta')?.subarray(4);
  const primary = meta && contentOf(meta, 'pitm');
  const properties = meta && contentOf(meta, 'iprp');
  const all = properties && [...boxesIn(contentOf(properties, 'ipco') ?? Buffer.alloc(0))];
  const associations = properties && contentOf(properties, 'ipma');
  if (!primary || !all || !associations) return [];
  const id = primary.readUInt8(0) === 0 ? primary.readUInt16BE(4) : primary.readUInt32BE(4);
  return propertiesOf(id, associations).flatMap((index) => {
    const { type, content } = all[index - 1] ?? {};
    if (type === 'irot') return ROTATIONS[(content?.readUInt8(0) ?? 0) & 3] as number;
    if (type === 'imir') return MIRRORS[(content?.readUInt8(0) ?? 0) & 1] as number;
    return [];
  });
}

/** The numbers, from 1, of what is said of an item, in the order in which it is done to it. */
function propertiesOf(id: number, associations: Buffer): number[] {
  const wideIds = associations.readUInt8(0) > 0;
  const wideIndices = (associations.readUInt8(3) & 1) === 1;
  let at = 8;
  for (let left = associations.readUInt32BE(4); left > 0; left--) {
    const item = wideIds ? associations.readUInt32BE(at) : associations.readUInt16BE(at);
    at += wideIds ? 4 : 2;
    const count = associations.readUInt8(at++);
    const size = wideIndices ? 2 : 1;
    if (item === id) {
      return Array.from({ length: count }, (_, i) =>
        wideIndices ? associations.readUInt16BE(at + 2 * i) & 0x7fff : associations.readUInt8(at + i) & 0x7f,
      );
    }
    at += count * size;
  }
  return [];
}

function contentOf(bytes: Buffer, wanted: string): Buffer | undefined {
  for (const { type, content } of boxesIn(bytes)) if (type === wanted) return content;
  return undefined;
}
