import { readFile, stat } from 'node:fs/promises';
import { FaceError, factsOf } from '../base/errors';
import type { PhotoProblem } from '../base/photo-problem';
import { writeFileAtomically } from '../system/atomic-file';
import { encodeFileName, hasUndecodedBytes } from '../system/file-name';

/** A list is a few hundred bytes a photo: nobody's is this long. */
const LONGEST_LIST = 1 << 28;

/**
 * Makes sure that what is in the place of a list is an earlier one, or empty: anything else would be lost.
 * @throws FaceError FACE_IO
 */
export async function checkReplaceable(file: string): Promise<void> {
  const { size } = (await stat(file).catch(() => undefined)) ?? { size: 0 };
  if (size === 0) return;
  const text = size > LONGEST_LIST ? '' : await readFile(file, 'utf8').catch(() => '');
  if (text !== '' && text.trimEnd().split('\n').every(isLine)) return;
  throw new FaceError(
    'FACE_IO',
    `The list of errors would replace ${file}, which is something else. Choose another name for it.`,
  );
}

function isLine(line: string): boolean {
  try {
    const { path, code, reason } = JSON.parse(line);
    return [path, code, reason].every((field) => typeof field === 'string');
  } catch {
    return false;
  }
}

/** Lines of JSON, one for each problem; for programs. The file is there, and empty, when there are none. */
export async function writeErrorsFile(file: string, problems: readonly PhotoProblem[]): Promise<void> {
  const text = problems.map((problem) => `${JSON.stringify(toLine(problem))}\n`).join('');
  await writeFileAtomically(file, 'list of errors', (handle) => handle.writeFile(text));
}

/** A path that is not UTF-8 is told twice: in text, with U+FFFD for what is not text, and in bytes. */
function toLine({ path, code, reason, remedy }: PhotoProblem): Record<string, string> {
  const facts = factsOf({ remedy });
  if (!hasUndecodedBytes(path)) return { path, code, reason, ...facts };
  return {
    path: wellFormed(path),
    pathBytes: encodeFileName(path).toString('base64'),
    code,
    reason: wellFormed(reason),
    ...facts,
  };
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
