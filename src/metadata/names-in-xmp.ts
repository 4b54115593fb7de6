/*
 * Who is on a photo, by what other programs have written: their regions and their keywords. docs/people.md says which.
 */
import { overlap } from '../base/box';
import type { Prefix } from './namespaces';
import { items as allItems, field, property, rdfOf, type Value } from './rdf';
import { type Area, turnedBack } from './turned';
import type { XmlElement } from './xml';

/** A region of a picture that says who is on it. */
export interface NamedRegion {
  readonly name: string;
  /**
   * Of the stored picture, not turned by its orientation: shares of its width and height, from 0 to 1. Of a HEIF, which nobody
   * decodes but upright, of the picture that comes out.
   */
  readonly area: Area;
}

/** Who is said to be on a photo. */
export interface NamesInPhoto {
  readonly regions: readonly NamedRegion[];
  /** Who is said to be on the photo, without a place: digiKam's People/…, PersonInImage; those with a region, too. */
  readonly people: readonly string[];
}

/** The stored picture: its size in pixels, not turned, and its EXIF orientation. */
export interface StoredPicture extends Size {
  readonly orientation: number;
  /** Whether the size is that of a small picture of the photo, which need not have the photo's shape. */
  readonly isSmall?: boolean;
}

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** More than any photo shows: each is compared with each, and photos come from strangers, too. */
const MOST_NAMES = 1000;

const items = (value: Value | undefined) => allItems(value).slice(0, MOST_NAMES);

/** From this overlap on two regions are of one face. */
const SAME_FACE = 0.5;

/**
 * @param root of an XMP packet
 * @param picture whose metadata these are; without it, regions are taken as they are written
 */
export function namesInXmp(root: XmlElement, picture: StoredPicture | undefined): NamesInPhoto {
  const rdf = rdfOf(root);
  if (!rdf) return { regions: [], people: [] };
  const regions = [
    ...mwgRegions(rdf, picture),
    ...microsoftRegions(rdf),
    ...iptcRegions(rdf, picture),
  ].filter(({ area: { width, height } }) => width > 0 && height > 0);
  const people = [...taggedPeople(rdf), ...items(property(rdf, 'Iptc4xmpExt', 'PersonInImage')).map(textOf)];
  // Their names stay true of the photo, if of a part of it.
  if (isOtherShape(rdf, picture))
    return joinNames([{ regions: [], people: [...regions.map(({ name }) => name), ...people] }]);
  return joinNames([{ regions, people }]);
}

/** What several sources say, the most trusted one first: of regions of one face, the first counts. */
export function joinNames(sources: readonly NamesInPhoto[]): NamesInPhoto {
  const regions: NamedRegion[] = [];
  for (const region of sources.flatMap((source) => source.regions)) {
    if (!NOBODY.has(region.name) && !regions.some((other) => isSameFace(region.area, other.area)))
      regions.push(region);
  }
  const people = new Set([...regions.map(({ name }) => name), ...sources.flatMap((source) => source.people)]);
  return { regions, people: [...people].filter((name) => !NOBODY.has(name)) };
}

/** What faces are called that nobody has named; the words are digiKam's. */
const NOBODY: ReadonlySet<string> = new Set(['', 'Unknown', 'Unconfirmed', 'Ignored']);

/** Whether two regions of a picture are of one face. */
export function isSameFace(a: Area, b: Area): boolean {
  return overlap(boxOf(a), boxOf(b)) >= SAME_FACE;
}

const boxOf = ({ left, top, width, height }: Area) => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

const textOf = ({ text }: Value) => text.trim();

/** Whose regions are of no face: `Focus`, `Pet`, `BarCode`. */
const isFace = (type: Value | undefined) => type === undefined || /^(face)?$/i.test(textOf(type));

