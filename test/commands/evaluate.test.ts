import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readEncodings } from '../../src/encodings/encodings';
import type { EvaluateSummary } from '../../src/evaluate/evaluate-photos';
import { storedArea } from '../../src/metadata/turned';
import { decodeImage } from '../../src/photos/decode';
import { runCli } from '../support/cli';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { describeWithPython, runPython } from '../support/python';
import { EVALUATE } from '../support/quality';
import { describeWithShared } from '../support/shared';
import { sidecarWithRegions } from '../support/xmp';

const temp = useTempFolder();
const run = (...args: string[]) => runCli(args, { cwd: temp() });

/** Quick, and the same for all photos. */
const HOG = ['-d', 'hog', '--detect-size', '0'];

/** Photos that come with the devDependencies, by who is on them. On the last are several people, of whom nobody knows one. */
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  Franck: readdirSync(PORTRAITS).filter((name) => /^franck_\d+\.jpg$/.test(name)),
  Audrey: ['audrey.jpg', 'audrey_crop.jpg'],
  'Justin Bieber': ['Justin-Bieber2_crop.jpg', 'bieber_small.jpg'],
  'Mona Lisa': ['joconde.jpg', 'joconde_crop.jpg'],
  'Nicolas Cage': ['cage.jpg', 'cage2_crop.jpg'],
  'Sean Connery': ['SeanConnery.jpg', 'sean_guru2_crop.jpg'],
  Vladimir: ['sample1.jpg', 'sample4.jpg', 'sample6.jpg'],
};

/** A folder in the form of Labeled Faces in the Wild: one in it for each person. */
function makeFolders(): void {
  for (const [name, photos] of Object.entries(PEOPLE)) {
    mkdirSync(temp('lfw', name), { recursive: true });
    for (const photo of photos) {
      copyFileSync(
        photo.startsWith('sample') ? samplePhoto(photo) : join(PORTRAITS, photo),
        temp('lfw', name, photo),
      );
    }
  }
}

type Done = Pick<EvaluateSummary, 'faces' | 'people' | 'settings' | 'truth'> & { readonly encodings: string };

/** What `--json` says at the end. */
function doneOf(stdout: string): Done {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
}

const figuresOf = ({ faces, people, clusters, bcubed, pairwise }: EvaluateSummary['settings'][number]) => ({
  ...{ faces, people, clusters, bcubed, pairwise },
});

/**
 * What `evaluate` does, in Python: who the faces are by the folders of their photos, scikit-learn's DBSCAN, its contingency
 * tables. Groups of linkage it is given.
 */
const REFERENCE = `${EVALUATE}
import os, pickle
from sklearn.cluster import DBSCAN

faces = pickle.load(open('evaluate/encodings.pickle', 'rb'))
given = json.load(open('given.json'))

def inside(a, b):
    (t, r, b_, l), (T, R, B, L) = a['loc'], b['loc']
    return a is not b and a['imagePath'] == b['imagePath'] and T <= t and L <= l and R >= r and B >= b_

truth, names = [-1] * len(faces), []
for path in dict.fromkeys(face['imagePath'] for face in faces):
    own = [i for i, face in enumerate(faces) if face['imagePath'] == path and not any(inside(face, other) for other in faces)]
    width, height = given['sizes'][path]
    largest = max(own, key=lambda i: (faces[i]['loc'][2] - faces[i]['loc'][0]) * (faces[i]['loc'][1] - faces[i]['loc'][3]))
    middle = min(own, key=lambda i: np.hypot(sum(faces[i]['loc'][1::2]) / 2 - width / 2, sum(faces[i]['loc'][::2]) / 2 - height / 2))
    if largest == middle:
        name = path.split(os.sep)[1]
        names += [] if name in names else [name]
        truth[largest] = names.index(name)
points = np.array([face['encoding'] for face in faces])
found = [evaluate(DBSCAN(eps=eps, min_samples=5).fit(points).labels_, truth) for eps in given['eps']]
print(json.dumps({'faces': len(faces), 'found': found, 'linkage': evaluate(given['labels'], truth)}))
`;

