import { throwIfAborted } from '../../base/errors';
import { writeInResult } from '../publish/in-result';
import type { ClustersData } from './clusters-data';

/** A file of a result. */
export interface ResultFile {
  /** Its place in the result, with `/` between folders. */
  readonly name: string;
  /** Text, as a whole or in pieces, or bytes. */
  readonly content: string | Iterable<string> | Uint8Array;
}

/**
 * Gives a result one more form, such as a table or a page: is told the clusters and where in the result their files are, and
 * gives files. Each is written before the next one is asked for, so that they need not all be in memory.
 */
export type Exporter = (data: ClustersData) => Iterable<ResultFile>;

/**
 * Writes what an exporter gives into the folder `result`.
 * @throws FaceError FACE_IO, FACE_ABORTED
 * @internal
 */
export async function writeExport(
  result: string,
  exporter: Exporter,
  data: ClustersData,
  signal?: AbortSignal,
): Promise<void> {
  for (const { name, content } of exporter(data)) {
    throwIfAborted(signal);
    await writeInResult(result, name, content);
  }
}
