import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/doctor';
import { writeEncodings } from '../../src/encodings/encodings';
import { runCli } from '../support/cli';
import { face } from '../support/collection';
import { PORTRAITS, useTempFolder } from '../support/files';

/* sharp's binary is an optional dependency: `npm ci --omit=optional`, or node_modules copied from another platform. */
const temp = useTempFolder();

const SAID = [
  'Could not load the "sharp" module using the linux-x64 runtime',
  'Possible solutions:',
  '- Try this',
];

/** The environment of a process in which sharp says this instead of being loaded. */
function withoutSharp(): NodeJS.ProcessEnv {
  const hook = join(temp(), 'without-sharp.js');
  writeFileSync(
    hook,
    `const Module = require('node:module');
     const load = Module._load;
     Module._load = function (name, ...rest) {
       if (name === 'sharp') throw new Error(${JSON.stringify(SAID.join('\n'))});
       return load.call(this, name, ...rest);
     };`,
  );
  return { NODE_OPTIONS: `--require ${JSON.stringify(hook)}` };
}

test('encode ends at once, with one error that says what to do, and leaves nothing behind', async () => {
  mkdirSync(join(temp(), 'photos'));
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) {
    copyFileSync(join(PORTRAITS, 'audrey_crop.jpg'), join(temp(), 'photos', name));
  }
  const args = ['encode', '-i', 'photos', '-e', 'out/faces.pickle', '-d', 'hog'];
  const text = await runCli(args, { cwd: temp(), env: withoutSharp() });
  expect(text.code).toBe(1);
  expect(text.stderr).toMatch(
    /image library \(sharp\) could not be loaded.*npm install --include=optional sharp/,
  );
  expect(text.stderr).not.toMatch(/None of|should not happen|Possible solutions/);
  const json = await runCli([...args, '--json'], { cwd: temp(), env: withoutSharp() });
  expect(json.stdout + json.stderr).toContain('FACE_NATIVE_LOAD');
  expect(readdirSync(join(temp(), 'out'))).not.toContain('faces.pickle');
});

test('cluster ends before it compares a face', async () => {
  await writeEncodings(join(temp(), 'faces.pickle'), [face(join(PORTRAITS, 'audrey_crop.jpg'), 0)]);
  const args = ['cluster', '-e', 'faces.pickle', '-o', 'people', '--min-samples', '1', '--json'];
  const { code, stdout } = await runCli(args, { cwd: temp(), env: withoutSharp() });
  expect(code).toBe(1);
  expect(stdout).toContain('FACE_NATIVE_LOAD');
  expect(stdout).not.toContain('"phase":"cluster"');
  expect(readdirSync(temp())).not.toContain('people');
});

test('doctor has all that sharp says', async () => {
  const { code, stdout } = await runCli(['doctor', '--json'], { cwd: temp(), env: withoutSharp() });
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const found = findings.find(({ name }) => name === 'sharp');
  expect(found).toMatchObject({ status: 'problem', remedy: 'npm install --include=optional sharp' });
  for (const line of SAID) expect(found?.message).toContain(line);
});
