import type { ImageInput, RawImage } from '../base/types';
import { imageOf, OpenedImage, PhotoSource } from '../photos/decode';
import { Slots } from '../system/jobs';
import { checkMachineHolds } from '../system/machine-memory';
import type { MemoryBudget, Reading } from './memory-budget';

/** Bytes that working on a photo of this size may take beside its pixels: with the least it takes longest. */
export type WorkingMemory = (
  width: number,
  height: number,
) => { readonly least: number; readonly most: number };

/**
 * The way of photos from the disk to an engine's threads: wait for memory, read, wait for more, decode, work. Decoding
 * runs on the image library's threads and work on the engine's, so one goes on beside the other; of the photos read here
 * twice as many as are worked on are in hand, so that the next is ready when one is done, and no more pile up.
 */
export class PhotoPipeline {
  readonly #slots: Slots;
  readonly #budget: MemoryBudget;

  constructor(jobs: number, budget: MemoryBudget) {
    this.#slots = new Slots(2 * jobs);
    this.#budget = budget;
  }

  /**
   * Calls `work` with the photo's pixels, which are its own from then on, and the bytes that it may take beside them.
   * What the caller has handed over is copied before this returns its promise.
   * @param image a {@link PhotoSource} is read as soon as there is memory for it: who hands many over sees to it that no
   *   more than are useful wait here
   * @throws FaceError as `decodeImage` does
   */
  run<T>(
    image: ImageInput | PhotoSource | OpenedImage,
    memory: WorkingMemory,
    signal: AbortSignal | undefined,
    work: (pixels: RawImage, bytes: number) => Promise<T>,
  ): Promise<T> {
    const admit = (opened: OpenedImage, reading?: Reading) =>
      this.#admit(opened, reading, memory, signal, work);
    if (image instanceof OpenedImage) return admit(image);
    const read = async (file: PhotoSource) => {
      const reading = await this.#budget.read(await file.length(), signal);
      try {
        return await admit(await file.open(signal), reading);
      } finally {
        reading.release();
      }
    };
    if (image instanceof PhotoSource) return read(image);
    const given = imageOf(image, { copy: true });
    if (given instanceof PhotoSource) return this.#slots.run(signal, () => read(given));
    const { data, width, height } = given;
    const copy = { data: new Uint8Array(data), width, height };
    return admit(new OpenedImage(width, height, 0, async () => copy));
  }

  async #admit<T>(
    opened: OpenedImage,
    reading: Reading | undefined,
    memory: WorkingMemory,
    signal: AbortSignal | undefined,
    work: (pixels: RawImage, bytes: number) => Promise<T>,
  ): Promise<T> {
    const { width, height, decodingBytes } = opened;
    const need = { pixels: 3 * width * height, decoding: decodingBytes, ...memory(width, height) };
    checkMachineHolds(
      need.pixels + need.least,
      `Looking for faces on this photo of ${width} x ${height} pixels`,
    );
    const admission = await this.#budget.admit(need, signal, reading);
    try {
      const pixels = await opened.decode(signal);
      admission.decoded();
      return await work(pixels, admission.working);
    } finally {
      admission.release();
    }
  }
}