function mwgRegions(rdf: XmlElement, picture: StoredPicture | undefined): NamedRegion[] {
  const regions = property(rdf, 'mwg-rs', 'Regions');
  if (!regions) return [];
  const size = sizeApplied(regions) ?? picture;
  const orientation = picture && frameOf(regions, picture) === 'upright' ? picture.orientation : 1;
  return items(field(regions, 'mwg-rs', 'RegionList')).flatMap((region) => {
    const found = mwgRegion(region, size);
    return found ? [{ name: found.name, area: turnedBack(found.area, orientation) }] : [];
  });
}

/** A face of an MWG region list, as it is written; `undefined` if it is none, or has no name. */
export function mwgRegion(region: Value, size: Size | undefined): NamedRegion | undefined {
  const area = field(region, 'mwg-rs', 'Area');
  const name = field(region, 'mwg-rs', 'Name');
  if (!area || !name || !isFace(field(region, 'mwg-rs', 'Type'))) return undefined;
  const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((key) => numberOf(field(area, 'stArea', key)));
  const unit = inShares(field(area, 'stArea', 'unit'), size);
  const shares = unit && areaOf(x, y, w, h, unit, 'centre');
  return shares && { name: textOf(name), area: shares };
}

/** For which size regions were written, in pixels. */
export function sizeApplied(regions: Value): { readonly width: number; readonly height: number } | undefined {
  const dimensions = field(regions, 'mwg-rs', 'AppliedToDimensions');
  if (!dimensions) return undefined;
  const [width, height] = ['w', 'h'].map((key) => numberOf(field(dimensions, 'stDim', key)));
  return width && height && width > 0 && height > 0 ? { width, height } : undefined;
}

/**
 * What MWG regions are of. The standard has the stored picture; who wrote them of the upright one is found out by the size
 * that they say they are for, if the picture is turned by a quarter and is no square.
 */
export function frameOf(regions: Value, picture: StoredPicture): 'stored' | 'upright' {
  const size = sizeApplied(regions);
  if (!size || picture.orientation < 5) return 'stored';
  const [shape, stored] = [shapeOf(size), shapeOf(picture)];
  return Math.abs(shape - stored) <= Math.abs(shape + stored) ? 'stored' : 'upright';
}

/** Of which the negative is that of the picture on its side. */
const shapeOf = ({ width, height }: Size) => Math.log(width / height);

/** More than what a picture's sides are rounded by where it is made smaller. */
const SAME_SHAPE = 0.03;

/**
 * Whether the picture had another shape when regions were written into its packet: it was cropped since, or turned, by a program
 * that knows nothing of regions, and they are no more where faces are. MWG's alone say so; who writes them writes the others with them.
 */
export function isOtherShape(rdf: XmlElement, picture: StoredPicture | undefined): boolean {
  const regions = property(rdf, 'mwg-rs', 'Regions');
  const size = regions && sizeApplied(regions);
  if (!size || !picture || picture.isSmall) return false;
  const shape = frameOf(regions, picture) === 'stored' ? shapeOf(picture) : -shapeOf(picture);
  return Math.abs(shapeOf(size) - shape) > SAME_SHAPE;
}

function microsoftRegions(rdf: XmlElement): NamedRegion[] {
  const info = property(rdf, 'MP', 'RegionInfo');
  return items(info && field(info, 'MPRI', 'Regions')).flatMap((region) => microsoftRegion(region) ?? []);
}

/** What Windows' gallery has for the name of a face that is not to be named. */
const IGNORED = 'ffffffffffffffff';

/** A region of Windows' list; `undefined` if it is none, or has no name. */
export function microsoftRegion(region: Value): NamedRegion | undefined {
  const name = field(region, 'MPReg', 'PersonDisplayName');
  const rectangle = field(region, 'MPReg', 'Rectangle');
  if (!name || !rectangle || name.text === IGNORED) return undefined;
  const [x, y, w, h] = rectangle.text.split(',').map(parseNumber);
  const area = areaOf(x, y, w, h, { width: 1, height: 1 }, 'corner');
  return area && { name: textOf(name), area };
}

