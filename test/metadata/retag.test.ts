import { SplitMix64 } from '../../src/base/random';
import { type NamedRegion, namesInXmp } from '../../src/metadata/names-in-xmp';
import { NAMESPACES } from '../../src/metadata/namespaces';
import { decodePacket } from '../../src/metadata/packet';
import { retag, type TagRecord } from '../../src/metadata/retag';
import type { PhotoTags } from '../../src/metadata/tags';
import { parseXml } from '../../src/metadata/xml';

const picture = { width: 4000, height: 3000, orientation: 6 };
const anna = region('Anna', 0.1, 0.2);
const tags: PhotoTags = { picture, regions: [anna, region('Ben & <Söhne> "x" \' 👩‍👧 שרה', 0.6, 0.5)] };
const NAMES = ['Anna', 'Berta', 'Ben & <Söhne> "x" \' 👩‍👧 שרה', 'Carl'];

function region(name: string, left: number, top: number): NamedRegion {
  return { name, area: { left, top, width: 0.2, height: 0.3 } };
}

function namesIn(bytes: Uint8Array) {
  const root = parseXml(decodePacket(bytes)?.text ?? '');
  if (!root) throw new Error(`No XML: ${Buffer.from(bytes)}`);
  return namesInXmp(root, picture);
}

const whereOf = ({ name, area }: NamedRegion) =>
  [name, ...[area.left, area.top, area.width, area.height].map((value) => value.toFixed(5))].join(' ');

/** A sidecar as some program may write it. */
class ForeignPacket {
  readonly #prefixes = new Map<string, string>();
  /** Whether it has lists that can't be added to in place: `<written/>` as one, or not there. */
  closed = false;

  constructor(private readonly random: SplitMix64) {}

  #of<T>(...choices: readonly T[]): T {
    return choices[this.random.below(choices.length)] as T;
  }

  #names(): string[] {
    return NAMES.filter(() => this.random.below(3) === 0);
  }

  #p(prefix: keyof typeof NAMESPACES): string {
    const known = this.#prefixes.get(prefix);
    if (known) return known;
    const name = this.#of(prefix, `ns${this.#prefixes.size}`);
    this.#prefixes.set(prefix, name);
    return name;
  }

  #gap(): string {
    return this.#of('', '', '\n  ', '\r\n\t', ' ', '\n<!-- mine -->\n ', '<?mine too?>');
  }

  #text(text: string): string {
    const entity = (one: string) => `&#x${one.codePointAt(0)?.toString(16)};`;
    return this.#of(
      text.replace(/[&<>"']/g, entity),
      text.includes(']]>') ? '' : `<![CDATA[${text}]]>`,
      text.replace(/[^a-z]/gu, entity),
    );
  }

  #attribute(name: string, value: string): string {
    const quote = this.#of('"', "'");
    return `${this.#of(' ', '\n   ')}${name}=${quote}${value.replace(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`)}${quote}`;
  }

  #list(kind: string, entries: readonly string[]): string {
    const rdf = this.#p('rdf');
    if (entries.length === 0 && this.#of(true, false)) {
      this.closed = true;
      return `${this.#gap()}<${rdf}:${kind}${this.#of('', ' ')}/>${this.#gap()}`;
    }
    return `${this.#gap()}<${rdf}:${kind}>${entries.map((entry) => this.#gap() + entry).join('')}${this.#gap()}</${rdf}:${kind}>${this.#gap()}`;
  }

  #words(property: string, kind: string, words: readonly string[]): string {
    const rdf = this.#p('rdf');
    return `<${property}>${this.#list(
      kind,
      words.map((word) => `<${rdf}:li>${this.#text(word)}</${rdf}:li>`),
    )}</${property}>`;
  }

  /** A structure, in each of the ways in which it may be written. */
  #structure(element: string, texts: Readonly<Record<string, string>>, inner = ''): string {
    const rdf = this.#p('rdf');
    const asElements = Object.entries(texts)
      .map(([name, value]) => `${this.#gap()}<${name}>${this.#text(value)}</${name}>`)
      .join('');
    const asAttributes = Object.entries(texts)
      .map(([name, value]) => this.#attribute(name, value))
      .join('');
    return this.#of(
      `<${element}${this.#attribute(`${rdf}:parseType`, 'Resource')}>${asElements}${inner}${this.#gap()}</${element}>`,
      `<${element}>${this.#gap()}<${rdf}:Description>${asElements}${inner}</${rdf}:Description></${element}>`,
      `<${element}><${rdf}:Description${asAttributes}>${this.#gap()}${inner}</${rdf}:Description>${this.#gap()}</${element}>`,
    );
  }

  #mwg(): string {
    const [mwg, area, dim] = [this.#p('mwg-rs'), this.#p('stArea'), this.#p('stDim')];
    const size = this.#of([4000, 3000], [3000, 4000], [2000, 1500]);
    const list = this.#names().map((name, i) => {
      const place = {
        [`${area}:x`]: `0.${i}1`,
        [`${area}:y`]: '0.5',
        [`${area}:w`]: '0.1',
        [`${area}:h`]: '0.1',
      };
      const inner = this.#structure(`${mwg}:Area`, { ...place, [`${area}:unit`]: 'normalized' });
      return this.#structure(
        `${this.#p('rdf')}:li`,
        { [`${mwg}:Name`]: name, [`${mwg}:Type`]: 'Face' },
        inner,
      );
    });
    const applied = this.#structure(`${mwg}:AppliedToDimensions`, {
      [`${dim}:w`]: String(size[0]),
      [`${dim}:h`]: String(size[1]),
    });
    const regions = this.#of('', `<${mwg}:RegionList>${this.#list('Bag', list)}</${mwg}:RegionList>`);
    if (regions === '') this.closed = true;
    return this.#structure(`${mwg}:Regions`, {}, applied + this.#gap() + regions);
  }

  #windows(): string {
    const [mp, info, reg] = [this.#p('MP'), this.#p('MPRI'), this.#p('MPReg')];
    const list = this.#names().map((name, i) =>
      this.#structure(`${this.#p('rdf')}:li`, {
        [`${reg}:Rectangle`]: `0.${i}1, 0.5, 0.1, 0.1`,
        [`${reg}:PersonDisplayName`]: name,
      }),
    );
    return this.#structure(
      `${mp}:RegionInfo`,
      {},
      `<${info}:Regions>${this.#list('Bag', list)}</${info}:Regions>`,
    );
  }

  text(): string {
    const rdf = this.#p('rdf');
    const tree = this.#names().map((name) =>
      this.#of(`People/${name}`, `People/Friends/${name}`, `Places/${name}`),
    );
    const properties = [
      this.#mwg(),
      this.#windows(),
      this.#words(`${this.#p('digiKam')}:TagsList`, 'Seq', tree),
      this.#words(`${this.#p('Iptc4xmpExt')}:PersonInImage`, 'Bag', this.#names()),
      `<xmp:Rating>${this.#text('5')}</xmp:Rating>`,
    ].filter(() => this.random.below(4) > 0);
    const about = this.#attribute(`${rdf}:about`, this.#of('', 'uuid:1 & 2'));
    const together = this.#of(true, false);
    const blocks = together ? [properties] : properties.map((one) => [one]);
    const description = (inner: readonly string[]) =>
      `<${rdf}:Description${about}${this.#of('', this.#attribute('xmp:Label', 'Red'))}>${inner.map((one) => this.#gap() + one).join('')}${this.#gap()}</${rdf}:Description>`;
    const inner = blocks.map((block) => this.#gap() + description(block)).join('');
    const namespaces = [...this.#prefixes]
      .map(([prefix, name]) => ` xmlns:${name}="${NAMESPACES[prefix as keyof typeof NAMESPACES]}"`)
      .join('');
    const declared = ` xmlns:xmp="http://ns.adobe.com/xap/1.0/"${namespaces}`;
    const root =
      inner === '' && this.#of(true, false)
        ? `<${rdf}:RDF${declared}/>`
        : `<${rdf}:RDF${declared}>${inner}${this.#gap()}</${rdf}:RDF>`;
    if (root.endsWith('/>')) this.closed = true;
    return this.#of(
      root,
      `<x:xmpmeta xmlns:x="adobe:ns:meta/">${root}</x:xmpmeta>`,
      `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\r\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n${root}\n</x:xmpmeta>\n${' '.repeat(40)}\n<?xpacket end="w"?>`,
    );
  }

  bytes(): Buffer {
    const text = this.text();
    const encode = this.#of(
      () => Buffer.from(text),
      () => Buffer.from(`\ufeff${text}`),
      () => Buffer.from(`\ufeff${text}`, 'utf16le'),
      () => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    );
    return encode();
  }
}

