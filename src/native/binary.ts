import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors';

/** What decides which binary a machine can load. */
export interface Machine {
  /** As `process.platform` and `process.arch` have it, e.g. `linux` and `x64`. */
  readonly platform: string;
  readonly arch: string;
  /** The C library, on Linux only. */
  readonly libc?: 'glibc' | 'musl';
  /** Version of glibc, e.g. `2.36`. */
  readonly glibc?: string;
}

/** What is wrong with a binary in plain words, and what to do about it. */
export interface LoadProblem {
  readonly problem: string;
  readonly remedy: string;
}

/** The command that builds the native part in a checkout, whatever the machine has. */
const BUILD_COMMAND = 'npm run setup';

const BUILD = `Build it on this machine: in a checkout of the project, run "${BUILD_COMMAND}".`;
/** What npm has installed it does not install again, so that goes first. */
const INSTALL_AGAIN = `Delete the folder node_modules and install again, on this machine: npm install. In a checkout of the project, run "${BUILD_COMMAND}".`;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  const { platform, arch } = process;
  if (platform !== 'linux') return { platform, arch };
  const glibc = glibcVersion();
  return glibc === undefined ? { platform, arch, libc: 'musl' } : { platform, arch, libc: 'glibc', glibc };
}

/** Version of the running glibc; `undefined` where there is another C library. */
function glibcVersion(): string | undefined {
  const { report } = process as { report: NodeJS.ProcessReport & { excludeNetwork?: boolean } };
  const before = report.excludeNetwork;
  // The report looks up the host names of all open connections otherwise.
  report.excludeNetwork = true;
  try {
    return (report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }).header
      .glibcVersionRuntime;
  } finally {
    if (before !== undefined) report.excludeNetwork = before;
  }
}

/** `linux-x64, glibc 2.36`. */
export function machineName({ platform, arch, libc, glibc }: Machine): string {
  return `${platform}-${arch}${libc === undefined ? '' : `, ${[libc, glibc].filter(Boolean).join(' ')}`}`;
}

/**
 * Loads the addon that belongs to the package in `root`: `build/Release`, `build/Debug`, or the one in `prebuilds` that
 * fits this machine. The environment variable `FACE_CLUSTER_NATIVE_PREBUILD` names another folder to look in.
 * @throws the error of `dlopen`, or node-gyp-build's if there is no binary; an Error if it is cut off
 */
export function loadBinary(root: string): { readonly addon: unknown; readonly path: string } {
  const path = findBinary(root);
  // The system's loader does not check this: it would be ended by SIGBUS.
  if (binaryHead(path).cutOff) throw new Error(`${path}: file too short`);
  return { addon: require(path), path };
}

/**
 * Path of the binary for `machine`.
 * @throws node-gyp-build's error if there is none
 */
export function findBinary(root: string, { libc }: Machine = thisMachine()): string {
  // By itself it takes every Linux but Alpine for one with glibc; it asks this variable once, when it is loaded.
  const before = process.env.LIBC;
  if (libc !== undefined) process.env.LIBC ??= libc;
  try {
    return (require('node-gyp-build') as { path(root: string): string }).path(root);
  } finally {
    if (before === undefined) delete process.env.LIBC;
  }
}

/** Why {@link loadBinary} has failed with `error`: in `problem` lines that say what is wrong and where was looked. */
export function loadProblem(root: string, error: unknown): LoadProblem {
  const machine = thisMachine();
  let path: string | undefined;
  try {
    path = findBinary(root);
  } catch {
    // There is none: that is what will be said.
  }
  const { problem, remedy } = explainLoadError(messageOf(error), machine, {
    ...(path !== undefined && { built: binaryHead(path).platform }),
    shipped: shippedPlatforms(root),
  });
  const folder = process.env.FACE_CLUSTER_NATIVE_PREBUILD || root;
  const places = [
    join(folder, 'build', 'Release'),
    join(folder, 'build', 'Debug'),
    join(folder, 'prebuilds', `${machine.platform}-${machine.arch}`),
  ].map((place) => `  ${place}${existsSync(place) ? '' : '  (not there)'}`);
  const lines = [
    `The native part of face-cluster-native could not be loaded on ${machineName(machine)}, Node ${process.version}:`,
    problem,
    ...(path === undefined ? ['It was looked for in:', ...places] : [`The file: ${path}`]),
    `What the system says: ${messageOf(error).trim().split('\n')[0]}`,
  ];
  return { problem: lines.join('\n'), remedy };
}

/**
 * What an error of `dlopen` means.
 * @param message of the error
 * @param files.built the platform that the file was built for, where its head tells; `null` if it is no binary at all
 * @param files.shipped platforms that the package has binaries for
 */
