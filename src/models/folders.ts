import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { FaceError } from '../base/errors';
import { quoted } from '../system/shell';
import { type ModelManifest, modelManifest, PACKAGE_MODELS_FOLDER } from './manifest';

/**
 * The per-user folder for model files: for packages without them, as one that was built by hand can be. `undefined` for a
 * user without a home.
 */
export function userModelsFolder(
  env: Record<string, string | undefined> = process.env,
  platform: string = process.platform,
): string | undefined {
  const parts = ['face-cluster-native', 'models'];
  if (platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, ...parts);
  if (platform !== 'win32' && platform !== 'darwin' && env.XDG_DATA_HOME) {
    return join(env.XDG_DATA_HOME, ...parts);
  }
  const home = homeFolder();
  if (home === undefined) return undefined;
  if (platform === 'win32') return join(home, 'AppData', 'Local', ...parts);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', ...parts);
  return join(home, '.local', 'share', ...parts);
}

/** `undefined` where HOME is not set and the system does not know the user, as in many containers. */
function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The folders in which model files are looked for, in this order. A folder that the caller or the environment variable
 * `FACE_CLUSTER_MODELS` names is the only one: whoever names a folder wants those files, not similar ones from elsewhere.
 */
export function modelsFolders(explicit?: string): string[] {
  const named = explicit ?? (process.env.FACE_CLUSTER_MODELS || undefined);
  if (named !== undefined) return [resolve(named)];
  const own = userModelsFolder();
  return own === undefined ? [PACKAGE_MODELS_FOLDER] : [PACKAGE_MODELS_FOLDER, own];
}

/**
 * The folder into which models are copied unless the caller says otherwise: `FACE_CLUSTER_MODELS` if set; in a checkout
 * its own `models`; for an installed package the per-user folder, because `node_modules` may be read-only and is emptied
 * by each install, unless there is no per-user folder.
 */
export function defaultModelsFolder(): string {
  if (process.env.FACE_CLUSTER_MODELS) return resolve(process.env.FACE_CLUSTER_MODELS);
  return (isInstalled() ? userModelsFolder() : undefined) ?? PACKAGE_MODELS_FOLDER;
}

/** Where the model files are, or where they were looked for in vain. */
export type ModelsSearch =
  | { readonly folder: string }
  | { /** Each place in a line. */ readonly looked: string; readonly remedy: string };

/** Looks for the first of {@link modelsFolders} that holds every model file: at names only. */
export function searchModels(explicit?: string, manifest: ModelManifest = modelManifest()): ModelsSearch {
  const folders = modelsFolders(explicit);
  let looked = 'Looked in:';
  for (const folder of folders) {
    const missing = manifest.models.filter((model) => !isFile(join(folder, model.name)));
    if (missing.length === 0) return { folder };
    looked += `\n  ${folder} (lacks ${missing.map((model) => model.name).join(', ')})`;
  }
  return { looked, remedy: modelsRemedy(folders[0] as string) };
}

/**
 * The first of {@link modelsFolders} that holds every model file. Looks at names only; `verifyModels` also looks inside.
 *
 * @throws FaceError `FACE_MODEL_MISSING`, naming the folders that were looked in and what mends it.
 */
export function findModelsFolder(explicit?: string, manifest: ModelManifest = modelManifest()): string {
  const found = searchModels(explicit, manifest);
  if ('folder' in found) return found.folder;
  throw new FaceError(
    'FACE_MODEL_MISSING',
    `The model files were not found. ${found.looked}\nTo get them: ${found.remedy}`,
    { remedy: found.remedy },
  );
}

/** What to do when a model file in `folder` is missing or damaged: a command, or a sentence. */
export function modelsRemedy(folder: string): string {
  if (resolve(folder) !== PACKAGE_MODELS_FOLDER)
    return `npx face-cluster-native models --to ${quoted(folder)}`;
  return isInstalled()
    ? 'npm install face-cluster-native (once more: the models are in the package)'
    : 'npm run setup (in this checkout)';
}

/** Whether this is a package in somebody's `node_modules`, not a checkout. */
function isInstalled(): boolean {
  return PACKAGE_MODELS_FOLDER.split(sep).includes('node_modules');
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
