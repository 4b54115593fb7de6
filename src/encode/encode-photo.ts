import type { PhotoId } from '../base/ids';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { Box } from '../base/types';
import type { FaceEngine } from '../engine/engine';
import { facesOf } from '../engine/faces-of';
import type { PhotoPipeline, ReadPhoto } from '../engine/photo-pipeline';
import type { DecodingStage, OpenedImage } from '../photos/decode';
import { libHeifVersion } from '../photos/formats/libheif';
import { loadSharp } from '../photos/formats/load-sharp';
import { type PhotoSource, photoAt } from '../photos/given';
import { perceptualHash } from '../photos/perceptual-hash';
import { frameIn } from '../photos/video/frame-path';
import { forEachConcurrent, OneAtATime } from '../system/jobs';
import { programVersion } from '../system/version';
import { photoState } from './journal/photo-state';
import type { PhotoResult } from './journal/records';
import type { EncodeChoices } from './journal/settings';
import type { PhotoEntry, PhotoIdentity, PhotoStore } from './photo-store';

/** What came of one photo. */
export type PhotoOutcome = {
  /** Whether it was there already, from an earlier run or from another photo with the same bytes. */
  readonly known: boolean;
  /** Whether its faces were there, and only what was missing was measured of them. */
  readonly measured?: boolean;
} & (
  | { readonly content: PhotoId; readonly entry: PhotoEntry }
  | { readonly content?: PhotoId; readonly problem: PhotoProblem }
);

/**
 * What the job needs of an engine. One that can't `measure` faces that are known looks for them anew where something is missing.
 */
export type EncodeEngine = Pick<FaceEngine, 'detectAndEncode'> & Partial<Pick<FaceEngine, 'measure'>>;

export interface EncodePhotoOptions {
  readonly engine: EncodeEngine;
  /** What reads the photos; the engine's own, if it has one. */
  readonly pipeline: PhotoPipeline;
  readonly store: PhotoStore;
  readonly settings: EncodeChoices;
  /** Whether the faces' mirror images are to be encoded, too. */
  readonly mirror: boolean;
  readonly maxPixels: number;
  /** See `EncodeFacesOptions`. */
  readonly leaveOutFace?: ((photo: PhotoId, box: Box) => boolean) | undefined;
}

/** A photo to find faces on. */
export interface PhotoToEncode {
  readonly path: string;
  /** Size of its file; 0 if that is not known. */
  readonly bytes: number;
  /** What reads it, where that is not the file at `path`. */
  readonly source?: PhotoSource;
  /** What it has to contain, where that is known: another photo that is there by now is none of the job's. */
  readonly content?: PhotoId;
}

/** How the faces of all photos of a job are found: by this process, or by others, too. */
export interface PhotoWork {
  /**
   * Finds the faces of all photos that a source gives, in any order: a list, or a queue that others fill meanwhile.
   * @param options.signal stops at once
   * @param options.stop no photo is begun any more
   * @param onStage is told how far photos are that are opened
   * @throws FaceError what concerns more than one photo; that of the store; FACE_ABORTED
   */
  encodeAll<T extends PhotoToEncode>(
    source: Iterable<T> | AsyncIterable<T>,
    options: { jobs: number; signal: AbortSignal | undefined; stop: AbortSignal | undefined },
    onOutcome: (photo: T, outcome: PhotoOutcome) => void,
    onStage?: (photo: T, stage: DecodingStage) => void,
  ): Promise<void>;
}

/** Finds the faces of photos, or what the store has of them; each result is in the store before it is told. */
export class PhotoEncoder implements PhotoWork {
  /** Lets in one photo of each content; the others then find in the store what came of it. */
  readonly #contents = new OneAtATime();

  constructor(private readonly options: EncodePhotoOptions) {}

  /** What the store has of a photo with that content, if nothing is missing. */
  known(path: string, content: PhotoId): PhotoOutcome | undefined {
    const found = this.#found(path, content);
    return found && this.#isComplete(found) ? found : undefined;
  }

