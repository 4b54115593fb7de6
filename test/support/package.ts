import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');
const { npmCommand } = require('../../scripts/setup/javascript') as { npmCommand(): string[] };

/** Runs npm in `folder` and returns what it prints. */
export function npm(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  const [program, ...first] = npmCommand() as [string, ...string[]];
  return execFileSync(program, [...first, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
}

export interface Packed {
  /** Of the tarball. */
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Makes the package of what is in the repository now, in `folder`, or only lists what would be in it. */
export function pack(folder?: string): Packed {
  const where = folder === undefined ? ['--dry-run'] : ['--pack-destination', folder];
  return JSON.parse(npm(ROOT, ['pack', '--json', '--ignore-scripts', ...where]))[0];
}
