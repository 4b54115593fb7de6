import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATIENT, runCli } from '../support/cli';
import { useTempFolder, written } from '../support/files';
import { faceData, makeGallery } from '../support/gallery';
import { onLinux } from '../support/platform';
import { STRANGER, testAsStranger } from '../support/unprivileged';

const temp = useTempFolder();

/** Runs `view` on a desktop (GNOME's opener is replaced by a script) or, without `opener`, where there is none. */
function view(args: string[], opener?: string, more: NodeJS.ProcessEnv = {}) {
  const env: NodeJS.ProcessEnv = { DISPLAY: '', WAYLAND_DISPLAY: '', WSL_DISTRO_NAME: '', ...more };
  if (opener !== undefined) {
    const programs = join(temp(), 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'gio'), `#!/bin/sh\n[ "$1" = help ] || { ${opener}; }\n`, { mode: 0o755 });
    Object.assign(env, {
      DISPLAY: ':99',
      XDG_CURRENT_DESKTOP: 'GNOME',
      PATH: `${programs}:${process.env.PATH}`,
    });
  }
  return runCli(['view', ...args], { cwd: temp(), env });
}

const NAME = "people 100% #1 'now'";

async function makePage(): Promise<string> {
  mkdirSync(join(temp(), NAME));
  return makeGallery(join(temp(), NAME), [[faceData('a.jpg')]]);
}

onLinux('opens the page of a result, whatever its folder is called', async () => {
  const page = await makePage();
  const { code, stdout, stderr } = await view([NAME], 'printf %s "$2" > opened');
  expect([code, stderr, stdout]).toEqual([0, '', `${page}\n`]);
  expect(await written(join(temp(), 'opened'))).toBe(page);
});

onLinux('does not wait until the browser is closed', async () => {
  await makePage();
  // Longer than a test may take.
  const { code } = await view([NAME], 'echo $$ > opener; exec sleep 6000');
  process.kill(Number(await written(join(temp(), 'opener'))));
  expect(code).toBe(0);
});

onLinux('without a display it says so, and where the page is', async () => {
  const page = await makePage();
  const { code, stdout, stderr } = await view([NAME]);
  expect([code, stdout]).toEqual([1, `${page}\n`]);
  expect(stderr).toContain('no display');
});

onLinux('without a browser it says so, and where the page is', async () => {
  const page = await makePage();
  const { code, stdout, stderr } = await view([NAME], 'exit 2', PATIENT);
  expect([code, stdout]).toEqual([1, `${page}\n`]);
  expect(stderr).toContain('could not be opened');
});

test('a folder without a page is an error that says how to make one', async () => {
  const { code, stdout, stderr } = await view(['my people']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/sort photos -o ['"]my people['"]/);
});

test('where no folder is named and none is there, it is the one that "sort" makes', async () => {
  const { code, stdout, stderr } = await view([]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('There is no page to look at in the folder people.');
  expect(stderr).toMatch(/sort photos$/m);
  mkdirSync(join(temp(), 'results/default_result'), { recursive: true });
  expect((await view([])).stderr).toContain('in the folder results/default_result.');
});

testAsStranger('view of a folder of somebody else')(
  'a folder that belongs to somebody else is called that',
  async () => {
    mkdirSync(join(temp(), NAME), { mode: 0o700 });
    chmodSync(temp(), 0o755);
    const { code, stdout, stderr } = await runCli(['view', NAME], {
      cwd: temp(),
      uid: STRANGER,
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`The folder ${NAME} may not be read by you`);
  },
);

test('takes one folder', async () => {
  const { code, stderr } = await view(['a', 'b']);
  expect(code).toBe(2);
  expect(stderr).toContain('Unexpected "b"');
});
