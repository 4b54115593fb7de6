import { getHeapStatistics } from 'node:v8';
import { invalidPickle, pickleOutOfMemory } from './problems';

/**
 * Small pieces share a buffer of this size: a buffer of its own costs each about 300 bytes and a microsecond. Small,
 * because whoever posts one array to another thread copies the whole buffer it lies in.
 */
const SLAB_SIZE = 1 << 16;
const LARGEST_SMALL = SLAB_SIZE / 4;
/** Files that are made of nothing but data need less than two: once for the text, once for the bytes of an array. */
const ALLOWANCE_PER_FILE_BYTE = 4;

/** The memory for a pickle's binary data. */
export class BinaryMemory {
  private allowance: number;
  private slab = new ArrayBuffer(0);
  private used = 0;

  constructor(fileSize: number) {
    this.allowance = 1024 + ALLOWANCE_PER_FILE_BYTE * fileSize;
  }

  /**
   * `size` zeroed bytes, 8-byte aligned. `offset` is the place in the file, for errors.
   *
   * @throws FACE_PICKLE_INVALID if it adds up to many times the size of the file, FACE_OUT_OF_MEMORY.
   */
  allocate(size: number, offset: number): Uint8Array {
    this.allowance -= size;
    if (this.allowance < 0) {
      throw invalidPickle(
        offset,
        'the same data is unfolded again and again, to many times the size of the file',
      );
    }
    try {
      if (size > LARGEST_SMALL) return new Uint8Array(size);
      if (this.used + size > this.slab.byteLength) {
        this.slab = new ArrayBuffer(SLAB_SIZE);
        this.used = 0;
      }
      const bytes = new Uint8Array(this.slab, this.used, size);
      this.used += (size + 7) & ~7;
      return bytes;
    } catch (error) {
      throw pickleOutOfMemory(offset, error);
    }
  }
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
