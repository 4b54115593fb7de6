import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The folder with golden results and photos that the parity tests compare against: `FACE_CLUSTER_SHARED`, or
 * `../shared` beside the project. It is not part of the repository, so it may be `undefined`.
 *
 * @throws if `FACE_CLUSTER_SHARED` is set but has no `golden` folder: who sets it wants these tests run.
 */
function sharedFolder(): string | undefined {
  const wanted = process.env.FACE_CLUSTER_SHARED;
  if (wanted) {
    if (!existsSync(join(wanted, 'golden'))) {
      throw new Error(`FACE_CLUSTER_SHARED is ${wanted}, but there is no folder "golden" in it.`);
    }
    return resolve(wanted);
  }
  const beside = resolve(__dirname, '../../../shared');
  return existsSync(join(beside, 'golden')) ? beside : undefined;
}

/** Like `describe`, for tests that need {@link sharedFolder}; without it they are skipped, and a line says so. */
export function describeWithShared(name: string, tests: (shared: string) => void): void {
  const shared = sharedFolder();
  if (shared) {
    describe(name, () => tests(shared));
    return;
  }
  process.stderr.write(
    `SKIPPED "${name}": no folder ../shared beside the project and FACE_CLUSTER_SHARED is not set.\n`,
  );
  // A skipped suite must hold a test, and `tests` can't be called without the folder to make its own.
  describe.skip(name, () => {
    test('needs the shared folder', () => {});
  });
}
