import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** 64 hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** {@link sha256} of all bytes of a file. Rejects with the system's error. */
export async function sha256OfFile(path: string | Buffer): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
