import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { FaceRecord } from '../../src/base/types';
import type { ClusterFacesOptions } from '../../src/cluster';
import type { FaceOnPhoto } from '../../src/people/decisions';
import { People } from '../../src/people/people';
import { sha256 } from '../../src/system/sha256';
import { clustersSchemaErrors } from '../support/clusters-schema';
import { face, resultListing, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
const { cluster, inResult, keepJournal, photo, photos, readData } = useCollection(temp);

/** Anna on 5 photos, Bob on 5 and on one of hers, and a stranger. */
function family(): FaceRecord[] {
  const anna = photos('anna', 5).map((path) => face(path, 0));
  const bob = photos('bob', 5).map((path) => face(path, 1));
  const together = face(anna[0]?.imagePath as string, 1, { top: 130, right: 230, bottom: 230, left: 130 });
  return [...anna, ...bob, together, face(photo('stranger.jpg'), 2)];
}

const clusterNamed = (records: readonly FaceRecord[], options: Partial<ClusterFacesOptions> = {}) =>
  cluster(records, { folders: 'names', minSamples: 2, ...options });

const peopleFile = () => temp('faces.pickle.people.jsonl');

async function decide<T>(decision: (people: People) => Promise<T>): Promise<T> {
  const people = await People.open(peopleFile());
  try {
    return await decision(people);
  } finally {
    await people.close();
  }
}

/** The folders with photos in the result. */
const foldersThere = () =>
  readdirSync(inResult(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !['.cache', 'gallery', 'montage', 'thumbnails'].includes(name))
    .sort();

describe('folders that are called by names', () => {
  test.each([
    ['with the journal of "encode"', true],
    ['of the Python project, which has none', false],
  ])('belong to people who keep their numbers, whoever comes: %s', async (_, journal) => {
    const records = family();
    if (journal) await keepJournal(records);
    const first = await clusterNamed(records);
    // Numbers are given by size.
    const [bob, anna] = [1, 2];
    expect(first.people.map(({ label }) => label)).toEqual([1, 2]);
    expect(foldersThere()).toEqual([`Person 0${anna} (5)`, `Person 0${bob} (6)`, 'Not sorted'].sort());
    expect(readdirSync(inResult(`Person 0${anna} (5)`)).sort()).toEqual(
      [1, 2, 3, 4, 5].map((n) => `anna${n}.jpg`),
    );
    expect(readdirSync(inResult('Not sorted'))).toEqual(['stranger.jpg']);
    expect(first.changes).toMatchObject({ newPeople: [1, 2], joined: [], gone: 0 });

    await decide((people) => people.name(anna, 'Anna'));
    // A larger group comes, and one more photo of each; in another order.
    const more = [
      ...photos('carla', 9).map((path) => face(path, 3)),
      ...records,
      face(photo('anna9.jpg'), 0),
      face(photo('bob9.jpg'), 1),
    ];
    if (journal) await keepJournal(more);
    const second = await clusterNamed(more);
    expect(foldersThere()).toEqual(['Anna (6)', `Person 0${bob} (7)`, 'Person 03 (9)', 'Not sorted'].sort());
    expect(second.people.map(({ label, name, folder }) => [label, name, folder])).toEqual(
      [
        [anna, 'Anna', 'Anna (6)'],
        [bob, null, `Person 0${bob} (7)`],
        [3, null, 'Person 03 (9)'],
      ].sort(),
    );
    expect(second.changes?.newPeople).toEqual([3]);
    expect(second.changes?.joined.map(({ person, photos }) => [person, photos])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    const data = readData();
    expect(clustersSchemaErrors(data)).toEqual([]);
    expect(data.lastingLabels).toBe(true);
    expect(data.people.find(({ name }) => name === 'Anna')?.faces[0]?.file).toBe('Anna (6)/anna1.jpg');
    const overview = readFileSync(inResult('gallery/data/overview.js'), 'utf8');
    expect(overview).toContain(`{"label":${anna},"name":"Anna"`);
    expect(overview).toContain('"folder":"Anna%20(6)/"');
  });

  test('are as ever without that option, and nothing is written beside the encodings file', async () => {
    const records = family();
    await cluster(records);
    expect(foldersThere()).toEqual(['label-1', 'label0', 'label1']);
    expect(existsSync(peopleFile())).toBe(false);
    const marker = JSON.parse(readFileSync(inResult('.face-cluster-result.json'), 'utf8'));
    expect(Object.keys(marker)).toEqual(['format', 'version', 'entries', 'fingerprint', 'identity']);
    // And one may come after the other.
    await clusterNamed(records);
    await cluster(records);
    expect(foldersThere()).toEqual(['label-1', 'label0', 'label1']);
    expect(readData().lastingLabels).toBe(false);
  });

  test('are not there for people who are hidden, who are nowhere else in the result either', async () => {
    const records = family();
    await clusterNamed(records);
    const [bob, anna] = [1, 2];
    await decide((people) => people.hide(bob));
    const summary = await clusterNamed(records, { csv: true });
    expect(foldersThere()).toEqual(['Not sorted', `Person 0${anna} (5)`]);
    expect(summary.people.map(({ label }) => label)).toEqual([anna]);
    expect([...summary.labels].filter((label) => label === bob)).toHaveLength(6);
    expect(readFileSync(inResult('clusters.csv'), 'utf8').trim().split('\r\n')).toHaveLength(1 + 6);
    expect(readFileSync(inResult('clusters.json'), 'utf8')).not.toContain('bob1');
    expect(readFileSync(inResult('gallery/data/overview.js'), 'utf8')).toContain('"faces":6,"photos":6,');
  });

  test.each([
    ['dbscan', { method: 'dbscan', eps: 0.5 }],
    ['dbscan, with everybody in one group', { method: 'dbscan', eps: 2 }],
    ['linkage', { method: 'linkage' }],
    ['linkage, with everybody in one group', { method: 'linkage', threshold: 2 }],
  ] as const)('hold what was decided, however faces are grouped: %s', async (_, options) => {
    const records = [...family(), ...photos('carla', 4).map((path) => face(path, 3))];
    await clusterNamed(records);
    const [bob, anna, carla] = [1, 2, 3];
    const idOf = (index: number): FaceOnPhoto => ({
      photo: sha256(readFileSync(records[index]?.imagePath as string)),
      box: records[index]?.loc as FaceRecord['loc'],
    });
    await decide(async (people) => {
      await people.merge(carla, anna);
      await people.differ(anna, bob);
      await people.not(idOf(0), anna);
      await people.notFace(idOf(1));
      await people.is(idOf(11), bob);
    });
    const { data, labels, unclustered } = await clusterNamed(records, options);
    expect(labels[0]).not.toBe(anna);
    expect([...labels.subarray(1, 5)]).toEqual([-1, anna, anna, anna]);
    expect([...labels.subarray(5, 11)]).toEqual(Array(6).fill(bob));
    expect(labels[11]).toBe(bob);
    expect([...labels.subarray(12)]).toEqual(Array(4).fill(anna));
    const there = [...data.people, data.unclustered].flatMap(({ faces }) => faces.map(({ index }) => index));
    expect(there.sort((a, b) => a - b)).toEqual([...records.keys()].filter((index) => index !== 1));
    expect(unclustered).toBe(labels[0] === -1 ? 1 : 0);
  });

  test('hold photos that can’t be told from others any more, since they are gone, as nobody’s', async () => {
    const records = family();
    rmSync(records[0]?.imagePath as string);
    const summary = await clusterNamed(records);
    expect(summary.labels[0]).toBe(-1);
    expect(summary.problems).toHaveLength(1);
    expect(foldersThere().filter((name) => name.endsWith('(4)'))).toHaveLength(1);
  });

  test('hold faces with that layout, and count these', async () => {
    await clusterNamed(family(), { layout: 'faces' });
    const faces = resultListing(inResult()).filter((name) => / face \d+\.jpg$/.test(name));
    expect(faces.filter((name) => name.startsWith('Person 01 (6)/'))).toHaveLength(6);
    expect(faces.filter((name) => name.startsWith('Person 02 (5)/'))).toHaveLength(5);
  });

  test('have names that every disk takes, and each its own', async () => {
    const names = [
      'AC/DC',
      '..',
      'con',
      '.hidden',
      'Zoë',
      'ZOE\u0308',
      'Not sorted',
      'montage',
      'label0',
      'a:b*c? "d" <e>|',
      'Anna ',
      '面'.repeat(200),
      '=1+1',
      'Dr. No.',
      'x\\y',
    ];
    const records = names.flatMap((_, i) => photos(`p${i}-`, 2).map((path) => face(path, i)));
    const { data } = await clusterNamed(records);
    await decide(async (people) => {
      for (const { label, faces } of data.people) {
        const i = Number(/p(\d+)-/.exec(faces[0]?.photo ?? '')?.[1]);
        await people.name(label, names[i] as string);
      }
    });
    const summary = await clusterNamed(records);
    const plain = (name: string) => name.normalize('NFC').trim();
    const folderOf = (name: string) =>
      summary.people.find((one) => plain(one.name ?? '') === plain(name))?.folder;
    expect(names.map(folderOf)).toEqual([
      'AC_DC (2)',
      '_ (2)',
      'con_ (2)',
      '_hidden (2)',
      expect.stringMatching(/^Zoë \(2\)( 2)?$/),
      expect.stringMatching(/^ZOË \(2\)( 2)?$/),
      'Not sorted (2)',
      'montage (2)',
      'label0 (2)',
      'a_b_c_ _d_ _e__ (2)',
      'Anna (2)',
      `${'面'.repeat(45)} (2)`,
      '=1+1 (2)',
      'Dr. No (2)',
      'x_y (2)',
    ]);
    expect(foldersThere()).toEqual(names.map(folderOf).sort());
    for (const { folder } of summary.people) expect(readdirSync(inResult(folder as string))).toHaveLength(2);
    // And they are told from other folders by the next run.
    await clusterNamed(records);
  });
});

describe('a result with such folders', () => {
  const anna = () => {
    const [folder] = foldersThere().filter((name) => name.endsWith('(5)'));
    return folder as string;
  };

  test('is still ours when its photos were edited in place, as the links to them then are, too', async () => {
    const records = family();
    await clusterNamed(records);
    appendFileSync(records[0]?.imagePath as string, 'edited');
    await clusterNamed(records);
  });

  test.each([
    ['added', () => writeFileSync(inResult(anna(), 'mine.txt'), 'mine')],
    ['removed', () => rmSync(inResult(anna(), 'anna1.jpg'))],
    ['renamed', () => renameSync(inResult(anna()), inResult('Anna'))],
    [
      'replaced',
      () => {
        const path = inResult(anna(), 'anna1.jpg');
        const bytes = readFileSync(path);
        rmSync(path);
        writeFileSync(path, bytes);
      },
    ],
  ])('is refused when something in it was %s, and left alone', async (_, change) => {
    const records = family();
    await clusterNamed(records);
    change();
    const before = resultListing(inResult());
    await expect(clusterNamed(records)).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(resultListing(inResult())).toEqual(before);
  });

  test.each(['hardlink', 'copy'] as const)(
    'loses no photo whose original has gone, however it was put there: %s',
    async (files) => {
      const records = family();
      await clusterNamed(records, { files });
      const bytes = readFileSync(records[0]?.imagePath as string);
      rmSync(records[0]?.imagePath as string);
      const { kept } = await clusterNamed(records.slice(1), { files });
      expect(kept).toEqual([{ file: 'kept-originals-not-found/anna1.jpg', original: records[0]?.imagePath }]);
      expect(readFileSync(inResult('kept-originals-not-found/anna1.jpg')).equals(bytes)).toBe(true);
      // By the other naming, too.
      const again = await cluster(records.slice(1));
      expect(again.kept.map(({ file }) => file)).toEqual(['kept-originals-not-found/anna1.jpg']);
    },
  );

  test('loses no photo when nobody knows any more where its photos came from', async () => {
    const records = family();
    await clusterNamed(records, { files: 'copy' });
    rmSync(records[0]?.imagePath as string);
    const marker = inResult('.face-cluster-result.json');
    const originals = inResult('.face-cluster-originals.json');
    // Of the same size, so that the folder is not taken for changed.
    writeFileSync(originals, ' '.repeat(statSync(originals).size));
    const { kept } = await clusterNamed(records.slice(1), { files: 'copy' });
    expect(kept).toEqual([{ file: 'kept-originals-not-found/anna1.jpg', original: null }]);
    expect(JSON.parse(readFileSync(marker, 'utf8')).folders).toHaveLength(3);
  });
});
