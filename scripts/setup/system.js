'use strict';
/* Step 1: compilers and libraries, from the system's package manager where that is apt and we may use it. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { findProgram } = require('./project');
const { StepError, advise, run } = require('./run');

/** What a package is needed for decides whether it is needed at all; each entry is a list of equivalents, best first. */
const PACKAGES = {
  build: [
    ['g++'],
    ['make'],
    ['cmake'],
    ['python3'], // node-gyp, which builds @u4/opencv4nodejs, is written in it
    ['python3-pip'], // gets dlib's source, the models and, for packages, a compiler
    ['ca-certificates'],
    ['libopencv-imgcodecs-dev'],
    ['libopencv-videoio-dev'],
    ['libopencv-highgui-dev'],
  ],
  // clang-format 14 is what the sources are formatted with; releases differ from each other. In Debian 12 both names mean it.
  // The browsers are for the gallery's tests; HEIC photos are made by libheif's own tools and compared with what those decode;
  // names in photos are read back by exiftool and exiv2; ffmpeg makes and reads videos; queues are on Redis and on PostgreSQL.
  test: [
    ['python3-venv'],
    ['libgtest-dev'],
    ['jq'],
    ['clang-format-14', 'clang-format'],
    ['chromium', 'google-chrome-stable'],
    ['firefox-esr', 'firefox'],
    ['libheif-examples'],
    ['libimage-exiftool-perl'],
    ['exiv2'],
    ['ffmpeg'],
    ['redis-server', 'valkey-server'],
    ['postgresql'],
  ],
};

/** Services that Debian starts when it installs them; tests start their own, and nobody has asked for others. */
const SERVICES = { 'redis-server': 'redis-server', postgresql: 'postgresql' };

/** Ubuntu has both browsers as snaps only; its package `chromium` is none. */
const NO_PACKAGE = { ubuntu: ['chromium', 'firefox-esr'] };

