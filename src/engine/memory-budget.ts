import { WaitingLine } from '../system/jobs';
import { checkMaxMemory, memoryForPhotos } from '../system/machine-memory';

/** What a photo takes while it is in hand, in bytes. */
export interface MemoryNeed {
  /** Its pixels, from when they are decoded to the end. */
  readonly pixels: number;
  /** Beside them, while they are decoded. */
  readonly decoding: number;
  /** Beside them, while the photo is worked on: it can be done with as little as `least`, and fastest with `most`. */
  readonly least: number;
  readonly most: number;
}

/** Memory for a photo's file, taken before it is read. */
export interface Reading {
  /** The file's bytes are let go, or counted in an {@link Admission}. May be called more than once. */
  release(): void;
}

/** A photo's permission to take memory. */
export interface Admission {
  /** Bytes that working on the photo may take: from `least` to `most` of its need. */
  readonly working: number;
  /** The photo has been decoded, and now waits or is worked on. */
  decoded(): void;
  /** The photo is done with. */
  release(): void;
}

interface InHand {
  readonly need: MemoryNeed;
  readonly working: number;
  decoding: boolean;
}

/** Who waits for memory that several budgets share, and the budgets that have photos in hand. */
class SharedMemory {
  readonly waiting = new WaitingLine();
  readonly waitingToRead = new WaitingLine();
  readonly inUse = new Set<MemoryBudget>();
}

const PROCESS = new SharedMemory();

/**
 * The budget of somebody in this process who wants no more than `maxMemory` bytes to be taken by all of it; the default is
 * that of `EngineOptions`.
 * @param workers how many photos are worked on at once
 * @throws FaceError FACE_INVALID_ARGUMENT
 */
export function processBudget(maxMemory: number | undefined, workers: number): MemoryBudget {
  return new MemoryBudget(memoryForPhotos(checkMaxMemory(maxMemory)), workers, PROCESS);
}

/**
 * Lets photos in as long as the memory for them lasts, first come first served. Of the photos in hand only `workers`
 * are worked on at once; the others are decoded meanwhile, or wait with their pixels ready. So what counts is all
 * photos' pixels, and what working takes for the `workers` that need most; workers keep up to {@link share} each of the
 * memory that they have worked with.
 *
 * What a photo needs is known when its file has been read, so that a photo comes twice: for its file, and then for the
 * rest. Files that have been read and wait for the rest take a {@link share} together, or are one; they go before files
 * that are yet to be read.
 *
 * A photo that needs more than there is gets in when it is the only one, with the least that it can be done with: the
 * limit is exceeded by one photo at a time, and no photo is left out.
 *
 * Budgets that share their memory have one queue, and each lets its photos in as long as those of all of them do not
 * exceed its own limit. What idle workers have kept is not counted.
 */
export class MemoryBudget {
  readonly #reading = new Map<Reading, number>();
  readonly #inHand = new Set<InHand>();
  /** What each worker may have kept from earlier photos. */
  #kept = 0;

  /**
   * @param limit bytes for all photos in hand
   * @param workers how many photos are worked on at once
   * @param shared with these budgets; by default with none
   */
  constructor(
    private readonly limit: number,
    private readonly workers: number,
    private readonly shared = new SharedMemory(),
  ) {}

  /** Bytes: an equal share for each photo that is worked on, and one for those that wait. */
  get share(): number {
    return Math.floor(this.limit / (this.workers + 1));
  }

  /** Waits until there is room for a photo's file. @throws FaceError FACE_ABORTED */
  read(bytes: number, signal?: AbortSignal): Promise<Reading> {
    const { waiting, waitingToRead, inUse } = this.shared;
    const take = () => {
      if (!waiting.isEmpty || !this.#hasRoomToRead(bytes)) return undefined;
      const reading: Reading = {
        release: () => {
          if (this.#reading.delete(reading)) this.#next();
        },
      };
      this.#reading.set(reading, bytes);
      inUse.add(this);
      return reading;
    };
    return waitingToRead.enter(take, signal).finally(() => this.#next());
  }

  /**
   * Waits until there is room for a photo.
   * @param reading that of its file, which is in `need.decoding`, too; released here
   * @throws FaceError FACE_ABORTED
   */
  admit(need: MemoryNeed, signal?: AbortSignal, reading?: Reading): Promise<Admission> {
    const photo: InHand = { need, working: this.#workingFor(need), decoding: true };
    const take = () => (this.#hasRoom(photo, reading) ? this.#enter(photo, reading) : undefined);
    return this.shared.waiting.enter(take, signal).finally(() => this.#next());
  }

  #enter(photo: InHand, reading: Reading | undefined): Admission {
    if (reading) this.#reading.delete(reading);
    this.#inHand.add(photo);
    this.shared.inUse.add(this);
    if (photo.working <= this.share) this.#kept = Math.max(this.#kept, photo.working);
    return {
      working: photo.working,
      decoded: () => {
        photo.decoding = false;
        this.#next();
      },
      release: () => {
        this.#inHand.delete(photo);
        this.#next();
      },
    };
  }

  /** Lets the one in who has waited longest, who lets in the next, as far as there is room. */
  #next(): void {
    const { waiting, waitingToRead, inUse } = this.shared;
    if (this.#reading.size + this.#inHand.size === 0) inUse.delete(this);
    (waiting.isEmpty ? waitingToRead : waiting).next();
  }

  #hasRoom(photo: InHand, reading: Reading | undefined): boolean {
    if ([...this.shared.inUse].every((budget) => budget.#inHand.size === 0)) return true;
    const own = reading ? (this.#reading.get(reading) ?? 0) : 0;
    return this.#usedByAll([...this.#inHand, photo]) - own <= this.limit;
  }

  #hasRoomToRead(bytes: number): boolean {
    if (this.#reading.size > 0 && this.#read + bytes > this.share) return false;
    if (this.shared.inUse.size === 0) return true;
    return this.#usedByAll([...this.#inHand]) + bytes <= this.limit;
  }

  /** Bytes of files that wait for the rest of their memory. */
  get #read(): number {
    return sum([...this.#reading.values()]);
  }

  /** @param photos those of this budget */
  #usedByAll(photos: readonly InHand[]): number {
    const others = [...this.shared.inUse].filter((budget) => budget !== this);
    return this.#used(photos) + sum(others.map((budget) => budget.#used([...budget.#inHand])));
  }

  #used(photos: readonly InHand[]): number {
    const held = photos.map(({ need, decoding }) => need.pixels + (decoding ? need.decoding : 0));
    const working = photos.map(({ working }) => working).sort((a, b) => b - a);
    const used = Math.max(sum(working.slice(0, this.workers)), this.workers * this.#kept);
    return this.#read + sum(held) + used;
  }

  /** A photo that does not fit into its share will be the only one anyway, and may have it all. */
  #workingFor({ pixels, least, most }: MemoryNeed): number {
    const room = pixels + least <= this.share ? this.share : this.limit;
    return Math.max(least, Math.min(room - pixels, most));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
