import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { abortError, FaceError, throwIfAborted } from '../base/errors';
import { sha256OfFile } from '../system/sha256';
import { findModelsFolder, modelsRemedy } from './folders';
import { type ModelEntry, type ModelManifest, type ModelRole, modelManifest } from './manifest';

/** Absolute paths of the model files. */
export type ModelPaths = Readonly<Record<ModelRole, string>>;

/** What is wrong with a model file. */
export interface ModelProblem {
  readonly code: 'FACE_MODEL_MISSING' | 'FACE_MODEL_DAMAGED' | 'FACE_IO';
  /** A whole sentence. */
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * Compares the file at `path` with the model `entry`, to the last byte: size first, then SHA-256.
 * Resolves to what is wrong, or undefined; rejects only when `signal` is aborted.
 */
export async function modelProblem(
  path: string,
  entry: ModelEntry,
  signal?: AbortSignal,
): Promise<ModelProblem | undefined> {
  throwIfAborted(signal);
  try {
    const { size } = await stat(path);
    if (size !== entry.bytes) return wrongSize(path, size, entry);
    const digest = await sha256OfFile(path, signal);
    if (digest !== entry.sha256) {
      // Another training can have the same name and size, and finds other faces.
      return {
        code: 'FACE_MODEL_DAMAGED',
        message:
          `The model file ${path} is damaged, or another training than the one that gives the Python project's ` +
          `results: its SHA-256 is ${digest} instead of ${entry.sha256}.`,
      };
    }
    return undefined;
  } catch (cause) {
    if (signal?.aborted) throw abortError(signal);
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { code: 'FACE_MODEL_MISSING', message: `There is no model file ${path}.`, cause };
    }
    return { code: 'FACE_IO', message: `The model file ${path} could not be read: ${message}.`, cause };
  }
}

function wrongSize(path: string, size: number, entry: ModelEntry): ModelProblem {
  const message = `The model file ${path} is damaged: it has ${size} bytes instead of ${entry.bytes}.`;
  return { code: 'FACE_MODEL_DAMAGED', message };
}

/**
 * Checks that the file at `path` is the model `entry`.
 *
 * @throws FaceError `FACE_MODEL_MISSING`, `FACE_MODEL_DAMAGED` or `FACE_IO`, with the command that mends it;
 *   `FACE_ABORTED`.
 */
export async function checkModel(path: string, entry: ModelEntry, signal?: AbortSignal): Promise<void> {
  const problem = await modelProblem(path, entry, signal);
  if (problem !== undefined) throw modelError(path, problem);
}

function modelError(path: string, { code, message, cause }: ModelProblem): FaceError {
  const remedy = modelsRemedy(dirname(path));
  return new FaceError(code, `${message} To get it again:`, { cause, path, remedy });
}

/**
 * Paths of the model files in `folder`, or where `findModelsFolder` finds them. Checks that they are there and have the
 * right size, which costs nothing; {@link verifyModels} checks every byte.
 *
 * @throws FaceError `FACE_MODEL_MISSING` or `FACE_MODEL_DAMAGED`, with the command that mends it.
 */
export function modelPaths(folder?: string, manifest: ModelManifest = modelManifest()): ModelPaths {
  const found = findModelsFolder(folder, manifest);
  const paths: Partial<Record<ModelRole, string>> = {};
  for (const model of manifest.models) {
    const path = join(found, model.name);
    const { size } = statSync(path);
    if (size !== model.bytes) throw modelError(path, wrongSize(path, size, model));
    paths[model.role] = path;
  }
  return paths as ModelPaths;
}

/**
 * {@link modelPaths}, with every byte checked. This is what to call before the files
 * are handed to the native code: it deserialises them without doubt, so a damaged or forged file must not reach it.
 * Costs about 0.1 s for 32 MB.
 *
 * @throws FaceError as {@link modelPaths} and {@link checkModel} do.
 */
export async function verifyModels(
  folder?: string,
  signal?: AbortSignal,
  manifest: ModelManifest = modelManifest(),
): Promise<ModelPaths> {
  const paths = modelPaths(folder, manifest);
  await Promise.all(manifest.models.map((model) => checkModel(paths[model.role], model, signal)));
  return paths;
}
