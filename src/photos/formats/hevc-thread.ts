/*
 * A thread that decodes one picture. Its memory ends with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../base/errors';
import type { RawImage } from '../../base/types';
import { type CompiledLibHeif, type HeifRequest, LibHeif } from './libheif';

/** What such a thread is started with. */
export interface HevcTask extends HeifRequest {
  readonly compiled: CompiledLibHeif;
}

/** What it sends before it ends. */
export type HevcResult = { readonly image: RawImage } | { readonly error: string };

function resultOf({ compiled, ...request }: HevcTask): HevcResult {
  let library: LibHeif | undefined;
  try {
    library = new LibHeif(compiled);
    return { image: library.decode(request) };
  } catch (error) {
    return { error: library?.lacksMemory ? 'heif: out of memory' : messageOf(error) };
  }
}

const result = resultOf(workerData as HevcTask);
parentPort?.postMessage(result, 'image' in result ? [result.image.data.buffer as ArrayBuffer] : []);
