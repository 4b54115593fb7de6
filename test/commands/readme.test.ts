import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { checkBuilt, checkPageBuilt, MAIN } from '../support/cli';
import { commandsIn } from '../support/docs';
import { useTempFolder } from '../support/files';
import { foldersOf, treeOf } from '../support/people-folder';
import { onLinux } from '../support/platform';

/*
 * Every command that README and docs/people.md show, in their order, as somebody would type it who has put the demo photos into
 * the folder Pictures at home. What is in a block or stands as `face-cluster-native …` in the text is run; a page that shows
 * something else fails, too.
 */
beforeAll(() => {
  checkBuilt();
  checkPageBuilt();
});
const temp = useTempFolder();
const home = (...parts: string[]) => temp('home', ...parts);

/** Made in a checkout, by `npm test` itself and by the tests of the package. */
const OF_CHECKOUT = ['npm install -g ./face-cluster-native-', 'npm run ', 'npm test'];
const RUN = /^(face-cluster-native|rm) /;

const { demoPhotos } = require('../../scripts/demo-photos') as {
  demoPhotos(): { readonly name: string; readonly path: string }[];
};
/** One man is on all of these; the pages speak of photos by the names that cameras give. */
const CAMERA: Readonly<Record<string, string>> = {
  'franck_01829.jpg': 'IMG_0042.jpg',
  'franck_02045.jpg': 'IMG_0043.jpg',
  'franck_02159.jpg': 'IMG_0044.jpg',
};