  #found(path: string, content: PhotoId): PhotoOutcome | undefined {
    const { store, maxPixels } = this.options;
    const entry = store.entry(content);
    if (!entry || entry.width * entry.height > maxPixels) return undefined;
    if (!entry.problem) return { content, entry, known: true };
    const { code, reason, by } = entry.problem;
    // Another program may be able to read it; and the reason names the photo.
    if (entry.path !== path || by !== thisReader()) return undefined;
    return { problem: { path, code, reason }, content, known: true };
  }

  #isComplete(outcome: PhotoOutcome): boolean {
    return 'problem' in outcome || outcome.entry.mirrored || !this.options.mirror;
  }

  async encodeAll<T extends PhotoToEncode>(
    source: Iterable<T> | AsyncIterable<T>,
    { jobs, signal, stop }: { jobs: number; signal: AbortSignal | undefined; stop: AbortSignal | undefined },
    onOutcome: (photo: T, outcome: PhotoOutcome) => void,
    onStage?: (photo: T, stage: DecodingStage) => void,
  ): Promise<void> {
    // Twice as many as the engine works on: the others are decoded in the meantime, as far as there is memory for them.
    await forEachConcurrent(source, 2 * jobs, signal, async (photo, _, aborted) => {
      if (stop?.aborted) return;
      onOutcome(photo, await this.encode(photo, aborted, (stage) => onStage?.(photo, stage)));
    });
  }

  /** @throws FaceError what concerns more than this photo, see `problemOf`; that of the store */
  async encode(
    { path, bytes, source = photoAt(path, bytes), content: expected }: PhotoToEncode,
    signal: AbortSignal,
    onStage?: (stage: DecodingStage) => void,
  ): Promise<PhotoOutcome> {
    const { pipeline } = this.options;
    const photo = await pipeline.read(source, signal).catch((error: unknown) => problemOf(path, error));
    if ('code' in photo) return { problem: photo, known: false };
    const content = photo.content();
    if (expected !== undefined && content !== expected) {
      photo.release();
      return { problem: changed(path), known: false };
    }
    const leave = await this.#contents.enter(content);
    try {
      const identity = { path, content, state: photo.stats && photoState(photo.stats) };
      return await this.#encode(identity, photo, signal, onStage);
    } finally {
      leave();
      photo.release();
    }
  }

  async #encode(
    identity: PhotoIdentity,
    photo: ReadPhoto,
    signal: AbortSignal,
    onStage: ((stage: DecodingStage) => void) | undefined,
  ): Promise<PhotoOutcome> {
    const { store, maxPixels, engine } = this.options;
    const { path, content } = identity;
    const found = this.#found(path, content);
    if (found && this.#isComplete(found)) return this.#recognize(identity, found);
    const before = found && engine.measure ? await store.result(content) : undefined;
    const attempt = await photo
      .open(maxPixels, signal)
      .then((image) => {
        image.onStage = onStage;
        return this.#resultOf(image, before, signal);
      })
      .catch((error: unknown) => problemOf(path, error));
    if (!('code' in attempt)) {
      const entry = await store.add(identity, this.#withoutLeftOut(content, attempt));
      return { content, entry, known: false, measured: before !== undefined };
    }
    // It could be read once, and what came of that is worth more than what could not be added to it.
    if (found) return this.#recognize(identity, found);
    // Only what the file's content is known to be to blame for: another attempt would end the same way.
    if (attempt.code === 'FACE_IMAGE_DECODE' && !frameIn(path)) {
      const problem = { code: attempt.code, reason: attempt.reason, by: thisReader() };
      await store.add(identity, { width: 0, height: 0, faces: [], problem });
    }
    return { problem: attempt, content, known: false };
  }

  #withoutLeftOut(photo: PhotoId, result: PhotoResult): PhotoResult {
    const { leaveOutFace } = this.options;
    if (!leaveOutFace) return result;
    return { ...result, faces: result.faces.filter(({ box }) => !leaveOutFace(photo, box)) };
  }

  async #recognize(identity: PhotoIdentity, outcome: PhotoOutcome): Promise<PhotoOutcome> {
    await this.options.store.recognize(identity);
    return outcome;
  }

  /** What is on the photo; of the faces that are known from `before` only what is missing is measured. */
  async #resultOf(
    image: OpenedImage,
    before: PhotoResult | undefined,
    signal: AbortSignal,
  ): Promise<PhotoResult> {
    const { engine, settings, mirror } = this.options;
    const look: { hash?: string } = {};
    image.onPixels = (pixels) => {
      const hash = perceptualHash(pixels);
      if (hash !== undefined) look.hash = hash;
    };
    if (!before || !engine.measure) {
      const found = await facesOf(image, engine, { ...settings, mirror, confirm: true, signal });
      return { ...found, ...look };
    }
    const { method, numJitters } = settings;
    // Those that it was asked of were asked of together.
    const confirm = method === 'hog' && before.faces.every(({ confirmed }) => confirmed === undefined);
    const measures = await engine.measure(image, before.faces, { numJitters, mirror, confirm, signal });
    return { ...before, ...look, faces: before.faces.map((face, i) => ({ ...face, ...measures[i] })) };
  }
}

function changed(path: string): PhotoProblem {
  const reason = `The photo "${path}" is not the one that it was: it was replaced or edited meanwhile.`;
  return { path, code: 'FACE_IMAGE_CHANGED', reason };
}

/** The program that reads photos, with its versions: another one may read what this one can't. */
export function thisReader(): string {
  const { versions } = loadSharp();
  const libraries = `sharp ${versions.sharp}, libvips ${versions.vips}, libheif-js ${libHeifVersion()}`;
  return `face-cluster-native ${programVersion()}, ${libraries}`;
}