export function explainLoadError(
  message: string,
  machine: Machine,
  files: { readonly built?: string | null; readonly shipped: readonly string[] },
): LoadProblem {
  const here = `${machine.platform}-${machine.arch}`;
  if (files.built === undefined) {
    if (files.shipped.length === 0) {
      return { problem: 'It is not there: nothing has been built yet.', remedy: BUILD };
    }
    // What is there for this processor did not fit: node-gyp-build knows Alpine from other Linux systems.
    const platforms = files.shipped.map((name) => (name === here ? `${name} with another C library` : name));
    return {
      problem: `The package has it for ${platforms.join(', ')}, but not for this machine (${machineName(machine)}).`,
      remedy: `If node_modules was copied from another machine, delete it and install again: npm install. Otherwise: ${BUILD}`,
    };
  }
  if (files.built === null) {
    return {
      problem: 'The file is damaged: it is not a native library.',
      remedy: INSTALL_AGAIN,
    };
  }
  const library = /([\w+.-]+\.so[\w.]*): (?:cannot open shared object file|No such file)/.exec(message)?.[1];
  const missing = library ?? /Error loading shared library ([\w+.-]+)/.exec(message)?.[1];
  // A binary needs the C library that it was linked with, and says so by the name of that or of its loader.
  if (missing?.startsWith('libc.musl')) {
    return { problem: 'It was built for musl (Alpine Linux), but this system has glibc.', remedy: BUILD };
  }
  if (machine.libc === 'musl' && /ld-linux|libc\.so\.6|symbol not found/.test(message)) {
    return {
      problem: 'It was built for glibc, but this system has musl, as Alpine Linux does.',
      remedy: BUILD,
    };
  }
  const needed = /GLIBC_([\d.]+)['’`]? not found/.exec(message)?.[1];
  if (needed !== undefined) {
    return {
      problem: `It needs glibc ${needed} or newer, but this system has ${machine.glibc ?? 'an older one'}.`,
      remedy: `Update the system, or build it for this one: in a checkout of the project, run "${BUILD_COMMAND}".`,
    };
  }
  if (/(GLIBCXX|CXXABI)_[\d.]+['’`]? not found/.test(message)) {
    return { problem: "The system's C++ library (libstdc++) is too old for it.", remedy: BUILD };
  }
  if (files.built !== here) {
    return {
      problem: `It was built for ${files.built}, but this is ${here}.`,
      remedy: INSTALL_AGAIN,
    };
  }
  if (missing !== undefined) {
    return { problem: `It needs the library ${missing}, which this system lacks.`, remedy: BUILD };
  }
  if (/failed to map segment.*not permitted|code signature/i.test(message)) {
    return {
      problem: 'The system does not allow programs to be loaded from this folder.',
      remedy: 'Put the project onto a disk that is not mounted with "noexec".',
    };
  }
  if (/too short|invalid ELF|past end of file|truncated|bad image|not a valid Win32/i.test(message)) {
    return { problem: 'The file is damaged: part of it is missing.', remedy: INSTALL_AGAIN };
  }
  return {
    problem: 'The file is there, but the system does not load it.',
    remedy: INSTALL_AGAIN,
  };
}

/** Platforms that `prebuilds` holds binaries for, e.g. `linux-x64`. */
function shippedPlatforms(root: string): string[] {
  try {
    return readdirSync(join(root, 'prebuilds')).sort();
  } catch {
    return [];
  }
}

/** `e_machine` of ELF (/usr/include/elf.h). */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};
/** `cputype` of Mach-O (mach/machine.h). */
const MACH_MACHINES: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };

/** What the head of a file says of it. */
export interface BinaryHead {
  /** What it was built for, e.g. `linux-x64`; `null` if it is no library. */
  readonly platform: string | null;
  /** Whether the end of the file is missing; known of ELF only. */
  readonly cutOff: boolean;
}

/** Reads the head of the file at `path`. */
export function binaryHead(path: string): BinaryHead {
  const head = Buffer.alloc(64);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
    return { platform: headPlatform(head), cutOff: fstatSync(file).size < elfSize(head) };
  } finally {
    closeSync(file);
  }
}

function headPlatform(head: Buffer): string | null {
  if (isElf(head)) return `linux-${ELF_MACHINES[head.readUInt16LE(18)] ?? 'another processor'}`;
  if (head.readUInt32LE(0) === 0xfeedfacf) {
    return `darwin-${MACH_MACHINES[head.readUInt32LE(4)] ?? 'another processor'}`;
  }
  // For several processors in one.
  if (head.readUInt32BE(0) === 0xcafebabe) return `darwin-${process.arch}`;
  if (head.toString('latin1', 0, 2) === 'MZ') return `win32-${process.arch}`;
  return null;
}

function isElf(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === '\x7fELF';
}

/** How long a 64-bit ELF file is at least: to the end of its table of sections, which linkers write last. Else 0. */
function elfSize(head: Buffer): number {
  const is64Bit = head[4] === 2;
  if (!isElf(head) || !is64Bit) return 0;
  return Number(head.readBigUInt64LE(0x28)) + head.readUInt16LE(0x3a) * head.readUInt16LE(0x3c);
}
