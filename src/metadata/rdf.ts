/*
 * What XMP's properties say, however the same is written: as elements or as attributes, structures by `rdf:parseType`, as a
 * nested `rdf:Description` or as an empty element with attributes. Layout: ISO 16684-1, annex C.
 */
import { isNamespace, type Prefix } from './namespaces';
import type { XmlElement } from './xml';

/** What a property has: a text, an element that has more, or both. */
export interface Value {
  readonly text: string;
  readonly element: XmlElement | undefined;
}

const isRdf = ({ uri, local }: { readonly uri: string; readonly local: string }, name: string) =>
  local === name && isNamespace(uri, 'rdf');

/** `rdf:RDF` of a packet: its root, or within an `x:xmpmeta`. */
export function rdfOf(root: XmlElement): XmlElement | undefined {
  if (isRdf(root, 'RDF')) return root;
  return root.children.find((child) => isRdf(child, 'RDF'));
}

/** A property of a photo; `undefined` if nothing says it. */
export function property(rdf: XmlElement, prefix: Prefix, local: string): Value | undefined {
  for (const description of rdf.children) {
    const value = fieldOf(description, prefix, local);
    if (value) return value;
  }
  return undefined;
}

/** A field of a structure; `undefined` if it has none of this name. */
export function field(structure: Value, prefix: Prefix, local: string): Value | undefined {
  return structure.element && fieldOf(structure.element, prefix, local);
}

function fieldOf(element: XmlElement, prefix: Prefix, local: string): Value | undefined {
  const isIt = (named: { readonly uri: string; readonly local: string }) =>
    named.local === local && isNamespace(named.uri, prefix);
  const child = element.children.find(isIt);
  if (child) return readValue(child);
  const attribute = element.attributes.find(isIt);
  if (attribute) return { text: attribute.value, element: undefined };
  const nested = element.children.find((inner) => isRdf(inner, 'Description'));
  return nested && fieldOf(nested, prefix, local);
}

function readValue(element: XmlElement): Value {
  const value = element.children.length > 0 ? fieldOf(element, 'rdf', 'value') : undefined;
  return { text: value?.text ?? element.text.trim(), element };
}

/** The list that is a property's value, `rdf:Bag`, `rdf:Seq` or `rdf:Alt`; `undefined` if it is none. */
export function listOf(value: Value | undefined): XmlElement | undefined {
  return value?.element?.children.find(
    (child) => isRdf(child, 'Bag') || isRdf(child, 'Seq') || isRdf(child, 'Alt'),
  );
}

/** What a list has; a text that is no list counts as a list of one. */
export function items(value: Value | undefined): readonly Value[] {
  if (!value) return [];
  const list = listOf(value);
  if (list) return list.children.filter((child) => isRdf(child, 'li')).map(readValue);
  return value.text === '' ? [] : [value];
}
