import { types } from 'node:util';
import { checkRawImage, OpenedImage, openImage } from './images/decode';
import { Slots } from './jobs';
import type { MemoryBudget } from './memory-budget';
import type { ImageInput, RawImage } from './types';

/** Bytes that working on a photo of this size may take beside its pixels: with the least it takes longest. */
export type WorkingMemory = (
  width: number,
  height: number,
) => { readonly least: number; readonly most: number };

/**
 * The way of photos from the disk to an engine's threads: read, wait for memory, decode, work. Decoding runs on the
 * image library's threads and work on the engine's, so one goes on beside the other; of the photos read here twice as
 * many as are worked on are in hand, so that the next is ready when one is done, and no more pile up.
 */
export class PhotoIntake {
  readonly #slots: Slots;
  readonly #budget: MemoryBudget;

  constructor(jobs: number, budget: MemoryBudget) {
    this.#slots = new Slots(2 * jobs);
    this.#budget = budget;
  }

  /**
   * Calls `work` with the photo's pixels, which are its own from then on, and the bytes that it may take beside them.
   * What the caller has handed over is copied before this returns its promise.
   * @throws FaceError as `decodeImage` does
   */
  run<T>(
    image: ImageInput | OpenedImage,
    memory: WorkingMemory,
    signal: AbortSignal | undefined,
    work: (pixels: RawImage, bytes: number) => Promise<T>,
  ): Promise<T> {
    const admit = (opened: OpenedImage) => this.#admit(opened, memory, signal, work);
    if (image instanceof OpenedImage) return admit(image);
    if (typeof image === 'string' || types.isUint8Array(image)) {
      const input = typeof image === 'string' ? image : new Uint8Array(image);
      return this.#slots.run(signal, async () => admit(await openImage(input, signal ? { signal } : {})));
    }
    const { data, width, height } = checkRawImage(image);
    const copy = { data: new Uint8Array(data), width, height };
    return admit(new OpenedImage(width, height, 0, async () => copy));
  }

  async #admit<T>(
    opened: OpenedImage,
    memory: WorkingMemory,
    signal: AbortSignal | undefined,
    work: (pixels: RawImage, bytes: number) => Promise<T>,
  ): Promise<T> {
    const { width, height, decodingBytes } = opened;
    const need = { pixels: 3 * width * height, decoding: decodingBytes, ...memory(width, height) };
    const admission = await this.#budget.admit(need, signal);
    try {
      const pixels = await opened.decode(signal);
      admission.decoded();
      return await work(pixels, admission.working);
    } finally {
      admission.release();
    }
  }
}
