import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A Python with NumPy and scikit-learn, made by `node scripts/python-env.js`. */
export interface PythonEnvironment {
  readonly name: 'NumPy 1.26' | 'NumPy 2';
  /** Path of the interpreter. */
  readonly python: string;
}

const setupFolder = resolve(__dirname, '../../.setup');

/** Both environments, or `undefined` if they have not been made (completely). */
export function pythonEnvironments(): readonly PythonEnvironment[] | undefined {
  const folders = { 'NumPy 1.26': 'python-numpy1', 'NumPy 2': 'python-numpy2' } as const;
  const environments = Object.entries(folders).map(([name, folder]) => ({
    name: name as PythonEnvironment['name'],
    folder: join(setupFolder, folder),
  }));
  // The stamp is written last.
  if (!environments.every(({ folder }) => existsSync(join(folder, 'ready.json')))) return undefined;
  const python = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return environments.map(({ name, folder }) => ({ name, python: join(folder, ...python) }));
}

/** `describe` once for each of {@link pythonEnvironments}; without them it is skipped, and a line says so. */
export function describeWithPython(name: string, tests: (environment: PythonEnvironment) => void): void {
  const environments = pythonEnvironments();
  if (environments) {
    for (const environment of environments)
      describe(`${name}, ${environment.name}`, () => tests(environment));
    return;
  }
  process.stderr.write(`SKIPPED "${name}": no Python to compare with. Run: node scripts/python-env.js\n`);
  // A skipped suite must hold a test, and `tests` can't be called without an environment to make its own.
  describe.skip(name, () => {
    test('needs the Python environments', () => {});
  });
}

/**
 * Runs a Python script and returns what it printed.
 *
 * @param args `sys.argv[1:]` of the script.
 * @throws with the traceback if the script fails.
 */
export function runPython(
  environment: PythonEnvironment,
  script: string,
  args: readonly string[] = [],
): string {
  return execFileSync(environment.python, ['-I', '-c', script, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // scikit-learn's threads would compete with the other tests.
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
