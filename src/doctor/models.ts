import { join } from 'node:path';
import { FaceError, messageOf } from '../errors';
import { findModelsFolder, modelManifest } from '../models';
import { quoted } from '../models/folders';
import { modelProblem } from '../models/verify';
import type { Finding } from './finding';

/** Looks at every byte of every model file. */
export async function checkModels(
  explicit: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  let folder: string;
  try {
    folder = findModelsFolder(explicit);
  } catch (error) {
    if (!(error instanceof FaceError)) throw error;
    const [message, remedy] = messageOf(error).split('\nTo get them (28 MB, once), run: ');
    return { name: 'models', status: 'problem', message: message as string, remedy: remedy ?? '' };
  }
  const files = await Promise.all(
    modelManifest().models.map(async (entry) => {
      const problem = await modelProblem(join(folder, entry.name), entry, signal);
      return {
        name: entry.name,
        bytes: entry.bytes,
        sha256: entry.sha256,
        problem: problem?.message ?? null,
      };
    }),
  );
  const details = { folder, files };
  const wrong = files.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  if (wrong.length > 0) {
    return {
      name: 'models',
      status: 'problem',
      message: wrong.join('\n'),
      remedy: `npx face-cluster-native models --to ${quoted(folder)}`,
      details,
    };
  }
  const sums = files.map(({ name, sha256 }) => `  ${name}  SHA-256 ${sha256}`);
  return {
    name: 'models',
    status: 'ok',
    message: [`${folder}: all ${files.length} intact`, ...sums].join('\n'),
    details,
  };
}
