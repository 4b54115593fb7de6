import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FaceError, throwIfAborted } from '../base/errors';
import { path as validPath } from '../base/validate';
import { ioError } from '../system/io-error';
import { makeFolders } from '../system/make-folders';
import { sha256 } from '../system/sha256';
import { pathBeside } from '../system/temporary';
import { defaultModelsFolder } from './folders';
import { type ModelEntry, type ModelManifest, modelManifest, PACKAGE_MODELS_FOLDER } from './manifest';
import { modelProblem } from './verify';

export interface CopyModelsOptions {
  /** Folder to copy from. Default: the package's own. */
  readonly from?: string;
  /** Folder to copy into; made when missing. Default: `defaultModelsFolder()`. */
  readonly to?: string;
  readonly signal?: AbortSignal;
  /** Other files than the package's own; for tests. */
  readonly manifest?: ModelManifest;
}

/** What {@link copyModels} has done. */
export interface CopyModelsSummary {
  /** Absolute path of the folder that now holds all model files. */
  readonly folder: string;
  /** Names of the files that were copied. */
  readonly copied: readonly string[];
  /** Names of the files that were there already and are intact. */
  readonly kept: readonly string[];
}

/**
 * Sees to it that a folder holds every model file, intact: keeps those that are, copies the others. A file gets its name
 * only after the SHA-256 of its copy has been checked, so whatever interrupts this, no half file is ever taken for a model.
 *
 * @throws FaceError `FACE_MODEL_MISSING` or `FACE_MODEL_DAMAGED` (a file in `from`), `FACE_IO` (disk full, folder not
 *   writable), `FACE_ABORTED`.
 */
export async function copyModels(options: CopyModelsOptions = {}): Promise<CopyModelsSummary> {
  const { signal, manifest = modelManifest() } = options;
  const from = resolve(validPath('from', options.from ?? PACKAGE_MODELS_FOLDER));
  const folder = resolve(validPath('to', options.to ?? defaultModelsFolder()));
  throwIfAborted(signal);

  const wanted: ModelEntry[] = [];
  for (const model of manifest.models) {
    if (await modelProblem(join(folder, model.name), model, signal)) wanted.push(model);
  }
  // All of them before the first copy, so that the error names the file that is wrong and nothing is done by halves.
  for (const model of wanted) {
    const problem = await modelProblem(join(from, model.name), model, signal);
    if (problem !== undefined) {
      const { code, message, cause } = problem;
      throw new FaceError(code, `${message} Nothing was copied.`, { cause, path: join(from, model.name) });
    }
  }
  try {
    await makeFolders(folder);
    for (const model of wanted) await copyModel(model, from, folder, signal);
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof FaceError) throw error;
    throw ioError(`store the model files in ${folder}`, error);
  }
  const copied = wanted.map(({ name }) => name);
  const kept = manifest.models.map(({ name }) => name).filter((name) => !copied.includes(name));
  return { folder, copied, kept };
}

async function copyModel(
  { name, sha256: expected }: ModelEntry,
  from: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = join(from, name);
  const target = join(folder, name);
  const part = pathBeside(target);
  const bytes = await readFile(source, { signal });
  if (sha256(bytes) !== expected) {
    throw new FaceError('FACE_MODEL_DAMAGED', `${source} was changed while it was copied.`, { path: source });
  }
  try {
    // Flushed: a power cut after the rename must not leave an empty file under the final name.
    await writeFile(part, bytes, { flag: 'wx', flush: true, signal });
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
