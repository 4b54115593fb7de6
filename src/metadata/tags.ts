/*
 * Puts people into XMP, and takes them out again, by editing its text: what others have written there stays as it is, to the
 * byte. In the forms that digiKam writes, which the others read.
 */
import { applyEdits, type Edit } from './edits';
import {
  frameOf,
  isOtherShape,
  isSameFace,
  leafOf,
  microsoftRegion,
  mwgRegion,
  type NamedRegion,
  type StoredPicture,
  sizeApplied,
} from './names-in-xmp';
import { isNamespace, NAMESPACES, type Prefix } from './namespaces';
import { decodePacket } from './packet';
import { field, items, listOf, property, rdfOf, type Value } from './rdf';
import { turned } from './turned';
import { parseXml, type XmlElement } from './xml';

/** Who is on a picture, and where. */
export interface PhotoTags {
  readonly picture: StoredPicture;
  /** In the order in which they are written. */
  readonly regions: readonly NamedRegion[];
}

/** A name in a place, or a keyword. */
type Item = NamedRegion | string;

/** Properties that people are written to. */
export type TagProperty =
  | 'mwg-rs:Regions'
  | 'MP:RegionInfo'
  | 'digiKam:TagsList'
  | 'Iptc4xmpExt:PersonInImage';

/** What was put into a packet that was not there. */
export interface Added {
  readonly items: Readonly<Partial<Record<TagProperty, readonly Item[]>>>;
  /** Properties that were not there at all. */
  readonly made: readonly TagProperty[];
}

export const NOTHING_ADDED: Added = { items: {}, made: [] };