/** Commands a person can copy, for the systems whose package names we know. */
function commands(missing, forTest) {
  return [
    'Debian, Ubuntu:',
    `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    'Fedora:',
    '  sudo dnf install -y gcc-c++ make cmake python3 python3-pip opencv-devel',
    'macOS:',
    '  xcode-select --install; brew install cmake python opencv',
    'Windows:',
    '  winget install Kitware.CMake Python.Python.3.12',
    '  Visual Studio Build Tools 2022 with "Desktop development with C++"; vcpkg install opencv4 (not needed)',
    ...(forTest
      ? [
          'and, to run the tests, on Fedora:',
          '  sudo dnf install -y gtest-devel jq chromium firefox libheif-tools perl-Image-ExifTool exiv2 ffmpeg-free valkey postgresql-server',
          '  pipx install clang-format==14.0.6',
          'on macOS:',
          '  brew install googletest jq libheif exiftool exiv2 ffmpeg redis postgresql@15; brew install --cask google-chrome firefox',
          '  pipx install clang-format==14.0.6',
        ]
      : []),
    'Then run the same command again.',
  ].join('\n');
}

/**
 * Names of the packages to install, given the set of those that are installed.
 * @param distribution as `ID` in /etc/os-release
 */
function missingPackages(installed, forTest, distribution = distributionId()) {
  const wanted = forTest ? [...PACKAGES.build, ...PACKAGES.test] : PACKAGES.build;
  return wanted
    .filter((names) => !names.some((name) => installed.has(name)))
    .map(([name]) => name)
    .filter((name) => !NO_PACKAGE[distribution]?.includes(name));
}

function distributionId(file = '/etc/os-release') {
  if (!fs.existsSync(file)) return undefined;
  return /^ID="?([\w.-]+)/m.exec(fs.readFileSync(file, 'utf8'))?.[1];
}

/** The installed ones among our packages, or undefined where there is no dpkg. */
function installedPackages() {
  const names = Object.values(PACKAGES).flat(2);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = '${Package}\t${db:Status-Status}\n';
  const query = spawnSync('dpkg-query', ['-W', '-f', format, ...names], {
    encoding: 'utf8',
  });
  // It exits with 1 when it does not know one of the names, and lists the others all the same.
  if (query.error || query.status > 1) return undefined;
  const rows = query.stdout.split('\n').map((row) => row.split('\t'));
  return new Set(rows.filter(([, status]) => status === 'installed').map(([name]) => name));
}

/** The tools without which nothing can be built, that are not on PATH. */
function missingTools() {
  const tools = {
    'a C++ compiler': ['c++', 'g++', 'clang++'],
    cmake: ['cmake'],
    'make or ninja': ['make', 'ninja'],
  };
  return Object.keys(tools).filter((tool) => !tools[tool].some(findProgram));
}

/** How to become root: [] when we are, ['sudo'] when that works, undefined when there is no way. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!findProgram('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo'];
  if (!process.stdin.isTTY) return undefined;
  // Ask for the password now; later its prompt would be lost among the messages of other steps.
  console.log('sudo may ask for your password, to install system packages:');
  return spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0 ? ['sudo'] : undefined;
}

/** True when apt's lists are there and not older than a day. */
function listsAreFresh(folder = '/var/lib/apt/lists') {
  try {
    const lists = fs.readdirSync(folder).filter((name) => /_Packages(\.\w+)?$/.test(name));
    const newest = Math.max(...lists.map((name) => fs.statSync(path.join(folder, name)).mtimeMs));
    // A list keeps the server's date, so the time of the last update is the folder's.
    return lists.length > 0 && Date.now() - Math.max(newest, fs.statSync(folder).mtimeMs) < 24 * 3600_000;
  } catch {
    return false;
  }
}

/** @returns {import('./run.js').Step} */
function systemStep({ forTest }) {
  let prefix;
  const missing = () => {
    const installed = installedPackages();
    return installed && findProgram('apt-get') ? missingPackages(installed, forTest) : undefined;
  };
  const packages = missing();
  const complete = packages !== undefined && packages.length === 0;
  if (packages !== undefined && packages.length > 0) prefix = rootPrefix();
  const canInstall = complete || (packages !== undefined && prefix !== undefined);

  return {
    name: 'system-packages',
    title: 'System packages',
    detail: packages?.length ? `apt-get will install ${packages.join(' ')}` : undefined,
    needs: [],
    selfEvident: canInstall,
    inputs: () => process.platform,
    result() {
      if (canInstall) return missing()?.length === 0 ? 'installed' : undefined;
      // Not ours to install. With a compiler at hand it is worth going on: CMake says what it does not find.
      return missingTools().length === 0
        ? `tools only, without ${packages?.join(' ') ?? 'a look at libraries'}`
        : undefined;
    },
    async run(log) {
      if (!canInstall) return withoutInstalling(packages, forTest);
      const apt = (...args) =>
        run(log, [...prefix, 'env', ...ENVIRONMENT, 'apt-get', '-q', ...OPTIONS, ...args], {
          mustFinish: true,
        });
      const services = packages.flatMap((name) => SERVICES[name] ?? []);
      const install = () =>
        withoutStarting(services, prefix, log, () =>
          apt('install', '-y', '--no-install-recommends', ...packages),
        );
      const byHand = advise(`The same by hand:\n${commands(packages, forTest)}`);
      // Fresh lists can still name packages that the mirror has replaced since, so a failure there is no failure yet.
      if (
        listsAreFresh() &&
        (await install().then(
          () => true,
          () => false,
        ))
      ) {
        return;
      }
      await apt('update').catch(byHand);
      await install().catch(byHand);
    },
  };
}

/** Whom Debian's package manager asks whether a service may be started (invoke-rc.d(8)). */
const POLICY = '/usr/sbin/policy-rc.d';
/** In the environment of what installs for us. Whoever else installs meanwhile, or finds our policy later, has it not. */
const FOR_US = 'FACE_CLUSTER_SETUP';
const POLICY_TEXT = `#!/bin/sh
# Put here by the set-up of face-cluster-native: what it installs is not started. It may be removed.
[ -z "$${FOR_US}" ] || exit 101
`;

/**
 * Installs packages without starting their services, now or with the computer. Who has a policy of their own keeps that. Killed in
 * between, it leaves a file that forbids nothing to anybody else, and that the next run removes.
 * @param {() => Promise<void>} install  with {@link FOR_US} in the environment of what it runs
 */
async function withoutStarting(services, prefix, log, install, policy = POLICY) {
  const asRoot = (...command) => run(log, [...prefix, ...command], { mustFinish: true });
  const isOurs = () => fs.existsSync(policy) && fs.readFileSync(policy, 'utf8') === POLICY_TEXT;
  if (services.length > 0 && !fs.existsSync(policy)) {
    // In one move, and not in the place of what somebody else has put there meanwhile.
    const put =
      'printf %s "$1" > "$2.new" && chmod 755 "$2.new" && ln "$2.new" "$2"; put=$?; rm -f "$2.new"; exit $put';
    await asRoot('sh', '-c', put, 'sh', POLICY_TEXT, policy).catch(() => {});
  }
  try {
    await install();
    if (isOurs()) {
      for (const service of services) await asRoot('update-rc.d', service, 'disable').catch(() => {});
    }
  } finally {
    if (isOurs()) await asRoot('rm', '-f', policy).catch(() => {});
  }
}

const ENVIRONMENT = ['DEBIAN_FRONTEND=noninteractive', `${FOR_US}=1`];
/** A stalled mirror or another apt-get that holds the lock must not stop us for ever. */
const OPTIONS = [
  ...['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'],
  ...['-o', 'Acquire::http::Timeout=60', '-o', 'Acquire::https::Timeout=60'],
];

function withoutInstalling(packages, forTest) {
  const why = packages
    ? `${packages.join(' ')} missing, and neither root nor sudo to install them`
    : 'no apt-get on this system';
  const tools = missingTools();
  const install = commands(packages ?? missingPackages(new Set(), forTest), forTest);
  if (tools.length > 0) {
    throw new StepError(
      `${why}; not found: ${tools.join(', ')}`,
      `Please install what is missing.\n${install}`,
    );
  }
  return `${why}. Going on with the compiler that is here. Should a library be missing, install it:\n${install}`;
}

module.exports = { systemStep, missingPackages, listsAreFresh, commands, withoutStarting };