/** Regions of IPTC's Photo Metadata Standard 2019.1: rectangles and circles with a `PersonInImage` of their own. */
function iptcRegions(rdf: XmlElement, picture: StoredPicture | undefined): NamedRegion[] {
  return items(property(rdf, 'Iptc4xmpExt', 'ImageRegion')).flatMap((region) => {
    const [name, ...others] = items(field(region, 'Iptc4xmpExt', 'PersonInImage')).map(textOf);
    const boundary = field(region, 'Iptc4xmpExt', 'RegionBoundary');
    if (!boundary || name === undefined || others.length > 0) return [];
    const get = (key: string) => field(boundary, 'Iptc4xmpExt', key);
    const [x, y] = [numberOf(get('rbX')), numberOf(get('rbY'))];
    const unit = inShares(get('rbUnit'), picture);
    if (!unit) return [];
    const area =
      get('rbShape')?.text === 'circle'
        ? circle(x, y, numberOf(get('rbRx')), unit, picture)
        : areaOf(x, y, numberOf(get('rbW')), numberOf(get('rbH')), unit, 'corner');
    return area ? [{ name, area }] : [];
  });
}

/** The square around a circle, whose radius is measured along the picture's width. */
function circle(
  x: number | undefined,
  y: number | undefined,
  radius: number | undefined,
  unit: Size,
  picture: Size | undefined,
): Area | undefined {
  if (radius === undefined || !picture) return undefined;
  const high = unit.width === 1 ? (radius * picture.width) / picture.height : radius;
  return areaOf(x, y, 2 * radius, 2 * high, unit, 'centre');
}

/** What numbers have to be divided by to be shares; `undefined` if that is not known. */
function inShares(unit: Value | undefined, size: Size | undefined): Size | undefined {
  if (unit?.text === 'pixel') return size;
  return { width: 1, height: 1 };
}

/** The part that is on the picture. */
function areaOf(
  x: number | undefined,
  y: number | undefined,
  w: number | undefined,
  h: number | undefined,
  unit: Size,
  origin: 'centre' | 'corner',
): Area | undefined {
  if (x === undefined || y === undefined || w === undefined || h === undefined) return undefined;
  const [left, top] = origin === 'centre' ? [x - w / 2, y - h / 2] : [x, y];
  const clip = (value: number) => Math.min(Math.max(value, 0), 1);
  const [from, to] = [clip(left / unit.width), clip((left + w) / unit.width)];
  const [above, below] = [clip(top / unit.height), clip((top + h) / unit.height)];
  return { left: from, top: above, width: to - from, height: below - above };
}

const numberOf = (value: Value | undefined) => (value ? parseNumber(value.text) : undefined);

function parseNumber(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Keywords in a tree: where they are kept, and what is between their levels. */
const TREES: readonly (readonly [Prefix, string, string])[] = [
  ['digiKam', 'TagsList', '/'],
  ['lr', 'hierarchicalSubject', '|'],
  ['MicrosoftPhoto', 'LastKeywordXMP', '/'],
];

/** Who is below `People` in trees of keywords. */
function taggedPeople(rdf: XmlElement): string[] {
  return TREES.flatMap(([prefix, local, between]) => {
    const tags = allItems(property(rdf, prefix, local)).map(textOf);
    const people = tags.filter((tag) => tag.startsWith(`People${between}`)).slice(0, MOST_NAMES);
    // Who keeps people in groups may have the group as a keyword, too.
    const leaves = people.filter((tag) => !people.some((other) => other.startsWith(tag + between)));
    return leaves.map((tag) => leafOf(tag, between));
  });
}

/** The last part of a keyword in a tree. */
export function leafOf(tag: string, between = '/'): string {
  return tag.slice(tag.lastIndexOf(between) + 1).trim();
}
