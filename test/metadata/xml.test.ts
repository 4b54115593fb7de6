import { parseXml } from '../../src/metadata/xml';

const attributes = (count: number, prefix = '') =>
  Array.from({ length: count }, (_, i) => ` ${prefix}a${i}="${i}"`).join('');

test('a tag with ever so many attributes: each is looked at once, and not compared with all before it', () => {
  const original = Array.prototype.indexOf;
  let compared = 0;
  const counting = jest.spyOn(Array.prototype, 'indexOf').mockImplementation(function (
    this: unknown[],
    ...args: Parameters<typeof original>
  ) {
    compared += this.length;
    return original.apply(this, args);
  });
  try {
    expect(parseXml(`<x${attributes(5000)}/>`)?.attributes.map(({ value }) => Number(value))).toEqual([
      ...Array(5000).keys(),
    ]);
    expect(compared).toBeLessThan(5000);
  } finally {
    counting.mockRestore();
  }
});

test('no program declares hundreds of namespaces in a tag, each of which is looked for in all around it', () => {
  const declaring = (count: number) => `<x><y${attributes(count, 'xmlns:')}><a7:z/></y></x>`;
  expect(parseXml(declaring(100))?.children[0]?.children[0]).toMatchObject({ uri: '7', local: 'z' });
  expect(parseXml(declaring(1000))).toBeUndefined();
  // But each for itself, as other programs do with items of lists.
  const items = Array.from({ length: 1000 }, (_, i) => `<i:y xmlns:i="${i}" xmlns:j="j"/>`).join('');
  expect(parseXml(`<x>${items}</x>`)?.children).toHaveLength(1000);
});

test.each([
  ['entities of its own', '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'],
  ['a file of this computer', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'],
  ['an entity that nobody declares', '<x>&b;</x>'],
])('refuses %s', (_, text) => {
  expect(parseXml(text)).toBeUndefined();
});
