import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/package';

/*
 * What the binaries of the package ask of the machine they are put on. set-up has made the one for this machine, with the
 * other compiler; those of "npm run prebuilds -- linux" are looked at as well where they are.
 */
const FOLDER = join(ROOT, 'prebuilds');
const LINUX = process.platform === 'linux';
const binaries = existsSync(FOLDER)
  ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => /^linux-.*\.node$/.test(name))
  : [];

/** Oldest glibc that Node 20 runs on. */
const GLIBC = [2, 28];
const LIBRARIES = {
  glibc: [/^ld-linux-[\w-]+\.so\.\d$/, /^lib(c|m|dl|pthread)\.so\.\d$/],
  musl: [/^libc\.so$/],
};

const lines = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8' }).trimEnd().split('\n');

(LINUX ? test : test.skip)('there is one for this machine', () => {
  const folder = `linux-${process.arch}`;
  expect(binaries.some((name) => name.startsWith(`${folder}/`))).toBe(true);
});

if (LINUX && binaries.length > 0) {
  describe.each(binaries)('%s', (name) => {
    const file = join(FOLDER, name);
    const libc = name.includes('.musl.') ? 'musl' : 'glibc';
    const dynamic = lines('readelf', '-dW', file);

    test('needs the C library, and nothing else', () => {
      const needed = dynamic.flatMap((line) => /\(NEEDED\).*\[(.*)\]/.exec(line)?.[1] ?? []);
      expect(needed).not.toEqual([]);
      expect(needed.filter((library) => !LIBRARIES[libc].some((known) => known.test(library)))).toEqual([]);
    });

    test('looks for libraries in no folder of the machine it was built on', () => {
      expect(dynamic.filter((line) => /\((RPATH|RUNPATH)\)/.test(line))).toEqual([]);
    });

    test('stays loaded when Node unloads it: its threads may still be at work', () => {
      expect(dynamic.some((line) => /\(FLAGS_1\).*\bNODELETE\b/.test(line))).toBe(true);
    });

    test('gives away only what Node asks for', () => {
      const defined = lines('nm', '-D', '--defined-only', file).map((line) => line.split(' ').at(-1));
      expect(defined.sort()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
    });

    test('has no switch that only tests need', () => {
      expect(readFileSync(file).includes('useInstructionSet')).toBe(false);
    });

    test('holds no symbols for debuggers', () => {
      expect(lines('readelf', '-SW', file).filter((line) => /\.(symtab|debug_info)\b/.test(line))).toEqual(
        [],
      );
    });

    test('runs with the oldest glibc that Node runs with', () => {
      const versions = lines('readelf', '-VW', file).flatMap((line) => [
        ...line.matchAll(/GLIBC_(\d+)\.(\d+)/g),
      ]);
      expect(versions.length > 0).toBe(libc === 'glibc');
      const newer = versions.filter(
        ([, major, minor]) =>
          Number(major) * 1000 + Number(minor) > (GLIBC[0] as number) * 1000 + (GLIBC[1] as number),
      );
      expect(newer.map(([name]) => name)).toEqual([]);
    });
  });
}
