import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');
export const MAIN = join(ROOT, 'lib/cli/main.js');

/** The environment in which it waits for other programs as long as they take, see patient.js. */
export const PATIENT = { NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'patient.js'))}` };

export interface CliResult {
  /** `null` if a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called as soon as the process runs. */
  readonly onSpawn?: (child: ChildProcess) => void;
  /** No file may become longer, as with a full disk. */
  readonly fileLimitKilobytes?: number;
  /** Called with all that has come on stderr so far, whenever there is more. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
  /** The same of stdout. */
  readonly onStdout?: (text: string, child: ChildProcess) => void;
  /** The descriptor of a file to write to in place of the pipe; the result's `stdout` is then empty. */
  readonly stdout?: number;
  /** Number of the user to run it as; takes root. */
  readonly uid?: number;
}

/**
 * Runs the real command, `face-cluster-native <args>`, in a child process that is no terminal.
 * @throws as {@link checkBuilt} does
 */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  checkBuilt();
  const { npm_command: _, FACE_DEBUG: __, ...env } = process.env;
  const command = [process.execPath, MAIN, ...args];
  const limit = options.fileLimitKilobytes;
  // bash counts in units of 1024 bytes, other shells of 512.
  const [program, ...rest] =
    limit === undefined ? command : ['bash', '-c', `ulimit -f ${limit}; exec "$@"`, 'bash', ...command];
  const child = spawn(program as string, rest, {
    cwd: options.cwd,
    env: { ...env, ...options.env },
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
    ...(options.uid !== undefined && { uid: options.uid }),
  });
  options.onSpawn?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onStdout?.(stdout, child);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

let checked = false;

/** @throws if lib/ is not what src/ compiles to: tests of it would test yesterday's program */
export function checkBuilt(): void {
  if (checked) return;
  for (const entry of readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const source = join(entry.parentPath, entry.name);
    checkNewer(join(ROOT, 'lib', relative(join(ROOT, 'src'), source).replace(/\.ts$/, '.js')), source);
  }
  checked = true;
}

/** @throws if lib/gallery/, which results take their page from, is not what gallery/ is bundled to */
export function checkPageBuilt(): void {
  for (const name of readdirSync(join(ROOT, 'gallery'))) {
    checkNewer(join(ROOT, 'lib/gallery/app.js'), join(ROOT, 'gallery', name));
  }
}

function checkNewer(built: string, source: string): void {
  if (existsSync(built) && statSync(built).mtimeMs >= statSync(source).mtimeMs) return;
  throw new Error(`lib/ is not up to date with ${relative(ROOT, source)}. Run "npm run build:ts" first.`);
}