/** A home with photos, the command, and a browser that notes what it was given, whereupon somebody presses Ctrl-C. */
function moveIn(): void {
  for (const folder of ['Pictures', 'Downloads']) mkdirSync(home(folder), { recursive: true });
  for (const { name, path } of demoPhotos()) copyFileSync(path, home('Pictures', CAMERA[name] ?? name));
  copyFileSync(demoPhotos()[0]?.path as string, home('Downloads/party.jpg'));
  mkdirSync(home('Friends'));
  const audrey = demoPhotos().find(({ name }) => name === 'audrey.jpg');
  copyFileSync(audrey?.path as string, home('Friends/Audrey.jpg'));
  mkdirSync(temp('bin'));
  const program = (name: string, script: string) =>
    writeFileSync(temp('bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program('face-cluster-native', `echo $$ > '${temp('pid')}'; exec '${process.execPath}' '${MAIN}' "$@"`);
  program(
    'gio',
    `[ "$1" = help ] || { printf %s "$2" > '${temp('opened')}'; kill -INT "$(cat '${temp('pid')}')"; }`,
  );
}

/** What a shell does with the line; it has to go well. */
function type(line: string): string {
  const { npm_command: _, FACE_DEBUG: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: home(),
    env: {
      ...env,
      HOME: home(),
      PATH: `${temp('bin')}:${process.env.PATH}`,
      DISPLAY: ':99',
      XDG_CURRENT_DESKTOP: 'GNOME',
    },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${line}\nended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Types all commands of a page.
 * @param expected what has to be true after a command that begins so; called with what it wrote
 */
function follow(page: string, expected: Readonly<Record<string, (written: string) => void>>): void {
  const open = new Set(Object.keys(expected));
  for (const line of commandsIn(page)) {
    if (OF_CHECKOUT.some((start) => line.startsWith(start))) continue;
    if (!RUN.test(line)) throw new Error(`${page} shows a command that this test does not know: ${line}`);
    const written = type(line);
    for (const start of [...open].filter((start) => line.startsWith(start))) {
      expected[start]?.(written);
      // The first such command alone.
      open.delete(start);
    }
  }
  expect([...open]).toEqual([]);
}

const folders = () => foldersOf(home('people'));
const names = () => [...folders().keys()];

onLinux('README, from the first command to the last', () => {
  moveIn();
  const photos = treeOf(home('Pictures'));
  let anna: readonly string[] = [];
  follow('README.md', {
    'face-cluster-native sort ~/Pictures': (written) => {
      expect(written).toContain('Person 01 (14)');
      expect(names()).toEqual(expect.arrayContaining(['Person 01', 'Not sorted']));
      expect(folders().get('Person 01')).toHaveLength(14);
      expect(existsSync(home('people/index.html'))).toBe(true);
    },
    'face-cluster-native view': (written) => {
      expect(written).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
      expect(readFileSync(temp('opened'), 'utf8')).toBe(home('people/.data/open.html'));
    },
    'face-cluster-native name 1 Anna': () => {
      expect(names()).not.toContain('Person 01');
      anna = folders().get('Anna') as readonly string[];
      expect(anna).toHaveLength(14);
    },
    'face-cluster-native sort ~/Downloads': () => expect(folders().get('Anna')).toEqual(anna),
    'face-cluster-native not Anna': () =>
      expect(folders().get('Anna')).toEqual(anna.filter((name) => name !== 'IMG_0042.jpg')),
    'face-cluster-native undo': () => expect(folders().get('Anna')).toEqual(anna),
    'face-cluster-native people': (written) => expect(written).toContain('1  Anna: 14 photos'),
    'face-cluster-native sort --strictness': () => expect(folders().get('Anna')).toEqual(anna),
    'face-cluster-native export': () => expect(readdirSync(home('for-anna')).sort()).toEqual(anna),
    'face-cluster-native recognize': (written) => expect(written).toContain('/Downloads/party.jpg,'),
    'face-cluster-native find Anna --from 2020': (written) => expect(written).toBe(''),
    'face-cluster-native find Anna --to': () => expect(readdirSync(home('album')).sort()).toEqual(anna),
    'face-cluster-native forget': (written) => {
      expect(written).toContain('Anna is forgotten: 14 faces on 14 photos.');
      expect(names()).not.toContain('Anna');
    },
    // That is all there was.
    'rm -r people': () =>
      expect(readdirSync(home()).sort()).toEqual(['Downloads', 'Friends', 'Pictures', 'album', 'for-anna']),
    'face-cluster-native cluster': () => expect(existsSync(home('clusters/label0'))).toBe(true),
    'face-cluster-native view clusters': () =>
      expect(readFileSync(temp('opened'), 'utf8')).toBe(home('clusters/index.html')),
  });
  expect(treeOf(home('Pictures'))).toEqual(photos);
});

onLinux('docs/people.md: all commands', () => {
  moveIn();
  const photos = treeOf(home('Pictures'));
  // Of the demo photos most people are on two.
  type('face-cluster-native sort ~/Pictures --min-photos 2');
  expect(names()).toEqual(expect.arrayContaining([1, 2, 3, 4].map((id) => `Person 0${id}`)));
  follow('docs/people.md', {
    'face-cluster-native name 1 Anna': () => expect(folders().get('Anna')).toHaveLength(14),
    'face-cluster-native merge 2 3': () => {
      expect(names()).not.toContain('Person 02');
      expect(folders().get('Person 03')).toHaveLength(4);
    },
    'face-cluster-native split': () => expect(folders().get('Carla')).toEqual(['IMG_0042.jpg']),
    'face-cluster-native not Anna': () => expect(folders().get('Anna')).not.toContain('IMG_0043.jpg'),
    'face-cluster-native hide 4 ': () => expect(names()).not.toContain('Person 04'),
    'face-cluster-native hide 4 --show': () => expect(names()).toContain('Person 04'),
    'face-cluster-native people --history': (written) =>
      expect(written).toMatch(/1 .*Person 01 is called Anna\n(.*\n)*.*is shown\n$/),
    'face-cluster-native undo 1': () => expect(names()).not.toContain('Anna'),
    // He has hardly moved in between.
    'face-cluster-native info people --copies': (written) =>
      expect(written).toMatch(/Pictures\/IMG_0044\.jpg\n.*Pictures\/franck_02221\.jpg\n/),
    'face-cluster-native find Carla': (written) => expect(written).toMatch(/\/IMG_0042\.jpg\n/),
    'face-cluster-native find 1 --to': () => expect(readdirSync(home('album')).length).toBeGreaterThan(10),
    'face-cluster-native export': () => expect(readdirSync(home('for-carla'))).toContain('IMG_0042.jpg'),
    'face-cluster-native forget 4': () => expect(names()).not.toContain('Person 04'),
  });
  expect(treeOf(home('Pictures'))).toEqual(photos);
});
