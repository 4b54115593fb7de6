import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryHead, explainLoadError, findBinary, type Machine, machineName } from '../../src/native/binary';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
afterEach(() => jest.restoreAllMocks());
const DEBIAN: Machine = { platform: 'linux', arch: 'x64', libc: 'glibc', glibc: '2.28' };
const ALPINE: Machine = { platform: 'linux', arch: 'x64', libc: 'musl' };
const MAC: Machine = { platform: 'darwin', arch: 'arm64' };

/** What the dynamic loaders of glibc, musl, macOS and Windows print, and what a user has to be told. */
test.each<[string, Machine, string | null | undefined, string, RegExp]>([
  [
    "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.36' not found (required by /x/face_cluster_native.node)",
    DEBIAN,
    'linux-x64',
    'It needs glibc 2.36 or newer, but this system has 2.28.',
    /Update the system|npm run setup/,
  ],
  [
    "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by /x/a.node)",
    DEBIAN,
    'linux-x64',
    "The system's C++ library (libstdc++) is too old for it.",
    /npm run setup/,
  ],
  [
    'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /x/a.node)',
    ALPINE,
    'linux-x64',
    'It was built for glibc, but this system has musl, as Alpine Linux does.',
    /npm run setup/,
  ],
  [
    'Error relocating /x/a.node: __memcpy_chk: symbol not found',
    ALPINE,
    'linux-x64',
    'It was built for glibc, but this system has musl, as Alpine Linux does.',
    /npm run setup/,
  ],
  [
    'libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory',
    DEBIAN,
    'linux-x64',
    'It was built for musl (Alpine Linux), but this system has glibc.',
    /npm run setup/,
  ],
  [
    '/x/a.node: cannot open shared object file: No such file or directory',
    DEBIAN,
    'linux-arm64',
    'It was built for linux-arm64, but this is linux-x64.',
    /node_modules.*npm install/,
  ],
  [
    "dlopen(/x/a.node, 0x0001): tried: '/x/a.node' (mach-o file, but is an incompatible architecture)",
    MAC,
    'darwin-x64',
    'It was built for darwin-x64, but this is darwin-arm64.',
    /node_modules.*npm install/,
  ],
  [
    'libgfortran.so.5: cannot open shared object file: No such file or directory',
    DEBIAN,
    'linux-x64',
    'It needs the library libgfortran.so.5, which this system lacks.',
    /npm run setup/,
  ],
  [
    '/x/a.node: failed to map segment from shared object: Operation not permitted',
    DEBIAN,
    'linux-x64',
    'The system does not allow programs to be loaded from this folder.',
    /noexec/,
  ],
  [
    '/x/a.node: file too short',
    DEBIAN,
    'linux-x64',
    'The file is damaged: part of it is missing.',
    /npm install/,
  ],
  [
    '/x/a.node: invalid ELF header',
    DEBIAN,
    null,
    'The file is damaged: it is not a native library.',
    /npm install/,
  ],
  [
    'something new',
    DEBIAN,
    'linux-x64',
    'The file is there, but the system does not load it.',
    /npm install/,
  ],
])('%j is told in plain words', (message, machine, built, problem, remedy) => {
  const told = explainLoadError(message, machine, { ...(built !== undefined && { built }), shipped: [] });
  expect(told.problem).toBe(problem);
  expect(told.remedy).toMatch(remedy);
});

test('where there is no binary, those for other platforms are named', () => {
  const message = 'No native build was found';
  expect(explainLoadError(message, MAC, { shipped: [] }).problem).toContain('nothing has been built yet');
  const { problem, remedy } = explainLoadError(message, MAC, { shipped: ['linux-arm64', 'linux-x64'] });
  expect(problem).toBe(
    'The package has it for linux-arm64, linux-x64, but not for this machine (darwin-arm64).',
  );
  expect(remedy).toContain('npm run setup');
});

test('on Alpine, a prebuilt binary of the same processor that needs glibc does not hide what is missing', () => {
  const { problem } = explainLoadError('No native build was found', ALPINE, { shipped: ['linux-x64'] });
  expect(problem).toBe(
    'The package has it for linux-x64 with another C library, but not for this machine (linux-x64, musl).',
  );
});

test.each(['glibc', 'musl'] as const)(
  'the binary for %s is taken where that is, on Alpine or elsewhere',
  (libc) => {
    const { platform, arch } = process;
    const folder = join(temp(), 'prebuilds', `${platform}-${arch}`);
    mkdirSync(folder, { recursive: true });
    for (const name of ['a.glibc.node', 'a.musl.node']) writeFileSync(join(folder, name), '');
    jest.resetModules();
    const { LIBC, ...env } = process.env;
    jest.replaceProperty(process, 'env', env);
    expect(findBinary(temp(), { platform, arch, libc })).toBe(join(folder, `a.${libc}.node`));
    expect(process.env.LIBC).toBeUndefined();
  },
);

test('a machine is named with its C library', () => {
  expect([DEBIAN, ALPINE, MAC].map(machineName)).toEqual([
    'linux-x64, glibc 2.28',
    'linux-x64, musl',
    'darwin-arm64',
  ]);
});

test.each<[string, number[], string | null]>([
  ['ELF for x86-64', [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0], 'linux-x64'],
  [
    'ELF for arm64',
    [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 183, 0],
    'linux-arm64',
  ],
  ['Mach-O for arm64', [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1], 'darwin-arm64'],
  ['Mach-O for x86-64', [0xcf, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 1], 'darwin-x64'],
  ['a Windows library', [0x4d, 0x5a, 0x90], `win32-${process.arch}`],
  ['text', [...Buffer.from('<html>404 Not Found</html>')], null],
  ['an empty file', [], null],
])('%s is known by its first bytes', (_, bytes, platform) => {
  const file = join(temp(), 'a.node');
  writeFileSync(file, Buffer.from(bytes));
  expect(binaryHead(file).platform).toBe(platform);
});
