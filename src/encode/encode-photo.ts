import type { PhotoId } from '../base/ids';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { FaceEngine } from '../engine/engine';
import type { PhotoPipeline, ReadPhoto } from '../engine/photo-pipeline';
import { loadSharp } from '../photos/formats/load-sharp';
import { photoAt } from '../photos/given';
import { OneAtATime } from '../system/jobs';
import { programVersion } from '../system/version';
import type { JournalEntry } from './journal/contents';
import type { Journal, PhotoIdentity } from './journal/journal';
import { photoState } from './journal/photo-state';
import type { EncodeSettings } from './journal/settings';

/** What came of one photo. */
export type PhotoOutcome = {
  /** Whether it was there already, from an earlier run or from another photo with the same bytes. */
  readonly known: boolean;
} & (
  | { readonly content: PhotoId; readonly entry: JournalEntry }
  | { readonly content?: PhotoId; readonly problem: PhotoProblem }
);

export interface EncodePhotoOptions {
  readonly engine: Pick<FaceEngine, 'detectAndEncode'>;
  /** What reads the photos; the engine's own, if it has one. */
  readonly pipeline: PhotoPipeline;
  /** Keeps the results of photos, by what their files contain. */
  readonly journal: Pick<Journal, 'entry' | 'add' | 'recognize'>;
  readonly settings: Pick<EncodeSettings, 'method' | 'upsample' | 'numJitters'>;
  readonly maxPixels: number;
}

/** Finds the faces of photos, or what the journal has of them; each result is in the journal before it is told. */
export class PhotoEncoder {
  /** Lets in one photo of each content; the others then find in the journal what came of it. */
  readonly #contents = new OneAtATime();

  constructor(private readonly options: EncodePhotoOptions) {}

  /** What the journal has of a photo with that content. */
  known(path: string, content: PhotoId): PhotoOutcome | undefined {
    const { journal, maxPixels } = this.options;
    const entry = journal.entry(content);
    if (!entry || entry.width * entry.height > maxPixels) return undefined;
    if (!entry.problem) return { content, entry, known: true };
    const { code, reason, by } = entry.problem;
    // Another program may be able to read it; and the reason names the photo.
    if (entry.path !== path || by !== thisReader()) return undefined;
    return { problem: { path, code, reason }, content, known: true };
  }

  /**
   * @param bytes size of the photo's file; 0 if that is not known
   * @throws FaceError what concerns more than this photo, see `problemOf`; that of the journal; FACE_ABORTED
   */
  async encode(path: string, bytes: number, signal: AbortSignal): Promise<PhotoOutcome> {
    const photo = await this.options.pipeline
      .read(photoAt(path, bytes), signal)
      .catch((error: unknown) => problemOf(path, error));
    if ('code' in photo) return { problem: photo, known: false };
    const content = photo.content();
    const leave = await this.#contents.enter(content);
    try {
      const identity = { path, content, state: photo.stats && photoState(photo.stats) };
      return await this.#encode(identity, photo, signal);
    } finally {
      leave();
      photo.release();
    }
  }

  async #encode(identity: PhotoIdentity, photo: ReadPhoto, signal: AbortSignal): Promise<PhotoOutcome> {
    const { engine, journal, settings, maxPixels } = this.options;
    const { path, content } = identity;
    const known = this.known(path, content);
    if (known) {
      await journal.recognize(identity);
      return known;
    }
    const attempt = await photo
      .open(maxPixels, signal)
      .then(async (image) => {
        const faces = await engine.detectAndEncode(image, { ...settings, signal });
        return { ...image.facts, faces, ...(image.warning !== undefined && { warning: image.warning }) };
      })
      .catch((error: unknown) => problemOf(path, error));
    if (!('code' in attempt)) return { content, entry: await journal.add(identity, attempt), known: false };
    // Only what the file's content is known to be to blame for: another attempt would end the same way.
    if (attempt.code === 'FACE_IMAGE_DECODE') {
      const problem = { code: attempt.code, reason: attempt.reason, by: thisReader() };
      await journal.add(identity, { width: 0, height: 0, faces: [], problem });
    }
    return { problem: attempt, content, known: false };
  }
}

/** The program that reads photos, with its versions: another one may read what this one can't. */
function thisReader(): string {
  const { versions } = loadSharp();
  return `face-cluster-native ${programVersion()}, sharp ${versions.sharp}, libvips ${versions.vips}`;
}
