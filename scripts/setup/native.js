'use strict';
/* Steps that compile C++: the addon, the tests of its core, and the Python environments to compare with. */
const fs = require('node:fs');
const os = require('node:os');
const { hashOfFiles, inRoot } = require('./project');
const { advise, run } = require('./run');
const { commands, missingPackages } = require('./system');

/** Compilers to run at a time: one per core, as far as memory goes; dlib's templates take more than 1 GB each. */
function compileJobs() {
  return Math.max(1, Math.min(os.availableParallelism(), Math.floor(os.totalmem() / 1.5e9)));
}

const sources = ['CMakeLists.txt', 'binding/core', 'binding/napi', 'binding/cmake'];
const platform = `${process.platform}-${process.arch}`;
const parallel = () => ({ CMAKE_BUILD_PARALLEL_LEVEL: String(compileJobs()) });

const advice =
  'If it looks like a left-over of another build: delete the folder build and run the same command again.\n' +
  `If a compiler or a library is missing:\n${commands(missingPackages(new Set(), true), true)}`;

const sizeAndDate = (file) => {
  const info = fs.statSync(file, { throwIfNoEntry: false });
  return info && `${info.size} ${info.mtimeMs}`;
};

/** @returns {import('./run.js').Step} */
function addonStep() {
  const addon = inRoot('build/Release/face_cluster_native.node');
  return {
    name: 'addon',
    title: 'Native addon',
    needs: ['system-packages', 'node-modules'],
    inputs: () =>
      `${platform}\n${hashOfFiles(...sources, 'node_modules/cmake-js/package.json', 'node_modules/node-addon-api/package.json')}`,
    result: () => sizeAndDate(addon),
    async run(log) {
      const cmakeJs = inRoot('node_modules/cmake-js/bin/cmake-js');
      // Tests choose the instruction set; what ships (prebuildStep) has no such switch. Configured by itself, since compiling
      // in a folder of an earlier build takes its definitions from that.
      for (const command of ['configure', 'compile']) {
        const definition = '--CDFACE_CLUSTER_TEST_SURFACE=ON';
        await run(log, [process.execPath, cmakeJs, command, definition], { env: parallel() }).catch(
          advise(advice),
        );
      }
      // A library that is not found, or a symbol, shows only when it is loaded.
      await run(log, [process.execPath, '-e', `require(${JSON.stringify(addon)})`]).catch(advise(advice));
    },
  };
}

/** @returns {import('./run.js').Step} */
function coreTestsStep() {
  return {
    name: 'core-tests',
    title: 'Tests of the native core',
    needs: ['system-packages', 'addon'],
    inputs: () => `${platform}\n${hashOfFiles(...sources, 'binding/test')}`,
    result: () => (fs.existsSync(inRoot('build/binding/test/CTestTestfile.cmake')) ? 'there' : undefined),
    async run(log) {
      // In the addon's build folder: the core is compiled once for both.
      await run(log, ['cmake', '-S', '.', '-B', 'build', '-DFACE_CLUSTER_BUILD_TESTS=ON']).catch(
        advise(advice),
      );
      await run(log, ['cmake', '--build', 'build', '--config', 'Release'], { env: parallel() }).catch(
        advise(advice),
      );
    },
  };
}

/**
 * The binary that a package made here would ship for this machine: not the addon above, but that of another compiler, which
 * asks less of the machine it will run on. test/package installs it.
 * @returns {import('./run.js').Step}
 */
function prebuildStep() {
  const folder = inRoot('prebuilds', platform);
  return {
    name: 'prebuild',
    title: 'Binary of the package',
    // After everything else that compiles: side by side they would only wait for each other.
    needs: ['system-packages', 'node-modules', 'core-tests'],
    inputs: () =>
      `${platform}\n${hashOfFiles(...sources, 'scripts/prebuild.js', 'scripts/prebuild-backend.js', 'scripts/zig.js', 'package-lock.json')}`,
    result: () => {
      const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
      return (
        names.map((name) => `${name} ${sizeAndDate(inRoot('prebuilds', platform, name))}`).join('\n') ||
        undefined
      );
    },
    async run(log) {
      await run(log, [process.execPath, inRoot('scripts/prebuild.js')]).catch(advise(advice));
    },
  };
}

/** @returns {import('./run.js').Step} */
function pythonStep() {
  const environments = ['python-numpy1', 'python-numpy2'].map((name) => inRoot('.setup', name, 'ready.json'));
  return {
    name: 'python',
    title: 'Python environments to compare with',
    needs: ['system-packages'],
    inputs: () => hashOfFiles('scripts/python-env.js'),
    result: () =>
      environments.every((file) => fs.existsSync(file))
        ? environments.map(sizeAndDate).join('\n')
        : undefined,
    async run(log) {
      await run(log, [process.execPath, inRoot('scripts/python-env.js')], { minutes: 20 });
    },
  };
}

module.exports = { addonStep, coreTestsStep, prebuildStep, pythonStep, compileJobs };
