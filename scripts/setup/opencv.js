'use strict';
/*
 * Step: @u4/opencv4nodejs, which draws the montages.
 *
 * Its own installer clones and compiles OpenCV, and takes node-gyp's failures for success. So node-gyp is called here
 * directly, against the OpenCV of the system, and only for the modules that montages need: the package's sources include
 * the headers of all modules that OpenCV's own opencv_modules.hpp names, so a list of our own, found first, brings the
 * build from 11 to about 2 minutes.
 *
 * The result belongs to one Node major version. It is kept in .setup, so that neither `npm ci`, which empties
 * node_modules, nor going back and forth between versions of Node costs the build again.
 */
const fs = require('node:fs');
const path = require('node:path');
const { hashOf, inRoot, setupFolder } = require('./project');
const { StepError, advise, run } = require('./run');
const { compileJobs } = require('./native');

const MODULES = ['core', 'imgproc', 'imgcodecs', 'videoio', 'highgui'];
const INCLUDE_FOLDERS = [
  '/usr/include/opencv4',
  '/usr/local/include/opencv4',
  '/opt/homebrew/include/opencv4',
];
const LIBRARY_FOLDERS = ['/usr/lib64', '/usr/lib', '/usr/local/lib', '/opt/homebrew/lib'];

const packageFolder = inRoot('node_modules/@u4/opencv4nodejs');
const built = path.join(packageFolder, 'build/Release/opencv4nodejs.node');

/** The system's OpenCV: where its headers and libraries are, and its version; undefined when there is none. */
function findOpenCV() {
  const headers = INCLUDE_FOLDERS.find((folder) =>
    fs.existsSync(path.join(folder, 'opencv2/core/version.hpp')),
  );
  const extension = process.platform === 'darwin' ? 'dylib' : 'so';
  // Debian has a folder per architecture.
  const multiarch = fs.existsSync('/usr/lib')
    ? fs.readdirSync('/usr/lib').filter((name) => name.includes('-linux-gnu'))
    : [];
  const libraries = [...multiarch.map((name) => `/usr/lib/${name}`), ...LIBRARY_FOLDERS].find((folder) =>
    MODULES.every((name) => fs.existsSync(path.join(folder, `libopencv_${name}.${extension}`))),
  );
  if (headers === undefined || libraries === undefined) return undefined;
  const text = fs.readFileSync(path.join(headers, 'opencv2/core/version.hpp'), 'utf8');
  const version = ['MAJOR', 'MINOR', 'REVISION'].map(
    (part) => new RegExp(`CV_VERSION_${part}\\s+(\\d+)`).exec(text)?.[1],
  );
  return { headers, libraries, version: version.join('.') };
}

/** Writes the include folder whose opencv_modules.hpp names only {@link MODULES}. */
function writeShadowIncludes(headers) {
  const folder = path.join(setupFolder, 'opencv-include');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'opencv2'), { recursive: true });
  const lines = MODULES.map((name) => `#define HAVE_OPENCV_${name.toUpperCase()}\n`);
  fs.writeFileSync(
    path.join(folder, 'opencv2/opencv_modules.hpp'),
    `// Written by scripts/setup/opencv.js: the modules that @u4/opencv4nodejs is built with.\n${lines.join('')}`,
  );
  fs.symlinkSync(headers, path.join(folder, 'opencv4'));
  return folder;
}

/** node-gyp's option for Node's own headers where they came with Node; otherwise it downloads them from nodejs.org. */
function nodeHeaders() {
  const prefix = path.resolve(fs.realpathSync(process.execPath), '..', '..');
  try {
    const text = fs.readFileSync(path.join(prefix, 'include/node/node_version.h'), 'utf8');
    const version = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
    );
    if (version.join('.') === process.versions.node) return [`--nodedir=${prefix}`];
  } catch {
    // Not there: Node was installed without its headers.
  }
  return [];
}

/** What the built file depends on. */
function buildKey() {
  let version = '?';
  try {
    ({ version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8')));
  } catch {
    // node_modules is not there yet.
  }
  const facts = [
    version,
    process.versions.modules,
    process.platform,
    process.arch,
    findOpenCV()?.version ?? 'no OpenCV',
  ];
  return `node${process.versions.node.split('.')[0]}-${hashOf(...facts).slice(0, 16)}`;
}

/** @returns {import('./run').Step} */
function opencvStep({ forTest, optional }) {
  const kept = () => path.join(setupFolder, 'opencv4nodejs', `${buildKey()}.node`);
  return {
    name: 'opencv',
    title: '@u4/opencv4nodejs (montages)',
    // After the other compilations, not beside them: each wants all cores.
    needs: ['system-packages', 'node-modules', forTest ? 'core-tests' : 'addon'],
    optional,
    inputs: buildKey,
    result() {
      const info = fs.statSync(built, { throwIfNoEntry: false });
      return info && `${info.size} ${info.mtimeMs}`;
    },
    run: (log) =>
      buildOrReuse(log, kept()).catch(advise(optional ? withoutIt : 'The tests of the montages need it.')),
  };
}

const withoutIt =
  'Montages are drawn with sharp instead; they look the same.\n' +
  'Set-up tries again when OpenCV or Node.js changes, or after: rm .setup/opencv.stamp';

async function buildOrReuse(log, kept) {
  if (!process.features.require_module) {
    throw new StepError(`it needs Node.js 20.19 or newer; this is ${process.version}`);
  }
  const again = fs.existsSync(kept);
  if (!again) await build(log, kept);
  install(kept);
  try {
    await check(log);
  } catch (error) {
    fs.rmSync(kept);
    throw error;
  }
  return again ? 'the one built before for this Node.js' : undefined;
}

async function build(log, target) {
  const opencv = findOpenCV();
  if (opencv === undefined) throw new StepError('OpenCV with its headers was not found on this system');
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js', { paths: [packageFolder] });
  // Nothing of an earlier attempt may be taken for the result of this one.
  fs.rmSync(path.join(packageFolder, 'build'), { recursive: true, force: true });
  await run(log, [process.execPath, nodeGyp, 'rebuild', '--release', ...nodeHeaders()], {
    cwd: packageFolder,
    env: {
      OPENCV4NODEJS_DISABLE_AUTOBUILD: '1',
      OPENCV_INCLUDE_DIR: writeShadowIncludes(opencv.headers),
      OPENCV_LIB_DIR: opencv.libraries,
      JOBS: String(compileJobs()),
      // The work is done inside OpenCV; what is compiled here only passes it on.
      CXXFLAGS: '-O1 -w',
    },
  });
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(built, `${target}.new`);
  fs.renameSync(`${target}.new`, target);
  // 90 MB of object files.
  fs.rmSync(path.join(packageFolder, 'build'), { recursive: true, force: true });
}

function install(file) {
  fs.mkdirSync(path.dirname(built), { recursive: true });
  fs.copyFileSync(file, `${built}.new`);
  fs.renameSync(`${built}.new`, built);
}

/** Loads it in a process of its own and lets it do what montages ask of it. */
function check(log) {
  const program = `
    require('@u4/opencv-build').Log.silence = true;
    const cv = require('@u4/opencv4nodejs');
    const half = new cv.Mat(4, 4, cv.CV_8UC3, [1, 2, 3]).resize(2, 2);
    if (half.rows !== 2 || half.getDataAsArray()[1][1].join() !== '1,2,3') throw new Error('resize does not work');`;
  return run(log, [process.execPath, '-e', program], { env: { OPENCV4NODEJS_DISABLE_AUTOBUILD: '1' } });
}

module.exports = { opencvStep };
