import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaceError } from '../base/errors';

/** What a model file is for. */
export type ModelRole = 'resnet' | 'mmod' | 'landmarks';

/** One model file of `models/manifest.json`. */
export interface ModelEntry {
  /** File name, without a folder. */
  readonly name: string;
  readonly role: ModelRole;
  /** What it does, in a few words. */
  readonly what: string;
  /** Exact size of the file. */
  readonly bytes: number;
  /** SHA-256 of the file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly author: string;
  /** SPDX identifier. */
  readonly licence: string;
}

/** The models this version works with; no others give the Python project's results. */
export interface ModelManifest {
  readonly models: readonly ModelEntry[];
}

/** The package's own `models` folder; holds `manifest.json` and, in a package or after set-up, the model files. */
export const PACKAGE_MODELS_FOLDER = resolve(__dirname, '..', '..', 'models');

let shipped: ModelManifest | undefined;

/** The manifest that comes with this package. */
export function modelManifest(): ModelManifest {
  if (shipped === undefined) {
    const file = join(PACKAGE_MODELS_FOLDER, 'manifest.json');
    try {
      shipped = JSON.parse(readFileSync(file, 'utf8')) as ModelManifest;
    } catch (cause) {
      throw new FaceError('FACE_IO', `The package is incomplete: ${file} could not be read.`, {
        cause,
        path: file,
        remedy: 'Install face-cluster-native again.',
      });
    }
  }
  return shipped;
}
