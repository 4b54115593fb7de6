'use strict';
/*
 * Makes the two Python environments that the parity tests compare against:
 *   .setup/python-numpy1   NumPy 1.26, scikit-learn and imutils
 *   .setup/python-numpy2   NumPy 2, scikit-learn, imutils and pandas
 * Needs Python 3.10 to 3.12 with venv (`FACE_CLUSTER_PYTHON` names another than `python3`) and, the first time,
 * PyPI. An environment that is complete is left alone.
 *
 * node scripts/python-env.js latest makes, or brings up to date, another one instead, for benchmarks:
 *   .setup/python-latest   the newest scikit-learn that this Python can run
 *
 * node scripts/python-env.js bench makes the one that npm run bench compares with:
 *   .setup/python-bench    all that the Python project needs, with dlib compiled here, with OpenBLAS: a quarter of an hour.
 *                          It also takes cmake, a C++ compiler and OpenBLAS.
 *
 * Exit codes: 0 all are ready, 2 no suitable Python, 3 an environment could not be filled.
 */
const { spawnSync } = require('node:child_process');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pythonCommand } = require('./setup/pip');

const SHARED_PINS = ['joblib==1.4.2', 'threadpoolctl==3.5.0', 'imutils==0.5.4'];
/** Reads the data of a result, as docs/results.md shows. */
const PANDAS_PINS = [
  'pandas==2.2.3',
  'python-dateutil==2.9.0.post0',
  'pytz==2024.2',
  'six==1.16.0',
  'tzdata==2024.2',
];
const ENVIRONMENTS = [
  {
    name: 'python-numpy1',
    packages: ['numpy==1.26.4', 'scipy==1.13.1', 'scikit-learn==1.5.2', ...SHARED_PINS],
  },
  {
    name: 'python-numpy2',
    packages: ['numpy==2.2.6', 'scipy==1.15.3', 'scikit-learn==1.6.1', ...SHARED_PINS, ...PANDAS_PINS],
  },
];
const BENCH = {
  name: 'python-bench',
  check: checkOpenBlas,
  packages: [
    ...['numpy==1.26.4', 'scipy==1.13.1', 'scikit-learn==1.5.2', 'opencv-python-headless==4.10.0.84'],
    ...['dlib==20.0.1', 'face_recognition==1.3.0', 'face_recognition_models==0.3.0', ...SHARED_PINS],
    'setuptools<81', // face_recognition_models needs its pkg_resources
  ],
};
/** What comes as source only. All of it is Python but dlib. */
const SOURCE_ONLY = ['imutils', 'dlib', 'face_recognition_models'];
/** Not pinned, so that a benchmark is beside what one gets today. */
const LATEST = { name: 'python-latest', packages: ['scikit-learn'] };
const setupFolder = join(__dirname, '..', '.setup');

class SetupError extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? result.error.message : ''}`.trim(),
  };
}

/** The Python to build with and its exact version, which is part of the stamp: a venv breaks when it changes. */
function findPython() {
  const command = pythonCommand();
  const { ok, output } = run(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])']);
  if (!ok) {
    throw new SetupError(
      2,
      `Expected a Python 3.10 to 3.12 as "${command}" but it could not be run: ${output}\n` +
        'Install one (apt-get install python3 python3-venv, dnf install python3, brew install python@3.12) ' +
        'or name it in FACE_CLUSTER_PYTHON.',
    );
  }
  const version = output.split('\n').pop();
  const [major, minor] = version.split('.').map(Number);
  if (major !== 3 || minor < 10 || minor > 12) {
    throw new SetupError(
      2,
      `Expected Python 3.10 to 3.12 (NumPy 1.26 and NumPy 2.2 both exist for these) but "${command}" is ` +
        `${version}. Name another in FACE_CLUSTER_PYTHON.`,
    );
  }
  return { command, version };
}

function isReady(stamp, content) {
  try {
    return readFileSync(stamp, 'utf8') === content;
  } catch {
    return false;
  }
}

/** dlib's build takes what BLAS it finds, or none, and then is many times slower than the one to compare with. */
function checkOpenBlas() {
  if (process.platform !== 'linux') return;
  const program = { input: 'int main() {}', encoding: 'utf8' };
  const { status, error } = spawnSync('c++', ['-x', 'c++', '-', '-o', '/dev/null', '-lopenblas'], program);
  if (status === 0) return;
  throw new SetupError(
    2,
    `dlib is to be compiled with OpenBLAS, but ${error ? `c++ could not be run: ${error.message}` : 'c++ does not find it'}.\n` +
      'Install what it takes (apt-get install g++ cmake libopenblas-dev, dnf install gcc-c++ cmake openblas-devel).',
  );
}

function make({ name, packages, check }, python) {
  const folder = join(setupFolder, name);
  const stamp = join(folder, 'ready.json');
  const content = `${JSON.stringify({ python: python.version, packages }, null, 2)}\n`;
  if (isReady(stamp, content)) {
    console.log(`.setup/${name}: ready`);
    return;
  }

  check?.();
  console.log(`.setup/${name}: installing ${packages.join(' ')} for Python ${python.version}`);
  makeFolder(folder, python);
  install(folder, ['--only-binary=:all:', `--no-binary=${SOURCE_ONLY}`, ...packages]);
  writeFileSync(stamp, content);
}

function makeLatest({ name, packages }, python) {
  const folder = join(setupFolder, name);
  const stamp = join(folder, 'ready.json');
  const content = `${JSON.stringify({ python: python.version }, null, 2)}\n`;
  if (!isReady(stamp, content)) makeFolder(folder, python);
  console.log(`.setup/${name}: the newest ${packages.join(' ')} for Python ${python.version}`);
  install(folder, ['--only-binary=:all:', '--upgrade', ...packages]);
  writeFileSync(stamp, content);
}

function makeFolder(folder, python) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(setupFolder, { recursive: true });
  const venv = run(python.command, ['-m', 'venv', folder]);
  if (!venv.ok) {
    throw new SetupError(
      2,
      `"${python.command} -m venv" failed: ${venv.output}\n` +
        'On Debian and Ubuntu it comes with: apt-get install python3-venv',
    );
  }
}

function install(folder, args) {
  const bin =
    process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const flags = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const pip = run(bin, ['-m', 'pip', 'install', ...flags, ...args]);
  if (!pip.ok) {
    throw new SetupError(
      3,
      `pip could not install ${args.filter((arg) => !arg.startsWith('-')).join(' ')}: ${pip.output}\n` +
        'This needs PyPI once (or a mirror: PIP_INDEX_URL). Run again: node scripts/python-env.js',
    );
  }
}

try {
  const python = findPython();
  if (process.argv[2] === 'latest') makeLatest(LATEST, python);
  else if (process.argv[2] === 'bench') make(BENCH, python);
  else for (const environment of ENVIRONMENTS) make(environment, python);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`python-env: ${error.message}`);
  process.exitCode = error.exitCode;
}
