import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Finding } from '../../src/doctor';
import { modelPaths } from '../../src/models/verify';
import { quoted } from '../../src/system/shell';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { fakeFfmpeg } from '../support/video';

const temp = useTempFolder();

/** The findings of `doctor --json`, by name. */
async function doctor(env: NodeJS.ProcessEnv = {}, ...args: string[]) {
  const { code, stdout, stderr } = await runCli(['doctor', '--json', ...args], { cwd: temp(), env });
  expect(stderr).toBe('');
  const { healthy, findings } = JSON.parse(stdout) as { healthy: boolean; findings: Finding[] };
  const found = Object.fromEntries(findings.map((finding) => [finding.name, finding]));
  // Whatever is wrong, there is something to do about it.
  for (const { status, remedy } of findings) if (status === 'problem') expect(remedy).toBeTruthy();
  return { code, healthy, found };
}

/** Copies of the model files, which a test may damage. */
function modelsCopy(): string {
  const folder = join(temp(), 'models');
  mkdirSync(folder);
  for (const path of Object.values(modelPaths())) copyFileSync(path, join(folder, basename(path)));
  return folder;
}

test('where all is well, every check says so and the exit code is 0', async () => {
  const { code, healthy, found } = await doctor();
  expect(Object.values(found).filter(({ status }) => status === 'problem')).toEqual([]);
  expect([code, healthy]).toEqual([0, true]);
  for (const name of [
    'platform',
    'node',
    'native',
    'instructions',
    'models',
    'sharp',
    'libheif',
    'self-test',
  ]) {
    expect(found[name]).toMatchObject({ status: 'ok' });
  }
  expect(found.native?.details?.path).toMatch(/face_cluster_native\S*\.node$/);
  expect(found['self-test']?.details?.difference).toBeLessThan(1e-5);
  expect(found.opencv?.status).toMatch(/^(ok|note)$/);
});

test('programs that some commands need: where they are not, what they are for and how to get them; nothing is wrong', async () => {
  const none = await doctor({ PATH: temp() });
  expect([none.code, none.healthy]).toEqual([0, true]);
  for (const [name, purpose, how] of [
    ['ffmpeg', '--video', 'sudo apt install ffmpeg'],
    ['exiftool', 'tag --embed', 'libimage-exiftool-perl'],
  ] as const) {
    expect(none.found[name]).toMatchObject({ status: 'note', message: expect.stringContaining(purpose) });
    expect(none.found[name]?.message).toContain(how);
  }
  // One that is there and does not run.
  const bin = fakeFfmpeg(temp('bin'), 'exit 7', ['ffmpeg', 'ffprobe', 'exiftool']);
  const broken = await doctor({ PATH: bin });
  expect([broken.found.ffmpeg?.status, broken.found.exiftool?.status]).toEqual(['note', 'note']);
  // Without ffprobe, ffmpeg is not enough.
  const half = fakeFfmpeg(temp('half'), 'echo "ffmpeg version 7.1-half Copyright"', ['ffmpeg']);
  expect((await doctor({ PATH: half })).found.ffmpeg?.message).toMatch(/^ffprobe was not found/);
  const whole = fakeFfmpeg(temp('whole'), 'echo "ffmpeg version 7.1-n Copyright"');
  fakeFfmpeg(whole, 'echo 13.02', ['exiftool']);
  expect((await doctor({ PATH: whole })).found).toMatchObject({
    ffmpeg: { status: 'ok', details: { version: '7.1-n' } },
    exiftool: { status: 'ok', details: { version: '13.02' } },
  });
});

test('people get one line or a few for each check, and a verdict', async () => {
  const { code, stdout } = await runCli(['doctor'], { cwd: temp() });
  expect(stdout).toMatch(/^ok {6} Platform {4} .*\n/);
  expect(stdout).toMatch(/\nok {6} Self-test {3} both detectors find the face/);
  expect(stdout).toMatch(/\n\nAll is well\.\n$/);
  expect(code).toBe(0);
});

