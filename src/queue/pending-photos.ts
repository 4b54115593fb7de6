import type { FaceErrorCode } from '../base/errors';
import type { PhotoId } from '../base/ids';
import type { EncodePhotoOptions, PhotoEncoder, PhotoOutcome, PhotoToEncode } from '../encode/encode-photo';
import type { PhotoResult } from '../encode/journal/records';
import type { PhotoEntry, PhotoIdentity } from '../encode/photo-store';
import { estimatedPixels } from '../photos/largest-first';

/** A photo whose content is looked at, maybe by another name. */
export interface WaitingPhoto<T> {
  readonly photo: T;
  readonly identity: PhotoIdentity;
}

/** A content that is looked at, and the photos that have it: at least one. */
export interface Pending<T> {
  readonly content: PhotoId;
  readonly waiting: WaitingPhoto<T>[];
  /** Length of the file. */
  readonly bytes: number;
  readonly pixels: number;
  /** The job that it is in. */
  job: string | undefined;
  /** How many workers could not look at it. */
  refusals: number;
  /** Whether only what is missing is measured. */
  readonly isPart: boolean;
  /** Its file, as long as that is at hand. */
  data: Uint8Array | undefined;
}

/** Path of the photo that is looked at, of those with this content. */
export function pathOf({ waiting }: Pending<unknown>): string {
  return (waiting[0] as WaitingPhoto<unknown>).identity.path;
}

/** The photos that nothing has come of yet, by their contents, and what becomes of them: each settles all photos of its content. */
export class PendingPhotos<T extends PhotoToEncode> {
  readonly #pending = new Map<PhotoId, Pending<T>>();
  /** Of those that are done: how many pixels they were thought to have, by their files, and have. */
  #estimated = 0;
  #measured = 0;

  /** @param local says what is known of a photo */
  constructor(
    private readonly encode: EncodePhotoOptions,
    private readonly local: PhotoEncoder,
    private readonly onOutcome: (photo: T, outcome: PhotoOutcome) => void,
  ) {}

  get size(): number {
    return this.#pending.size;
  }

  /** How many times as many pixels photos have as they were thought to have. */
  get pixelsPerEstimated(): number {
    return this.#measured > 0 ? this.#measured / this.#estimated : 1;
  }

  get(content: PhotoId): Pending<T> | undefined {
    return this.#pending.get(content);
  }

  /** Whether nothing has come of it yet. */
  has(pending: Pending<T>): boolean {
    return this.#pending.get(pending.content) === pending;
  }

  /** @returns what is to be put on the queue, if its content is not known and not there yet */
  async offer(
    waiting: WaitingPhoto<T>,
    bytes: number,
    data: Uint8Array | undefined,
  ): Promise<Pending<T> | undefined> {
    const { store, mirror, maxPixels } = this.encode;
    const { photo, identity } = waiting;
    const { content, path } = identity;
    const known = this.local.known(path, content);
    if (known) {
      await store.recognize(identity);
      this.onOutcome(photo, known);
      return undefined;
    }
    // From here on nothing is waited for: a copy that is offered meanwhile has to find it.
    const there = this.#pending.get(content);
    if (there) {
      there.waiting.push(waiting);
      return undefined;
    }
    const entry = store.entry(content);
    const isPart = entry !== undefined && !entry.problem && mirror && entry.width * entry.height <= maxPixels;
    const pending: Pending<T> = {
      content,
      waiting: [waiting],
      bytes,
      pixels: estimatedPixels({ path, bytes, index: 0 }),
      job: undefined,
      refusals: 0,
      isPart,
      data,
    };
    this.#pending.set(content, pending);
    return pending;
  }

  /** Leaves photos to somebody else: this computer, or the next run. */
  leave(photos: readonly Pending<T>[]): void {
    for (const { content } of photos) this.#pending.delete(content);
  }

  /**
   * @param path of the one that was looked at, of those that have this content
   * @returns what is to be put on the queue anew
   */
  async settle(pending: Pending<T>, path: string, result: PhotoResult): Promise<Pending<T>[]> {
    const { content, waiting, isPart } = pending;
    const { store } = this.encode;
    const first = this.#take(pending, path);
    const entry = await store.add(first.identity, result);
    if (result.problem) {
      this.#tellProblem(first, content, result.problem.code, result.problem.reason);
      return this.#offerOthers(pending);
    }
    this.#estimated += pending.pixels;
    this.#measured += entry.width * entry.height;
    this.onOutcome(first.photo, { content, entry, known: false, measured: isPart });
    for (const { photo, identity } of waiting) {
      await store.recognize(identity);
      this.onOutcome(photo, { content, entry, known: true });
    }
    return [];
  }

  /** What was known, or came to be known, is the answer. */
  async settleKnown(pending: Pending<T>): Promise<void> {
    const { content, waiting } = pending;
    this.#pending.delete(content);
    for (const { photo, identity } of waiting) {
      await this.encode.store.recognize(identity);
      const known = this.local.known(identity.path, content);
      if (known) this.onOutcome(photo, known);
    }
  }

  /** What is known of a photo of which something is missing is worth more than what could not be added to it. */
  async settleAsItWas({ content, waiting }: Pending<T>): Promise<void> {
    const { store } = this.encode;
    this.#pending.delete(content);
    for (const { photo, identity } of waiting) {
      await store.recognize(identity);
      this.onOutcome(photo, { content, entry: store.entry(content) as PhotoEntry, known: true });
    }
  }

  /**
   * @param path of the one that it is about, of those that have this content
   * @returns what is to be put on the queue anew
   */
  async settleProblem(
    pending: Pending<T>,
    code: FaceErrorCode,
    reason: string,
    path?: string,
  ): Promise<Pending<T>[]> {
    this.#tellProblem(this.#take(pending, path), pending.content, code, reason);
    return this.#offerOthers(pending);
  }

  /** All photos with this content end who looks at them. */
  settleLost(pending: Pending<T>): void {
    for (const waiting of pending.waiting) {
      const reason = `Looking at the photo "${waiting.identity.path}" ended the program that did it, on each attempt.`;
      this.#tellProblem(waiting, pending.content, 'FACE_WORKER_LOST', reason);
    }
    this.#pending.delete(pending.content);
  }

  /** Settles a content, and takes out the photo that it was looked at by; the others still wait. */
  #take({ content, waiting }: Pending<T>, path: string | undefined): WaitingPhoto<T> {
    this.#pending.delete(content);
    const at = Math.max(
      0,
      waiting.findIndex(({ identity }) => identity.path === path),
    );
    const [taken] = waiting.splice(at, 1) as [WaitingPhoto<T>];
    return taken;
  }

  #tellProblem(
    { photo, identity }: WaitingPhoto<T>,
    content: PhotoId,
    code: FaceErrorCode,
    reason: string,
  ): void {
    this.onOutcome(photo, { problem: { path: identity.path, code, reason }, content, known: false });
  }

  /** What is wrong with a photo is said of each of those with the same content by its name. */
  async #offerOthers({ waiting, bytes }: Pending<T>): Promise<Pending<T>[]> {
    const anew: Pending<T>[] = [];
    for (const one of waiting) {
      const pending = await this.offer(one, bytes, undefined);
      if (pending) anew.push(pending);
    }
    return anew;
  }
}
