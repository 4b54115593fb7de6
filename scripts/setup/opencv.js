'use strict';
/*
 * Step: @u4/opencv4nodejs, which draws the montages.
 *
 * Its own installer clones and compiles OpenCV, takes node-gyp's failures for success, and compiles wrappers for all of
 * OpenCV's modules, which takes 11 minutes. Here node-gyp compiles, against the OpenCV of the system, only what montages
 * need: in 1 minute. A module is left out by leaving out its sources, and by an include folder, searched first, whose
 * opencv_modules.hpp does not name it, because OpenCV's main header includes every module that is named there.
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
/** Where the package has its sources for these modules; `io` is for imgcodecs and videoio. */
const SOURCE_FOLDERS = ['cc/core', 'cc/imgproc', 'cc/io', 'cc/highgui'];
const INCLUDE_FOLDERS = [
  '/usr/include/opencv4',
  '/usr/local/include/opencv4',
  '/opt/homebrew/include/opencv4',
];
const LIBRARY_FOLDERS = ['/usr/lib64', '/usr/lib', '/usr/local/lib', '/opt/homebrew/lib'];

const packageFolder = inRoot('node_modules/@u4/opencv4nodejs');
const buildFolder = path.join(setupFolder, 'opencv-build');
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

/**
 * Writes what node-gyp builds from: `binding.gyp`, after the package's own, and the include folder.
 * @returns {string} the folder to build in
 */
function writeProject({ headers, libraries }) {
  fs.rmSync(buildFolder, { recursive: true, force: true });
  const include = path.join(buildFolder, 'include');
  fs.mkdirSync(path.join(include, 'opencv2'), { recursive: true });
  fs.writeFileSync(
    path.join(include, 'opencv2/opencv_modules.hpp'),
    MODULES.map((name) => `#define HAVE_OPENCV_${name.toUpperCase()}\n`).join(''),
  );

  const listed =
    fs.readFileSync(path.join(packageFolder, 'binding.gyp'), 'utf8').match(/cc\/[\w/-]+\.cc/g) ?? [];
  const ofModules = listed.filter((name) => ['cc', ...SOURCE_FOLDERS].includes(path.posix.dirname(name)));
  // gyp takes only sources below its own folder.
  fs.symlinkSync(path.join(packageFolder, 'cc'), path.join(buildFolder, 'cc'));
  const target = {
    target_name: 'opencv4nodejs',
    defines: MODULES.map((name) => `OPENCV4NODEJS_FOUND_LIBRARY_${name.toUpperCase()}`),
    include_dirs: [
      include,
      headers,
      'cc',
      'cc/core',
      'cc/native-node-utils',
      path.dirname(require.resolve('nan/package.json', { paths: [packageFolder] })),
    ],
    libraries: [`-L${libraries}`, `-Wl,-rpath,${libraries}`, ...MODULES.map((name) => `-lopencv_${name}`)],
    sources: ofModules,
    // Not optimised: the work is done inside OpenCV, what is compiled here only passes it on. Which C++ it is compiled
    // as is left to Node's headers, which come with the option: those of Node 24 need C++20.
    cflags_cc: ['-O0', '-w'],
    'cflags_cc!': ['-fno-rtti', '-fno-exceptions'],
    'cflags!': ['-fno-exceptions'],
    xcode_settings: {
      OTHER_CFLAGS: ['-stdlib=libc++', '-O0', '-w'],
      GCC_ENABLE_CPP_EXCEPTIONS: 'YES',
      GCC_ENABLE_CPP_RTTI: 'YES',
      MACOSX_DEPLOYMENT_TARGET: '11.0',
    },
  };
  fs.writeFileSync(path.join(buildFolder, 'binding.gyp'), JSON.stringify({ targets: [target] }, null, 2));
}

/** The version of Node whose headers are in a folder, such as '20.19.2'; undefined when there are none. */
function headersVersion(prefix) {
  try {
    const text = fs.readFileSync(path.join(prefix, 'include/node/node_version.h'), 'utf8');
    return ['MAJOR', 'MINOR', 'PATCH']
      .map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1])
      .join('.');
  } catch {
    return undefined;
  }
}

/**
 * Tells node-gyp which headers to use: Node's own where they came with it; otherwise it downloads them from nodejs.org.
 * Through the environment, because there a `nodedir` from the user's npm configuration takes precedence over the command
 * line. That one is followed only where it has the headers of this Node: compiled with others, the binding would not load.
 */
function nodeHeaders() {
  const shipped = path.resolve(fs.realpathSync(process.execPath), '..', '..');
  const configured = process.env.npm_config_nodedir;
  const found = [shipped, configured].find(
    (prefix) => prefix && headersVersion(prefix) === process.versions.node,
  );
  return { npm_config_nodedir: found };
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
    MODULES.join(),
    process.versions.modules,
    process.platform,
    process.arch,
    findOpenCV()?.version ?? 'no OpenCV',
  ];
  return `node${process.versions.node.split('.')[0]}-${hashOf(...facts).slice(0, 16)}`;
}

/** @returns {import('./run.js').Step} */
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
  writeProject(opencv);
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js', { paths: [packageFolder] });
  await run(log, [process.execPath, nodeGyp, 'rebuild', '--release'], {
    cwd: buildFolder,
    env: { JOBS: String(compileJobs()), ...nodeHeaders() },
  });
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(path.join(buildFolder, 'build/Release/opencv4nodejs.node'), `${target}.new`);
  fs.renameSync(`${target}.new`, target);
  fs.rmSync(buildFolder, { recursive: true });
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
