import { getHeapStatistics } from 'node:v8';
import { invalidPickle, pickleOutOfMemory } from './refusals';

/**
 * Small pieces share a buffer of this size: a buffer of its own costs each about 300 bytes and a microsecond. Small,
 * because whoever posts one array to another thread copies the whole buffer it lies in.
 */
const SLAB_SIZE = 1 << 16;
export const LARGEST_SMALL = SLAB_SIZE / 4;
/** Files that are made of nothing but data need less than two: once for the text, once for the bytes of an array. */
const BINARY_PER_FILE_BYTE = 4;
/**
 * Objects take more memory than their bytes in the file: an encodings file's up to 10 times as much, where they are
 * smallest (128 numbers of two bytes each). A single byte can ask for a dict, though, of 200.
 */
const OBJECTS_PER_FILE_BYTE = 32;
/** So much is harmless, however small the file. */
const HARMLESS = 16 << 20;

/** Estimates of what objects take on V8's heap, in bytes; see {@link Allowance.charge}. */
export const COST = { list: 48, item: 16, dict: 200, pair: 64, view: 112, array: 256, memo: 48 } as const;

/** How much memory a pickle may take for what it holds: all of it together is bounded by a multiple of the file's size. */
export class Allowance {
  private binaryAllowance: number;
  private objectAllowance: number;
  private slab = new ArrayBuffer(0);
  private used = 0;
  /** Slabs made beforehand. */
  private readonly spare: ArrayBuffer[] = [];
  private expected = 0;

  constructor(fileSize: number) {
    this.binaryAllowance = 1024 + BINARY_PER_FILE_BYTE * fileSize;
    this.objectAllowance = HARMLESS + OBJECTS_PER_FILE_BYTE * fileSize;
  }

  /**
   * Makes slabs for small pieces of `size` bytes in all. Meant for the time before anything is built: V8 collects
   * garbage for every 64 MB of new buffers, and on a heap full of faces that takes half a second each time.
   *
   * @throws FACE_OUT_OF_MEMORY
   */
  expect(size: number, offset: number): void {
    try {
      for (; this.expected + SLAB_SIZE <= size; this.expected += SLAB_SIZE) {
        this.spare.push(new ArrayBuffer(SLAB_SIZE));
      }
    } catch (error) {
      throw pickleOutOfMemory(offset, error);
    }
  }

  /**
   * `size` zeroed bytes, 8-byte aligned. `offset` is the place in the file, for errors.
   *
   * @throws FACE_PICKLE_INVALID if it adds up to many times the size of the file, FACE_OUT_OF_MEMORY.
   */
  allocate(size: number, offset: number): Uint8Array {
    this.binaryAllowance -= size;
    if (this.binaryAllowance < 0) throw unfolded(offset);
    this.charge(COST.view, offset);
    try {
      if (size > LARGEST_SMALL) return new Uint8Array(size);
      if (this.used + size > this.slab.byteLength) {
        this.slab = this.spare.pop() ?? new ArrayBuffer(SLAB_SIZE);
        this.used = 0;
      }
      const bytes = new Uint8Array(this.slab, this.used, size);
      this.used += (size + 7) & ~7;
      return bytes;
    } catch (error) {
      throw pickleOutOfMemory(offset, error);
    }
  }

  /**
   * To be called before objects of about `size` bytes are made that are not in proportion to an instruction's bytes.
   *
   * @throws FACE_PICKLE_INVALID if it adds up to many times the size of the file.
   */
  charge(size: number, offset: number): void {
    this.objectAllowance -= size;
    if (this.objectAllowance < 0) throw unfolded(offset);
  }
}

function unfolded(offset: number): Error {
  return invalidPickle(offset, 'what the file unfolds to takes many times the size of the file');
}

/**
 * Above this share of V8's heap limit no more is built: near the limit V8 ends the process, which nothing can catch.
 * The limit that V8 reports contains room for young objects, where what is kept can't go.
 */
const HEAP_SHARE = 0.7;
const YOUNG_GENERATION = 48 << 20;

/** Throws FACE_OUT_OF_MEMORY while it can still be thrown. A microsecond; call it every few ten thousand objects. */
export function checkHeap(offset: number): void {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  if (used > HEAP_SHARE * (limit - YOUNG_GENERATION)) throw pickleOutOfMemory(offset);
}