describeWithPython('evaluate on a folder of the form of Labeled Faces in the Wild', (environment) => {
  test('has the figures of scikit-learn', async () => {
    makeFolders();
    const { code, stdout } = await run('evaluate', 'lfw', '--json', ...HOG);
    expect(code).toBe(0);
    const { settings, encodings, faces, truth } = doneOf(stdout);
    expect([truth, encodings]).toEqual(['folders', join('evaluate', 'encodings.pickle')]);
    await expectReference(environment, settings, faces);
    // Franck is one person, and the photos have others, too.
    const linkage = settings.find((one) => one.usual && one.parameters.method === 'linkage');
    expect(linkage?.bcubed.f1).toBeGreaterThan(0.8);
    expect(linkage?.faces).toBeLessThan(faces);
  });
});

async function expectReference(
  environment: Parameters<typeof runPython>[0],
  settings: EvaluateSummary['settings'],
  faces: number,
): Promise<void> {
  const records = await readEncodings(temp('evaluate', 'encodings.pickle'));
  const sizes: Record<string, number[]> = {};
  for (const path of new Set(records.map(({ imagePath }) => imagePath))) {
    const { width, height } = await decodeImage(temp(path));
    sizes[path] = [width, height];
  }
  const strictness = (method: string) =>
    settings.flatMap((one) =>
      one.parameters.method !== method
        ? []
        : one.parameters.method === 'dbscan'
          ? one.parameters.eps
          : one.parameters.threshold,
    );
  // The groups of linkage by the command that is for them.
  const clustered = await run(
    ...['cluster', '-e', join('evaluate', 'encodings.pickle'), '-o', 'result', '--method', 'linkage'],
    ...['--threshold', '0.56', '--min-samples', '1', '--no-gallery', '--quiet'],
  );
  expect([clustered.code, clustered.stderr]).toEqual([0, '']);
  const { people } = JSON.parse(readFileSync(temp('result', 'clusters.json'), 'utf8'));
  const labels = records.map(() => -1);
  for (const { label, faces } of people) for (const { index } of faces) labels[index] = label;
  writeFileSync(temp('given.json'), JSON.stringify({ sizes, eps: strictness('dbscan'), labels }));
  const script = `import os; os.chdir(${JSON.stringify(temp())})\n${REFERENCE}`;
  const expected = JSON.parse(runPython(environment, script));
  expect(faces).toBe(expected.faces);
  const close = (value: unknown): unknown =>
    typeof value === 'number'
      ? expect.closeTo(value, 12)
      : value && Object.fromEntries(Object.entries(value).map(([key, one]) => [key, close(one)]));
  const own = (method: string) => settings.filter(({ parameters }) => parameters.method === method);
  expect(own('dbscan').map(figuresOf)).toEqual(expected.found.map(close));
  expect(figuresOf(own('linkage').find(({ usual }) => usual) as (typeof settings)[0])).toEqual(
    close(expected.linkage),
  );
}

test('says in plain words how well it does; names beside the photos say the same as folders', async () => {
  makeFolders();
  const { code, stdout, stderr } = await run('evaluate', 'lfw', ...HOG);
  expect([code, stderr.includes('Reading names')]).toEqual([0, true]);
  expect(stdout).toMatch(/^\d+ faces of 7 people known by the folders that they are in$/m);
  expect(stdout).toMatch(/Franck \(11\)/);
  expect(stdout).toMatch(/^. 0\.50 default( +\d\.\d{3}){6} +\d+$/m);
  expect(stdout).toMatch(/^. 0\.56 normal( +\d\.\d{3}){6} +\d+$/m);
  expect(stdout.match(/^> 0\.\d\d/gm)).toHaveLength(2);
  expect(stdout).toMatch(/pairs of faces that are one person, it puts \d+ together|all faces of each person/);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  // Two dozen faces are no reason to change anything, and rows that all say the same are none to read.
  expect(stdout).toMatch(/These are few faces/);
  expect(stdout).not.toMatch(/--strictness|cluster -e/);
  const figures = (stdout.match(/^ {2}0\.\d\d( +(\d\.\d{3}|-)){6} +\d+$/gm) ?? []).map((row) => row.slice(7));
  for (const [i, row] of figures.entries()) expect([row, row]).not.toEqual([figures[i + 1], figures[i + 2]]);

  // The same photos in one folder, with who is who beside them.
  const byFolders = doneOf((await run('evaluate', 'lfw', ...HOG, '--json')).stdout);
  mkdirSync(temp('flat'));
  for (const { imagePath, loc } of await readEncodings(temp('evaluate', 'encodings.pickle'))) {
    const [, person = '', name = ''] = imagePath.split(/[\\/]/);
    copyFileSync(temp(imagePath), temp('flat', name));
    // Whom the folder says nothing of, nobody names here, either.
    if (person === 'Vladimir') continue;
    const { width, height } = await decodeImage(temp(imagePath));
    sidecarWithRegions(temp('flat', name), { width, height }, [
      { name: person, area: storedArea(loc, 1, width, height) },
    ]);
  }
  const byNames = doneOf((await run('evaluate', 'flat', ...HOG, '--json')).stdout);
  expect(byNames.truth).toBe('photos');
  const OWN = /Names that "tag" has written are judgements of this program/;
  expect(stdout).not.toMatch(OWN);
  expect((await run('evaluate', 'flat', ...HOG)).stdout).toMatch(OWN);
  expect(byNames.people).toEqual(byFolders.people.filter(({ name }) => name !== 'Vladimir'));
  // As the file of the command itself, it is of other photos by now.
  expect((await readEncodings(temp('evaluate', 'encodings.pickle')))[0]?.imagePath).toMatch(/^flat/);
});