const recordOf = (record: TagRecord | undefined) => {
  if (!record) throw new Error('nothing was written');
  // As it comes from a file.
  return JSON.parse(JSON.stringify(record)) as TagRecord;
};

/** Byte by byte, and soon compared. */
const asText = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1');

test('300 sidecars of others: who is added is in them, and taken out again nothing has changed', () => {
  const random = new SplitMix64(7n);
  let inPlace = 0;
  for (let i = 0; i < 300; i++) {
    const foreign = new ForeignPacket(random);
    const before = foreign.bytes();
    const said = namesIn(before);

    const { bytes: after, record } = retag(before, [], tags);
    if (!after) throw new Error('gone');
    const now = namesIn(after);
    for (const { name } of tags.regions) expect(now.people).toContain(name);
    expect(now.regions.map(whereOf)).toEqual(expect.arrayContaining(tags.regions.map(whereOf)));
    expect(now.regions.map(whereOf)).toEqual(expect.arrayContaining(said.regions.map(whereOf)));
    expect(now.people).toEqual(expect.arrayContaining([...said.people]));

    const known = recordOf(record);
    expect(retag(after, [known], tags).bytes === after).toBe(true);
    expect(asText(retag(after, [known], undefined).bytes)).toBe(asText(before));

    const others = { picture, regions: [region('Dora', 0.3, 0.3)] };
    expect(asText(retag(after, [known], others).bytes)).toBe(asText(retag(before, [], others).bytes));

    // Whoever has written it since: what is ours is found by what it says.
    const { undo: _, ...changedSince } = { ...known, hash: 'another' };
    const without = retag(after, [changedSince], undefined).bytes;
    expect(retag(after, [changedSince], tags).bytes === after).toBe(true);
    if (!without) throw new Error('gone');
    expect(namesIn(without)).toEqual(said);
    if (foreign.closed) continue;
    expect(asText(without)).toBe(asText(before));
    inPlace++;
  }
  expect(inPlace).toBeGreaterThan(75);
});

test.each(['rdf:about', 'about'])('what is added is about the same as the rest: %s="uuid:1"', (about) => {
  const before = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${NAMESPACES.rdf}"><rdf:Description ${about}="uuid:1"/></rdf:RDF></x:xmpmeta>`;
  const after = parseXml(asText(retag(Buffer.from(before), [], tags).bytes) ?? '');
  const [, ours] = after?.children[0]?.children ?? [];
  expect(ours?.attributes).toContainEqual(
    expect.objectContaining({ uri: NAMESPACES.rdf, local: 'about', value: 'uuid:1' }),
  );
});
