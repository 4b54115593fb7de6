import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaceError } from '../errors';

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

/** Where model files come from. */
export type ModelSource =
  /** One gzipped tar archive that holds all files in `folder`. */
  | { readonly kind: 'tarball'; readonly url: string; readonly folder: string }
  /** One bzip2 file per model; `{name}` in `url` stands for the model's file name. */
  | { readonly kind: 'bzip2'; readonly url: string };

/** The models this version works with, and where to get them, best source first. */
export interface ModelManifest {
  readonly models: readonly ModelEntry[];
  readonly sources: readonly ModelSource[];
}

/** The package's own `models` folder; holds `manifest.json` and, in a checkout, the model files. */
export const PACKAGE_MODELS_FOLDER = resolve(__dirname, '..', '..', 'models');

let shipped: ModelManifest | undefined;

/** The manifest that comes with this package. */
export function modelManifest(): ModelManifest {
  if (shipped === undefined) {
    const file = join(PACKAGE_MODELS_FOLDER, 'manifest.json');
    try {
      shipped = JSON.parse(readFileSync(file, 'utf8')) as ModelManifest;
    } catch (cause) {
      throw new FaceError(
        'FACE_IO',
        `The package is incomplete: ${file} could not be read. Install face-cluster-native again.`,
        { cause },
      );
    }
  }
  return shipped;
}
