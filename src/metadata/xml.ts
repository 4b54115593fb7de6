import sax, { type QualifiedTag } from 'sax';

/** An element of a document, with where its parts stand in the text: offsets in UTF-16 units, as `slice` takes them. */
export interface XmlElement {
  readonly uri: string;
  readonly local: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
  /** Which namespace a prefix stands for within it. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** As it is written: `rdf:li`. */
  readonly name: string;
  /** Of `<`. */
  readonly start: number;
  /** Behind the `>` of its start tag. */
  readonly opened: number;
  /** Of its end tag; `opened` if it is `<written/>` as one. */
  readonly closing: number;
  /** Behind all of it. */
  readonly end: number;
}

export interface XmlAttribute {
  readonly uri: string;
  readonly local: string;
  readonly value: string;
}

/** Metadata of photos go 5 deep for a region, and what other programs keep in them, edits and histories, no deeper than 20. */
const MOST_DEEP = 100;

/** Programs declare some 30 in a tag; each is looked for in all tags around it, too. */
const MOST_NAMESPACES = 200;

type Growing = {
  -readonly [key in keyof XmlElement]: key extends 'children' ? XmlElement[] : XmlElement[key];
};

/** What sax has that its types don't tell: the attributes of the tag that it reads, each with its value. */
interface LooksForAttributes {
  readonly attribList?: { indexOf(name: string): number };
}

/**
 * The root of a document. Nothing is ever expanded but the five entities of XML and characters by their number: who declares
 * more has no metadata of a photo.
 * @returns `undefined` unless it is well formed
 */
export function parseXml(text: string): XmlElement | undefined {
  const parser: sax.SAXParser & LooksForAttributes = sax.parser(true, { xmlns: true, position: true });
  // With pairs in it, it never has a name; looking for each name in it takes hours if a tag has a million.
  if (parser.attribList) parser.attribList.indexOf = () => -1;
  const open: Growing[] = [];
  let root: XmlElement | undefined;

  const refuse = (error: Error): never => {
    throw error;
  };
  const addText = (more: string) => {
    const element = open.at(-1);
    if (element) element.text += more;
  };
  parser.onerror = refuse;
  parser.ondoctype = () => refuse(new Error('A document type is not expected.'));
  parser.ontext = addText;
  parser.oncdata = addText;
  let declared = 0;
  parser.onopentagstart = () => {
    declared = 0;
  };
  parser.onopennamespace = () => {
    if (++declared > MOST_NAMESPACES) refuse(new Error('It declares too many namespaces.'));
  };
  parser.onopentag = (tag) => {
    if (open.length === MOST_DEEP) refuse(new Error('It is nested too deeply.'));
    const { uri, local, name, attributes, ns } = tag as QualifiedTag;
    const opened = parser.position;
    open.push({
      uri,
      local,
      name,
      attributes: Object.values(attributes),
      children: [],
      text: '',
      namespaces: ns,
      start: parser.startTagPosition - 1,
      opened,
      closing: opened,
      end: opened,
    });
  };
  parser.onclosetag = () => {
    const element = open.pop();
    if (!element) return;
    element.end = parser.position;
    if (element.end > element.opened) element.closing = parser.startTagPosition - 1;
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  };
  try {
    parser.write(withoutZeros(text)).close();
  } catch {
    return undefined;
  }
  return root;
}

/** Writers in C leave them behind it. */
function withoutZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}