test('what decodes HEIC is missing: named with the command that brings it', async () => {
  const hook = join(temp(), 'hook.js');
  writeFileSync(
    hook,
    `const files = require('node:fs/promises');
     const { readFile } = files;
     files.readFile = (file, ...rest) => readFile(String(file).replace(/.*libheif.wasm$/, '/nowhere'), ...rest);`,
  );
  const { code, found } = await doctor({ NODE_OPTIONS: `--require ${JSON.stringify(hook)}` });
  expect(found.libheif).toMatchObject({ status: 'problem', remedy: 'npm install face-cluster-native' });
  expect(found.libheif?.message).toMatch(/HEIC.*nowhere/);
  expect([code, found.sharp?.status]).toEqual([1, 'ok']);
});

test('a model file that is cut off is named with the command that mends it; nothing is run with it', async () => {
  const folder = modelsCopy();
  const file = join(folder, readdirSync(folder)[0] as string);
  truncateSync(file, 1000);
  const { code, healthy, found } = await doctor({}, '--models', folder);
  expect([code, healthy]).toEqual([1, false]);
  expect(found.models?.message).toContain(`${file} is damaged: it has 1000 bytes instead of`);
  expect(found.models?.remedy).toBe(`npx face-cluster-native models --to ${quoted(folder)}`);
  expect(found['self-test']).toMatchObject({ status: 'note' });
});

test('a model file with one wrong bit is noticed, and what mends it does', async () => {
  const folder = modelsCopy();
  const file = join(folder, readdirSync(folder)[1] as string);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(file, bytes);
  const sick = await doctor({}, '--models', folder);
  expect(sick.code).toBe(1);
  expect(sick.found.models?.message).toMatch(/SHA-256 is \w{64} instead of/);
  const remedy = `npx face-cluster-native models --to ${quoted(folder)}`;
  expect(sick.found.models?.remedy).toBe(remedy);
  expect(await runCli(['models', '--to', folder], { cwd: temp() })).toMatchObject({ code: 0 });
  expect(await doctor({}, '--models', folder)).toMatchObject({ code: 0, healthy: true });
});

test('models that are not there: where they were looked for, and the command that gets them', async () => {
  const { code, found } = await doctor({ FACE_CLUSTER_MODELS: join(temp(), 'nowhere') });
  expect(code).toBe(1);
  expect(found.models?.message).toContain(join(temp(), 'nowhere'));
  expect(found.models?.remedy).toBe(`npx face-cluster-native models --to ${quoted(join(temp(), 'nowhere'))}`);
});

test('without the native part, what was tried and how to build it; everything else is still checked', async () => {
  const { code, found } = await doctor({ FACE_CLUSTER_NATIVE_PREBUILD: temp() });
  expect(code).toBe(1);
  expect(found.native).toMatchObject({ status: 'problem' });
  expect(found.native?.message).toContain(join(temp(), 'build', 'Release'));
  expect(found.native?.remedy).toContain('npm run setup');
  expect(found.models).toMatchObject({ status: 'ok' });
  expect(found.sharp).toMatchObject({ status: 'ok' });
  expect(found['self-test']).toMatchObject({ status: 'note' });
});

test('a native part that a download cut off is called damaged, and encode points to doctor', async () => {
  const { found: well } = await doctor();
  const folder = join(temp(), 'build', 'Release');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'face_cluster_native.node');
  cpSync(well.native?.details?.path as string, file);
  truncateSync(file, 5000);
  const env = { FACE_CLUSTER_NATIVE_PREBUILD: temp() };
  const { code, found } = await doctor(env);
  expect(code).toBe(1);
  expect(found.native?.message).toContain('The file is damaged: part of it is missing.');
  expect(found.native?.message).toContain(file);
  mkdirSync(join(temp(), 'photos'));
  writeFileSync(join(temp(), 'photos', 'a.bmp'), '');
  const encode = await runCli(['encode', '-i', 'photos'], { cwd: temp(), env });
  expect(encode.code).toBe(1);
  expect(encode.stderr).toContain('npx face-cluster-native doctor');
});

test('a self-test that the system ends is a finding, not the end of doctor', async () => {
  const hook = join(temp(), 'hook.cjs');
  writeFileSync(hook, "if (process.argv[1].includes('self-test')) process.kill(process.pid, 'SIGILL');");
  const { code, found } = await doctor({ NODE_OPTIONS: `--require ${JSON.stringify(hook)}` });
  expect(code).toBe(1);
  expect(found['self-test']).toMatchObject({ status: 'problem', details: { ended: 'SIGILL' } });
});
