import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { writeEncodings } from '../../src/encodings/encodings';
import { type CliResult, runCli } from '../support/cli';
import { face } from '../support/collection';
import { useTempFolder } from '../support/files';
import { facePhoto, HOSTILE_FOLDERS, SECRET, toolsFor, unlock } from '../support/hostile-folders';

/*
 * Folders as people have them, from disks of other systems and from people who mean harm, go the whole way: encode, cluster,
 * view, and once more. Whatever is in them, what holds for all must hold: the photos are as they were, nothing of anybody
 * else's is in the result, what is said is for people, and every command ends as its exit code says.
 */
// Before the folder is removed: jest runs them in this order.
afterEach(() => unlock(temp()));
const temp = useTempFolder();
const photos = () => join(temp(), 'photos');

let photo: Buffer;
beforeAll(async () => {
  photo = await facePhoto();
});

const run = (...args: string[]): Promise<CliResult> =>
  runCli(args, { cwd: temp(), env: { DISPLAY: '', WAYLAND_DISPLAY: '', WSL_DISTRO_NAME: '' } });

const encode = () => run('encode', '-i', photos(), '-d', 'hog', '-e', 'faces.pickle', '--json');
const cluster = () => run('cluster', '-e', 'faces.pickle', '-o', 'people', '--min-samples', '1', '--json');

/** An encodings file by somebody who means harm: it names all that is in the folder as photos, and what is not in it. */
async function nameEverything(): Promise<void> {
  const inside = entriesOf(Buffer.from(photos())).map((path) => path.toString());
  const outside = [join(temp(), 'outside/secret.txt'), 'outside/secret.txt', '/etc/passwd', '/dev/zero'];
  await writeEncodings(
    join(temp(), 'strangers.pickle'),
    [...inside, ...outside].map((path) => face(path, 0)),
  );
}

/** Everything below a folder: what it is, its bytes, its permissions and times. */
function snapshot(folder: Buffer): string[] {
  return readdirSync(folder, { encoding: 'buffer' }).flatMap((name) => {
    const path = Buffer.concat([folder, Buffer.from('/'), name]);
    const info = lstatSync(path);
    const content = info.isFile()
      ? createHash('sha256').update(readFileSync(path)).digest('hex')
      : info.isSymbolicLink()
        ? readlinkSync(path, 'latin1')
        : '';
    const line = [path.toString('latin1'), info.mode, info.size, info.mtimeMs, content].join(' ');
    return info.isDirectory() ? [line.replace(/ \d+ (?=[\d.]+ $)/, ' '), ...snapshot(path)] : [line];
  });
}

function expectForPeople({ stdout, stderr }: CliResult): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/This should not happen|undefined|\[object |^\s+at .*:\d+:\d+/m);
  }
  // One event a line, whatever file names bring along.
  for (const line of stdout.split('\n').slice(0, -1)) {
    if (line.startsWith('{')) expect(JSON.parse(line)).toHaveProperty('event');
  }
}

/** As bytes: not all names are text. */
/** Everything below a folder that is no folder: files, links, pipes. */
function entriesOf(folder: Buffer): Buffer[] {
  return readdirSync(folder, { encoding: 'buffer' }).flatMap((name) => {
    const path = Buffer.concat([folder, Buffer.from('/'), name]);
    return lstatSync(path).isDirectory() ? entriesOf(path) : [path];
  });
}

const summaryOf = ({ stdout }: CliResult) =>
  JSON.parse(
    stdout
      .split('\n')
      .filter((line) => /"event": ?"done"/.test(line))
      .at(-1) ?? '{}',
  );

test('there are at least forty of them', () => {
  expect(HOSTILE_FOLDERS.length).toBeGreaterThanOrEqual(40);
});

describe.each(HOSTILE_FOLDERS)('$what', ({ make, faces, code }) => {
  test(`encode ends with ${code} and finds ${faces}; cluster and view go on from there; nothing is touched or leaked`, async () => {
    await make(toolsFor(photos(), join(temp(), 'outside'), photo));
    const before = snapshot(Buffer.from(photos()));

    const encoded = await encode();
    expectForPeople(encoded);
    expect([encoded.code, encoded.signal]).toEqual([code, null]);
    if (code === 1) {
      expect(existsSync(join(temp(), 'faces.pickle'))).toBe(false);
    } else {
      expect(summaryOf(encoded)).toMatchObject({ faces });
      const clustered = await cluster();
      expectForPeople(clustered);
      expect(clustered.code).toBe(0);
      const viewed = await run('view', 'people');
      expectForPeople(viewed);
      expect(viewed.stdout).toBe(`${join(temp(), 'people', 'index.html')}\n`);
      // There is no display.
      expect(viewed.code).toBe(1);

      // Again, on what is there now: the same faces, the same people.
      expect(summaryOf(await encode())).toMatchObject({ faces });
      const again = await cluster();
      expect(again.code).toBe(0);
      expect(summaryOf(again).people).toBe(summaryOf(clustered).people);
    }
    await nameEverything();
    const strange = await run(
      ...['cluster', '-e', 'strangers.pickle', '-o', 'strangers', '--min-samples', '1', '--json'],
    );
    expectForPeople(strange);
    expect([1, 3]).toContain(strange.code);
    for (const result of ['people', 'strangers'].map((name) => join(temp(), name)).filter(existsSync)) {
      for (const file of entriesOf(Buffer.from(result))) {
        const bytes = readFileSync(file);
        expect([file.toString(), bytes.includes(SECRET), bytes.includes('root:x:')]).toEqual([
          file.toString(),
          false,
          false,
        ]);
      }
    }
    expect(snapshot(Buffer.from(photos()))).toEqual(before);
    expect(existsSync(join(temp(), 'pwned'))).toBe(false);
  });
});
