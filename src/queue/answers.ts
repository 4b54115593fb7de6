import { FaceError, type FaceErrorCode } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { type EncodeEngine, PhotoEncoder } from '../encode/encode-photo';
import { type PhotoResult, restoreResult, storeResult } from '../encode/journal/records';
import { entryOf, type PhotoEntry, type PhotoIdentity, type PhotoStore } from '../encode/photo-store';
import type { PhotoPipeline } from '../engine/photo-pipeline';
import type { PhotoSource } from '../photos/given';
import { type Answer, type JobMessage, type JobPhoto, MOST_BYTES, type Terms } from './messages';
import type { PhotoShare } from './photo-share';

export interface AnswerOptions {
  readonly engine: EncodeEngine;
  /** Has photos wait for their turn, those of other jobs, too. */
  readonly pipeline: PhotoPipeline;
  readonly terms: Terms;
  /** Where the photos are; `undefined` if this computer has none. */
  readonly share: PhotoShare | undefined;
}

/** What is wrong with a photo wherever it is looked at; all else may be this computer's trouble. */
const EVERYWHERE: ReadonlySet<FaceErrorCode> = new Set<FaceErrorCode>([
  'FACE_IMAGE_DECODE',
  'FACE_IMAGE_TOO_LARGE',
]);

/**
 * Does a job: looks for the faces on its photos, whose bytes have to be those that the job says.
 * @throws FaceError what concerns more than one photo: a model is damaged, say
 */
export async function answersTo(
  { photos }: JobMessage,
  { engine, pipeline, terms, share }: AnswerOptions,
  signal: AbortSignal | undefined,
): Promise<Answer[]> {
  const store = new JobStore(photos);
  const { settings, mirror, maxPixels } = terms;
  const encoder = new PhotoEncoder({ engine, pipeline, store, settings, mirror, maxPixels });
  const answers = new Map<string, Answer>();
  const toEncode = photos.map((photo) => ({ ...photo, source: sourceOf(photo, share) }));
  // All get into the pipeline's line at once: those of the next job are after them, and are begun when it would have nothing to do.
  const jobs = photos.length;
  await encoder.encodeAll(toEncode, { jobs, signal, stop: undefined }, ({ path, content }, outcome) => {
    const result = store.found(content);
    if (result) answers.set(path, { path, content, result: storeResult(result) });
    else if ('problem' in outcome) {
      const { code, reason } = outcome.problem;
      const fault = { code, reason };
      answers.set(path, {
        path,
        content,
        ...(EVERYWHERE.has(code) ? { problem: fault } : { refused: fault }),
      });
    }
  });
  return photos.flatMap(({ path }) => answers.get(path) ?? []);
}

/** What reads a photo of a job; all that is said of it calls it as the coordinator does. */
function sourceOf(photo: JobPhoto, share: PhotoShare | undefined): PhotoSource {
  const { path, bytes, within, data } = photo;
  return {
    path,
    label: `"${path}"`,
    length: async () => bytes,
    read: async (signal) => ({ bytes: await read(signal), stats: undefined }),
  };

  async function read(signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (data !== undefined) return Buffer.from(data, 'base64');
    if (share === undefined || within === undefined || bytes > MOST_BYTES) {
      throw new FaceError('FACE_IMAGE_NOT_FOUND', 'This worker has no folder with photos.', {
        remedy: 'Give it one with --photos.',
      });
    }
    return (await share.read(within, bytes, signal)).bytes;
  }
}

/** What is known of the photos of a job, and what comes of them. */
class JobStore implements PhotoStore {
  readonly #results = new Map<PhotoId, PhotoResult>();
  readonly #found = new Map<PhotoId, PhotoResult>();
  readonly #paths = new Map<PhotoId, string>();

  constructor(photos: readonly JobPhoto[]) {
    for (const { path, content, known } of photos) {
      this.#paths.set(content, path);
      if (known) this.#results.set(content, restoreResult(known));
    }
  }

  found(content: PhotoId): PhotoResult | undefined {
    return this.#found.get(content);
  }

  entry(content: PhotoId): PhotoEntry | undefined {
    const result = this.#results.get(content);
    return result && entryOf(this.#paths.get(content) as string, result);
  }

  async result(content: PhotoId): Promise<PhotoResult> {
    return this.#results.get(content) as PhotoResult;
  }

  async add({ content, path }: PhotoIdentity, result: PhotoResult): Promise<PhotoEntry> {
    this.#results.set(content, result);
    this.#found.set(content, result);
    return entryOf(path, result);
  }

  /** Nothing new: what was known is the answer. */
  async recognize({ content }: PhotoIdentity): Promise<void> {
    this.#found.set(content, this.#results.get(content) as PhotoResult);
  }
}