test('goes on from what "encode" has found, and leaves that alone if it is of other photos', async () => {
  makeFolders();
  await run('encode', 'lfw', '-d', 'hog', '-e', 'faces.pickle', '--quiet');
  const before = readFileSync(temp('faces.pickle'));
  const { stdout } = await run('evaluate', 'lfw', ...HOG, '-e', 'faces.pickle', '--json');
  expect(doneOf(stdout)).toMatchObject({
    event: 'done',
    encodings: 'faces.pickle',
    mirrored: true,
    problems: 0,
  });
  expect(readFileSync(temp('faces.pickle'))).toEqual(before);
  const other = await run('evaluate', join('lfw', 'Franck'), ...HOG, '-e', 'faces.pickle');
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('faces.pickle') });
  expect(readFileSync(temp('faces.pickle'))).toEqual(before);
});

test('says what could tell who is who, where nothing does', async () => {
  mkdirSync(temp('photos'));
  copyFileSync(join(PORTRAITS, 'audrey.jpg'), temp('photos', 'audrey.jpg'));
  const { code, stdout, stderr } = await run('evaluate', 'photos', ...HOG);
  expect([code, stdout]).toEqual([1, '']);
  for (const part of ['not known', 'digiKam', 'photos/Anna/1.jpg']) expect(stderr).toContain(part);
  const { stdout: events } = await run('evaluate', 'photos', ...HOG, '--json');
  expect(doneOf(events)).toMatchObject({ event: 'error', code: 'FACE_NO_NAMES' });
});

test('of one person it says that this tells nothing', async () => {
  mkdirSync(temp('photos', 'Audrey'), { recursive: true });
  for (const name of PEOPLE.Audrey ?? []) copyFileSync(join(PORTRAITS, name), temp('photos', 'Audrey', name));
  const { code, stdout } = await run('evaluate', 'photos', ...HOG);
  expect(code).toBe(0);
  expect(stdout.replaceAll('\n', ' ')).toContain('nothing here says how well people are told apart');
});

test('needs photos, and options that there are', async () => {
  for (const [args, message] of [
    [[], 'missing'],
    [['photos', '--truth', 'me'], 'Choose one of'],
    [['photos', '--thruth', 'folders'], '--truth'],
    [['photos', '--min-samples', '0'], '--min-samples'],
  ] as const) {
    const { code, stderr } = await run('evaluate', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});

describeWithShared('the 129 photos of five footballers', (shared) => {
  test('are told apart by linkage; DBSCAN with its defaults takes two for one', async () => {
    const lines = readFileSync(join(shared, 'data', 'players-identities.csv'), 'utf8')
      .trim()
      .split(/\r?\n/);
    for (const line of lines) {
      const [file = '', person = ''] = line.split(',');
      mkdirSync(temp('players', person), { recursive: true });
      copyFileSync(join(shared, 'data', 'players', file), temp('players', person, basename(file)));
    }
    const { settings } = doneOf((await run('evaluate', 'players', ...HOG, '--json')).stdout);
    const usual = settings.filter((one) => one.usual);
    expect(usual.map(({ parameters }) => parameters.method)).toEqual(['dbscan', 'linkage']);
    expect(usual.map(({ people, clusters }) => [people, clusters])).toEqual([
      [6, 5],
      [6, 6],
    ]);
    expect(usual.map(({ bcubed }) => bcubed.f1)).toEqual([expect.closeTo(0.906, 3), 1]);
  });
});
