import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { throwIfAborted } from '../errors';
import type { Patience } from './patience';

/** A download that trying again will not help: the server said no. */
class RefusedError extends Error {}

/** A local file could not be written, so no other source would do better. */
export class DiskError extends Error {}

/**
 * The bytes of `url`, from the first to the last. What has been received is kept in `partFile` and never asked for
 * again: a broken connection goes on where it broke, and so does the next process after a crash. The caller removes
 * `partFile` when the content turns out to be good, or bad.
 *
 * Stops the transfer when the caller stops reading.
 *
 * @throws the signal's abort error, {@link DiskError}, or an Error that says why the source failed.
 */
export async function* resumableBytes(
  url: string,
  partFile: string,
  patience: Patience,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await openPart(partFile);
  try {
    let offset = 0;
    for await (const chunk of createReadStream(partFile, { highWaterMark: 1 << 18 })) {
      offset += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    for (let failures = 0; ; ) {
      throwIfAborted(signal);
      const before = offset;
      try {
        for await (const chunk of rangeOf(url, offset, patience.idleMs, signal)) {
          await append(file, chunk);
          offset += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        throwIfAborted(signal);
        if (error instanceof RefusedError || error instanceof DiskError) throw error;
        failures = offset > before ? 1 : failures + 1;
        if (failures >= patience.tries) throw new Error(describeNetworkError(error), { cause: error });
        await wait(patience.pauseMs * 2 ** (failures - 1), undefined, signal ? { signal } : {}).catch(
          () => {},
        );
      }
    }
  } finally {
    await file.close();
  }
}

/** The bytes of `url` from `offset` on, over one connection. Throws when it breaks off early. */
async function* rangeOf(
  url: string,
  offset: number,
  idleMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  const idle = new AbortController();
  const timer = setTimeout(
    () => idle.abort(new Error(`nothing received for ${Math.round(idleMs / 1000)} s`)),
    idleMs,
  );
  try {
    const response = await fetch(url, {
      // Byte positions must mean bytes of the file, not of a compressed transfer.
      headers: { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
      signal: signal ? AbortSignal.any([signal, idle.signal]) : idle.signal,
    });
    // All that there is has been received: the file ends at `offset`.
    if (response.status === 416 && response.headers.get('content-range') === `bytes */${offset}`) return;
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      const message = `HTTP ${response.status} ${response.statusText}`.trim();
      // 408 and 429 ask for patience, 5xx is the server's bad moment; everything else stays as it is.
      const passing = response.status >= 500 || response.status === 408 || response.status === 429;
      throw passing ? new Error(message) : new RefusedError(message);
    }
    // A server that does not know ranges sends everything again.
    let skip = response.status === 206 ? 0 : offset;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    let received = 0;
    for await (const piece of response.body) {
      timer.refresh();
      received += piece.byteLength;
      const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).subarray(skip);
      skip -= piece.byteLength - chunk.length;
      if (chunk.length > 0) yield chunk;
    }
    if (Number.isFinite(length) && received < length) {
      throw new Error(`the connection ended after ${received} of ${length} bytes`);
    }
  } finally {
    clearTimeout(timer);
    // Ends the transfer when the caller has seen enough.
    idle.abort();
  }
}

async function openPart(partFile: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(partFile), { recursive: true });
    return await open(partFile, 'a');
  } catch (cause) {
    throw diskError(cause, dirname(partFile));
  }
}

async function append(file: FileHandle, chunk: Buffer): Promise<void> {
  try {
    await file.writeFile(chunk);
  } catch (cause) {
    throw diskError(cause);
  }
}

/** Says in plain words why `folder` can't be written to. */
export function diskError(cause: unknown, folder?: string): DiskError {
  const { code, message, path } = cause as NodeJS.ErrnoException;
  const where = folder ?? path ?? 'the folder';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DiskError('The disk is full; the model files need about 65 MB while they are fetched.', {
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new DiskError(`${where} may not be written to (${code}).`, { cause });
  }
  return new DiskError(message, { cause });
}

/** `fetch` says no more than "fetch failed"; what happened is in its cause. */
function describeNetworkError(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest instanceof Error
    ? deepest.message || (deepest as NodeJS.ErrnoException).code || deepest.name
    : String(deepest);
}

/** Removes `partFile` if it is there. */
export async function discard(partFile: string): Promise<void> {
  await rm(partFile, { force: true });
}

/** Size of a file, 0 when there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
