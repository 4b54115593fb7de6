import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fsPath } from './file-name';

/** 64 hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** {@link sha256} of all bytes of a file; `undefined` if it can't be read. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    const bytes = createReadStream(fsPath(path), { highWaterMark: 1 << 20 });
    for await (const chunk of bytes) hash.update(chunk as Buffer);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
