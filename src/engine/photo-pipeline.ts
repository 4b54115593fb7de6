import type { BigIntStats } from 'node:fs';
import type { PhotoId } from '../base/ids';
import type { ImageInput, RawImage } from '../base/types';
import { DEFAULT_MAX_PIXELS, OpenedImage, openBytes } from '../photos/decode';
import { givenImage, type PhotoName, type PhotoSource } from '../photos/given';
import type { PhotoBytes } from '../photos/read';
import { Slots } from '../system/jobs';
import { checkMachineHolds } from '../system/machine-memory';
import { sha256 } from '../system/sha256';
import type { MemoryBudget, Reading } from './memory-budget';
import type { WorkingMemory } from './working-memory';

/** The memory that was taken for the files of photos that have been opened. */
const readings = new WeakMap<OpenedImage, Reading>();

/** A photo whose file has been read. */
export class ReadPhoto {
  /** What the file system said of the file; `undefined` if the file was changed while it was read, or is none. */
  readonly stats: BigIntStats | undefined;
  #bytes: Uint8Array | undefined;

  /** @internal */
  constructor(
    private readonly name: PhotoName,
    private readonly file: Omit<PhotoBytes, 'bytes'>,
    bytes: Uint8Array,
    private readonly reading: Reading,
    private readonly leave: () => void,
  ) {
    this.stats = file.stats;
    this.#bytes = bytes;
  }

  /** All of the file. To be asked for before the photo is opened. */
  get bytes(): Uint8Array {
    return this.#bytes as Uint8Array;
  }

  /** To be asked for before the photo is opened. */
  content(): PhotoId {
    return this.file.content ?? sha256(this.#bytes as Uint8Array);
  }

  /**
   * Finds out how large the photo is, see `openBytes`. Once only: the bytes are the opened photo's from then on, and are
   * let go when it has been decoded.
   */
  async open(maxPixels: number, signal: AbortSignal | undefined): Promise<OpenedImage> {
    const bytes = this.#bytes as Uint8Array;
    this.#bytes = undefined;
    const image = await openBytes(bytes, this.name, maxPixels, signal);
    image.taken ??= this.file.taken ?? null;
    readings.set(image, this.reading);
    return image;
  }

  /** Lets the next photo be read. To be called once, when this one is done with. */
  release(): void {
    this.reading.release();
    this.leave();
  }
}

/**
 * The one way of photos from the disk to work: wait for memory, read, wait for more, decode, work. Decoding runs on the
 * image library's threads and work on an engine's, so one goes on beside the other; of the photos read here twice as many
 * as are worked on are in hand, so that the next is ready when one is done, and no more pile up.
 */
export class PhotoPipeline {
  readonly #slots: Slots;

  /** @param jobs how many photos are worked on at once */
  constructor(
    jobs: number,
    private readonly budget: MemoryBudget,
  ) {
    this.#slots = new Slots(2 * jobs);
  }

  /**
   * Reads a photo's file as soon as it is its turn and there is memory for it. Whoever knows by its content what to make
   * of it need not open it; else it is opened, and {@link run} works on it. It must be released.
   * @throws FaceError as {@link PhotoSource.read} does; FACE_ABORTED
   */
  async read(source: PhotoSource, signal: AbortSignal | undefined): Promise<ReadPhoto> {
    const leave = await this.#slots.enter(signal);
    let reading: Reading | undefined;
    try {
      reading = await this.budget.read(await source.length(), signal);
      const { bytes, ...file } = await source.read(signal);
      return new ReadPhoto(source, file, bytes, reading, leave);
    } catch (error) {
      reading?.release();
      leave();
      throw error;
    }
  }

  /**
   * Calls `work` with the photo's pixels, which are its own from then on, and the bytes that it may take beside them.
   * What the caller has handed over is copied before this returns its promise.
   * @throws FaceError as `decodeImage` does
   */
  async run<T>(
    image: ImageInput | OpenedImage,
    memory: WorkingMemory,
    signal: AbortSignal | undefined,
    work: (pixels: RawImage, bytes: number) => Promise<T>,
  ): Promise<T> {
    if (image instanceof OpenedImage) return this.#run(image, memory, signal, work);
    const given = givenImage(image, DEFAULT_MAX_PIXELS, true);
    if (!('read' in given)) {
      const { data, width, height } = given;
      const copy = { data: new Uint8Array(data), width, height };
      return this.#run(new OpenedImage(width, height, 0, async () => copy), memory, signal, work);
    }
    const photo = await this.read(given, signal);
    try {
      return await this.#run(await photo.open(DEFAULT_MAX_PIXELS, signal), memory, signal, work);
    } finally {
      photo.release();
    }
  }

  async #run<T>(
    opened: OpenedImage,
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
    const admission = await this.budget.admit(need, signal, readings.get(opened));
    try {
      const pixels = await opened.decode(signal);
      admission.decoded();
      return await work(pixels, admission.working);
    } finally {
      admission.release();
    }
  }
}
