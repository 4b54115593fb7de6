import { setMaxListeners } from 'node:events';
import { abortError, FaceError } from '../base/errors';
import { whyNot } from '../photos/find';
import { type PhotoBytes, readPhoto } from '../photos/read';
import { realPath } from '../system/real-path';
import { fileWithin } from './photo-folder';

/** How long a share may take to answer whatever it is asked … */
export const PATIENCE_MS = 300_000;
/** … and how many bytes it gives in a second at least: a poor wireless network has four times as many. */
const LEAST_BYTES = 256 * 1024;
/** Time is counted in these, as far as the process sees them pass: while it is stopped, or the computer asleep, nobody is late. */
const TICK_MS = 1_000;

/** A share does not answer; see {@link PhotoShare}. */
export class SilentShare extends FaceError {
  constructor(path: string, ms: number) {
    const minutes = Math.max(1, Math.round(ms / 60_000));
    super(
      'FACE_IO',
      `The folder "${path}" has not answered for ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
      { path, remedy: 'Look whether the computer that shares it is running, and at the network.' },
    );
  }
}

/**
 * The folder with a worker's photos, mostly on a share. If its server is gone, whoever asks it for something waits until it is
 * back, and can't take that back: it would keep its photos from others for ever. So all questions have a time. Each that is open holds one
 * of the few threads that decode photos, too: once one is not answered, nothing can be counted on in this process.
 */
export class PhotoShare {
  readonly #silent = new AbortController();
  /** Of the photos that are being read. */
  #bytes = 0;

  private constructor(private folder: string) {
    // One listener for each photo and job in hand is no leak.
    setMaxListeners(0, this.#silent.signal);
  }

  /**
   * @param folder by any name
   * @throws FaceError FACE_IO if it is not there, or does not answer; FACE_ABORTED
   */
  static async open(folder: string, signal: AbortSignal | undefined): Promise<PhotoShare> {
    const share = new PhotoShare(folder);
    const found = realPath(folder).catch((cause: unknown) => {
      throw new FaceError('FACE_IO', `The folder "${folder}" ${whyNot(cause)}.`, {
        cause,
        path: folder,
        remedy: 'Give the folder with the photos by the name that it has on this computer.',
      });
    });
    share.folder = await share.#inTime(found, 0, signal);
    return share;
  }

  /** Its real path. */
  get path(): string {
    return this.folder;
  }

  /**
   * Reads a photo.
   * @param within its place below the folder, with `/`
   * @param bytes how long it has to be
   * @throws FaceError as `fileWithin` and `readPhoto` do; {@link SilentShare}; FACE_ABORTED
   */
  read(within: string, bytes: number, signal: AbortSignal | undefined): Promise<PhotoBytes> {
    const reading = fileWithin(this.folder, within, bytes).then((file) => readPhoto(file, signal));
    return this.#inTime(reading, bytes, signal);
  }

  /**
   * What comes of something that may have to do with the share: if that does not answer, it is not waited for.
   * @throws FaceError {@link SilentShare}; FACE_ABORTED
   */
  async unlessSilent<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    const ends = [this.#silent.signal, ...(signal ? [signal] : [])];
    let giveUp = () => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        const silent = this.#silent.signal;
        giveUp = () => reject(silent.aborted ? silent.reason : abortError(signal as AbortSignal));
        for (const end of ends) end.addEventListener('abort', giveUp);
        if (ends.some(({ aborted }) => aborted)) giveUp();
        work.then(resolve, reject);
      });
    } finally {
      for (const end of ends) end.removeEventListener('abort', giveUp);
    }
  }

  /** @param bytes that the answer has */
  async #inTime<T>(answer: Promise<T>, bytes: number, signal: AbortSignal | undefined): Promise<T> {
    this.#bytes += bytes;
    const ms = PATIENCE_MS + (this.#bytes / LEAST_BYTES) * 1000;
    let left = ms;
    const timer = setInterval(() => {
      left -= TICK_MS;
      if (left <= 0) this.#silent.abort(new SilentShare(this.folder, ms));
    }, TICK_MS);
    try {
      return await this.unlessSilent(answer, signal);
    } finally {
      clearInterval(timer);
      this.#bytes -= bytes;
    }
  }
}
