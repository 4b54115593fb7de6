import { factsOf } from '../base/errors';
import type { PhotoProblem } from '../base/photo-problem';
import { writeFileAtomically } from '../system/atomic-file';
import { encodeFileName, hasUndecodedBytes } from '../system/file-name';

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