/** Whose names were added. */
export function namesAdded({ items }: Added): string[] {
  return Object.values(items).flatMap((added) =>
    added.map((item) => (isRegion(item) ? item.name : item.replace(/^People\//, ''))),
  );
}

type Name = readonly [prefix: Prefix, local: string];

interface Property {
  readonly name: Name;
  /** The field of it that has the list, if it is a structure. */
  readonly list?: Name;
  readonly kind: 'Bag' | 'Seq';
  /** What prefixes its markup has beside `rdf`. */
  readonly prefixes: readonly Prefix[];
  itemsOf(tags: PhotoTags, there: Value | undefined): readonly Item[];
  /** Whether an item of a list says that, or as much. */
  says(value: Value, item: Item, there: Value): boolean;
  /** What is in its `rdf:li`. */
  markup(item: Item): string;
  /** What the structure has beside the list. */
  beside?(tags: PhotoTags): string;
}

const isRegion = (item: Item): item is NamedRegion => typeof item !== 'string';

/** Whether an item of a list is that one. */
const isItem = (value: Value, item: Item, there: Value, { says }: Property) =>
  isRegion(item) ? says(value, item, there) : value.text === item;

const namesOf = ({ regions }: PhotoTags) => [...new Set(regions.map(({ name }) => name))];

const isSaid = (found: NamedRegion | undefined, item: Item) =>
  found !== undefined &&
  isRegion(item) &&
  found.name === item.name.trim() &&
  isSameFace(found.area, item.area);

const PROPERTIES: Readonly<Record<TagProperty, Property>> = {
  'mwg-rs:Regions': {
    name: ['mwg-rs', 'Regions'],
    list: ['mwg-rs', 'RegionList'],
    kind: 'Bag',
    prefixes: ['mwg-rs', 'stArea', 'stDim'],
    itemsOf({ picture, regions }, there) {
      // Beside those of somebody who has them for the upright picture, ours are for that, too.
      if (!there || frameOf(there, picture) === 'stored') return regions;
      return regions.map(({ name, area }) => ({ name, area: turned(area, picture.orientation) }));
    },
    says: (value, item, there) => isSaid(mwgRegion(value, sizeApplied(there)), item),
    markup(item) {
      const { name, area } = item as NamedRegion;
      const [x, y] = [area.left + area.width / 2, area.top + area.height / 2].map(share);
      const place = `stArea:x="${x}" stArea:y="${y}" stArea:w="${share(area.width)}" stArea:h="${share(area.height)}"`;
      return (
        `<rdf:Description mwg-rs:Name="${escaped(name)}" mwg-rs:Type="Face">` +
        `<mwg-rs:Area ${place} stArea:unit="normalized"/></rdf:Description>`
      );
    },
    beside: ({ picture: { width, height } }) =>
      `<mwg-rs:AppliedToDimensions stDim:w="${width}" stDim:h="${height}" stDim:unit="pixel"/>`,
  },
  'MP:RegionInfo': {
    name: ['MP', 'RegionInfo'],
    list: ['MPRI', 'Regions'],
    kind: 'Bag',
    prefixes: ['MP', 'MPRI', 'MPReg'],
    itemsOf: ({ regions }) => regions,
    says: (value, item) => isSaid(microsoftRegion(value), item),
    markup(item) {
      const { name, area } = item as NamedRegion;
      const place = [area.left, area.top, area.width, area.height].map(share).join(', ');
      return `<rdf:Description MPReg:Rectangle="${place}" MPReg:PersonDisplayName="${escaped(name)}"/>`;
    },
  },
  'digiKam:TagsList': {
    name: ['digiKam', 'TagsList'],
    kind: 'Seq',
    prefixes: ['digiKam'],
    // A slash would make two levels of it.
    itemsOf: (tags) => namesOf(tags).flatMap((name) => (name.includes('/') ? [] : [`People/${name}`])),
    // Who keeps people in groups has the name at another place in the tree.
    says: ({ text }, item) => text.startsWith('People/') && leafOf(text) === leafOf(item as string),
    markup: (item) => escaped(item as string),
  },
  'Iptc4xmpExt:PersonInImage': {
    name: ['Iptc4xmpExt', 'PersonInImage'],
    kind: 'Bag',
    prefixes: ['Iptc4xmpExt'],
    itemsOf: namesOf,
    says: ({ text }, item) => text === (item as string).trim(),
    markup: (item) => escaped(item as string),
  },
};

const EVERY_PROPERTY = Object.keys(PROPERTIES) as TagProperty[];

/** A packet in which nothing is. */
export const EMPTY_PACKET = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="${NAMESPACES.rdf}">
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;

/**
 * What a sidecar begins with that is made for a photo of which is known already who is on it: what is said of them, as it is written
 * there. Programs that find a property in a sidecar take it from there alone, and read no more than one sidecar: with ours only, they
 * would not see the others' any more.
 * @param packets of the photo
 * @param beside those of its other sidecars, which come first. A raw photo of the same name may be whose they are: regions in them
 *   count only if nothing says that they are of another picture
 * @returns `undefined` if there is nothing of that
 */
export function packetFrom(
  packets: readonly Uint8Array[],
  beside: readonly Uint8Array[] = [],
  picture?: StoredPicture,
): string | undefined {
  const found = new Map<TagProperty, string>();
  for (const [i, bytes] of [...beside, ...packets].entries()) {
    const text = decodePacket(bytes)?.text;
    const root = text === undefined ? undefined : parseXml(text);
    if (!root) continue;
    const isOther = i < beside.length && isOfOther(rdfOf(root), picture);
    for (const [key, markup] of peopleIn(text as string, root))
      if (!found.has(key) && !(isOther && REGIONS.includes(key))) found.set(key, markup);
  }
  if (found.size === 0) return undefined;
  const rdf = rdfIn(EMPTY_PACKET);
  return applyEdits(EMPTY_PACKET, [insertInto(EMPTY_PACKET, rdf, indented(2, [...found.values()]))]);
}

const REGIONS: readonly TagProperty[] = ['mwg-rs:Regions', 'MP:RegionInfo'];

/** Whether a packet says that it is of a picture of another shape, or turned in another way. */
function isOfOther(rdf: XmlElement | undefined, picture: StoredPicture | undefined): boolean {
  if (!rdf || !picture || picture.isSmall) return false;
  const turn = property(rdf, 'tiff', 'Orientation')?.text.trim();
  return (turn !== undefined && Number(turn) !== picture.orientation) || isOtherShape(rdf, picture);
}

/** The properties of a packet that have people, each as an `rdf:Description` that can stand in any packet. */
function* peopleIn(text: string, root: XmlElement): Generator<[TagProperty, string]> {
  const described = (rdfOf(root)?.children ?? []).flatMap(({ children }) => children);
  for (const key of EVERY_PROPERTY) {
    const [prefix, local] = PROPERTIES[key].name;
    const one = described.find((child) => child.local === local && isNamespace(child.uri, prefix));
    if (!one || (one.namespaces.rdf ?? NAMESPACES.rdf) !== NAMESPACES.rdf) continue;
    let used = '';
    // Those of what it stands in, too: sax has them in the prototype.
    for (const name in one.namespaces) {
      if (name === 'rdf' || name === 'xml' || name === 'xmlns') continue;
      used += ` xmlns${name === '' ? '' : `:${name}`}="${escaped(one.namespaces[name] as string)}"`;
    }
    yield [key, `<rdf:Description${used} rdf:about="">${text.slice(one.start, one.end)}</rdf:Description>`];
  }
}

/** A packet that ours can't be added to without harm: a list in it is none, say. The message says what it is or has. */
export class Unsuitable extends Error {}

/**
 * Adds what a packet does not say already.
 * @param text of the packet
 * @param earlier what was added before and is still there
 * @throws Unsuitable
 */
export function addTags(
  text: string,
  tags: PhotoTags,
  earlier: Added = NOTHING_ADDED,
): { readonly edits: readonly Edit[]; readonly added: Added } {
  const rdf = rdfIn(text);
  const edits: Edit[] = [];
  const items: Partial<Record<TagProperty, readonly Item[]>> = {};
  const made: TagProperty[] = [];
  for (const key of EVERY_PROPERTY) {
    const property = PROPERTIES[key];
    const { list, itemsOf, says } = property;
    const there = findProperty(rdf, property.name)?.value;
    const values = there ? itemsIn(there, list) : [];
    const more = itemsOf(tags, there).filter(
      (item) => !(there && values.some((value) => says(value, item, there))),
    );
    const kept = (earlier.items[key] ?? []).filter(
      (item) => there && values.some((value) => isItem(value, item, there, property)),
    );
    if (kept.length + more.length > 0) items[key] = [...kept, ...more];
    if (there ? earlier.made.includes(key) : more.length > 0) made.push(key);
    if (more.length > 0 && there) edits.push(addToProperty(text, property, there, more));
  }
  const missing = made.filter((key) => !findProperty(rdf, PROPERTIES[key].name));
  if (missing.length > 0) {
    const block = descriptionOf(rdf, missing, (key) => items[key] ?? [], tags);
    edits.push(insertInto(text, rdf, indented(2, block)));
  }
  return { edits, added: { items, made } };
}

/**
 * Takes out of a packet what was added to it, whoever has written it anew since.
 * @param isWanted of what was added, what is to stay
 * @throws Unsuitable
 */
export function removeTags(
  text: string,
  { items: added, made }: Added,
  isWanted: (property: TagProperty, item: Item, there: Value) => boolean = () => false,
): string {
  const rdf = rdfIn(text);
  const removed = new Set<XmlElement>();
  for (const key of EVERY_PROPERTY) {
    const property = PROPERTIES[key];
    const found = findProperty(rdf, property.name);
    if (!found) continue;
    const { value: there, element } = found;
    const left = itemsIn(there, property.list);
    const ours = new Set<XmlElement>();
    for (const item of added[key] ?? []) {
      if (isWanted(key, item, there)) continue;
      const own = left.find(
        ({ element: one, ...value }) =>
          one && !ours.has(one) && isItem({ ...value, element: one }, item, there, property),
      );
      if (own?.element) ours.add(own.element);
    }
    if (made.includes(key) && ours.size === left.length) removed.add(element);
    else for (const one of ours) removed.add(one);
  }
  for (const description of rdf.children) {
    const isEmpty = description.children.every((child) => removed.has(child));
    if (!isEmpty || description.children.length === 0 || hasProperties(description)) continue;
    for (const child of description.children) removed.delete(child);
    removed.add(description);
  }
  return applyEdits(text, removals(text, rdf, removed));
}

/** Whether a packet says nothing at all. */
export function saysNothing(text: string): boolean {
  return rdfIn(text).children.every((one) => one.children.length === 0 && !hasProperties(one));
}

/** Which of the items that were added are still to be there. */
export function wantedOf(tags: PhotoTags): (property: TagProperty, item: Item, there: Value) => boolean {
  return (key, item, there) =>
    PROPERTIES[key].itemsOf(tags, there).some((wanted) => {
      if (!isRegion(wanted) || !isRegion(item)) return wanted === item;
      return wanted.name === item.name && isSameFace(wanted.area, item.area);
    });
}

function rdfIn(text: string): XmlElement {
  const root = parseXml(text);
  const rdf = root && rdfOf(root);
  if (!rdf) throw new Unsuitable('is damaged, or no XMP');
  return rdf;
}

/** Whether an element says something by its attributes. */
function hasProperties({ attributes }: XmlElement): boolean {
  return attributes.some(({ uri }) => uri !== '' && uri !== XMLNS && uri !== XML && !isNamespace(uri, 'rdf'));
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XML = 'http://www.w3.org/XML/1998/namespace';

/** @throws Unsuitable if it is an attribute */
function findProperty(
  rdf: XmlElement,
  [prefix, local]: Name,
): { readonly element: XmlElement; readonly value: Value } | undefined {
  const isIt = (one: { readonly uri: string; readonly local: string }) =>
    one.local === local && isNamespace(one.uri, prefix);
  for (const description of rdf.children) {
    const element = description.children.find(isIt);
    if (element) return { element, value: { text: element.text.trim(), element } };
    if (description.attributes.some(isIt)) throw new Unsuitable(`has a ${prefix}:${local} that is no list`);
  }
  return undefined;
}

/** The items of a property's list, which may be a field of it. */
function itemsIn(value: Value, list: Name | undefined): readonly Value[] {
  return items(list ? field(value, ...list) : value);
}

/** Adds items to a property that is there. @throws Unsuitable */
function addToProperty(text: string, property: Property, there: Value, more: readonly Item[]): Edit {
  const { list: name } = property;
  const holder = name ? field(there, ...name) : there;
  const list = listOf(holder);
  const element = list ?? holder?.element ?? structureOf(there.element);
  if (!element) throw unsuitable(property);
  const used = declarations(element, ['rdf', ...property.prefixes]);
  if (list) {
    const last = list.children.at(-1);
    const gap = last ? gapBefore(text, last.start) : '';
    const all = more.map((item) => `${gap}<rdf:li${used}>${property.markup(item)}</rdf:li>`);
    return insertInto(text, list, all.join(''));
  }
  if (!holder) {
    const lines = wrapped((name as Name).join(':'), listMarkup(property, more), used);
    return insertInto(text, element, lines.join(''));
  }
  // A text instead of a list.
  if (holder.text !== '' || element.children.length > 0 || hasProperties(element)) throw unsuitable(property);
  return insertInto(text, element, listMarkup(property, more, used).join(''));
}

function unsuitable({ name }: Property): Unsuitable {
  return new Unsuitable(`has a ${name.join(':')} that is no list`);
}

/** The element that has the fields of a structure as its children. */
function structureOf(element: XmlElement | undefined): XmlElement | undefined {
  const isResource = element?.attributes.some(
    ({ local, value }) => local === 'parseType' && value === 'Resource',
  );
  return isResource
    ? element
    : element?.children.find(({ uri, local }) => local === 'Description' && isNamespace(uri, 'rdf'));
}

/** A line break and what indents the line, in front of what begins at `at`. */
function gapBefore(text: string, at: number): string {
  return /\r?\n[ \t]*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '';
}

/** Inserts behind the last child of an element, where nothing of what others have written is between. */
function insertInto(text: string, element: XmlElement, inner: string): Edit {
  const { children, opened, end, name } = element;
  if (text.endsWith('/>', opened) && opened === end)
    return { at: end - 2, until: end, text: `>${inner}</${name}>` };
  const at = children.at(-1)?.end ?? opened;
  return { at, until: at, text: inner };
}

/** Declares the prefixes that mean something else within an element, or nothing. */
function declarations({ namespaces }: Pick<XmlElement, 'namespaces'>, prefixes: readonly Prefix[]): string {
  return prefixes
    .filter((prefix) => namespaces[prefix] !== NAMESPACES[prefix])
    .map((prefix) => ` xmlns:${prefix}="${NAMESPACES[prefix]}"`)
    .join('');
}

/** An `rdf:Description` with properties that are not there yet. */
function descriptionOf(
  rdf: XmlElement,
  keys: readonly TagProperty[],
  itemsOf: (key: TagProperty) => readonly Item[],
  tags: PhotoTags,
): string[] {
  const prefixes = keys.flatMap((key) => PROPERTIES[key].prefixes);
  const about = rdf.children
    .flatMap(({ attributes }) => attributes)
    // All of a packet have to be about the same; in old ones it stands without a prefix.
    .find(({ uri, local }) => local === 'about' && (uri === '' || isNamespace(uri, 'rdf')));
  const properties = keys.flatMap((key) => {
    const property = PROPERTIES[key];
    const list = listMarkup(property, itemsOf(key));
    const name = property.name.join(':');
    if (!property.list) return wrapped(name, list);
    const fields = [
      ...(property.beside ? [property.beside(tags)] : []),
      ...wrapped(property.list.join(':'), list),
    ];
    return wrapped(name, fields, ' rdf:parseType="Resource"');
  });
  const used = `${declarations(rdf, ['rdf', ...prefixes])} rdf:about="${escaped(about?.value ?? '')}"`;
  return wrapped('rdf:Description', properties, used);
}

function listMarkup({ kind, markup }: Property, more: readonly Item[], used = ''): string[] {
  return wrapped(
    `rdf:${kind}`,
    more.map((item) => `<rdf:li>${markup(item)}</rdf:li>`),
    used,
  );
}

function wrapped(name: string, lines: readonly string[], attributes = ''): string[] {
  return [`<${name}${attributes}>`, ...lines.map((line) => ` ${line}`), `</${name}>`];
}

function indented(depth: number, lines: readonly string[]): string {
  return lines.map((line) => `\n${' '.repeat(depth)}${line}`).join('');
}

/** What takes elements away, with the white space in front of them. */
function removals(text: string, parent: XmlElement, removed: ReadonlySet<XmlElement>): Edit[] {
  let behind = parent.opened;
  return parent.children.flatMap((child) => {
    const between = behind;
    behind = child.end;
    if (!removed.has(child)) return removals(text, child, removed);
    const at = text.slice(between, child.start).trim() === '' ? between : child.start;
    return [{ at, until: child.end, text: '' }];
  });
}

/** A share of a picture's side, exact to a tenth of a pixel of a picture 100,000 pixels wide. */
function share(value: number): string {
  return String(Number(value.toFixed(6)));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as XML has it, in an element or an attribute. */
function escaped(text: string): string {
  // Two characters that names may have and XML may not.
  return text
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
}
