import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fsPath } from './file-name';

/** 64 hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** {@link sha256} of all bytes of a file. @throws the system's error; an AbortError */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const bytes = createReadStream(fsPath(path), { highWaterMark: 1 << 20, ...(signal && { signal }) });
  for await (const chunk of bytes) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
