import { abortError, throwIfAborted } from './errors';

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

/**
 * Lets photos in as long as the memory for them lasts, first come first served. Of the photos in hand only `workers`
 * are worked on at once; the others are decoded meanwhile, or wait with their pixels ready. So what counts is all
 * photos' pixels, and what working takes for the `workers` that need most; workers keep up to {@link share} each of the
 * memory that they have worked with.
 *
 * A photo that needs more than there is gets in when it is the only one, with the least that it can be done with: the
 * limit is exceeded by one photo at a time, and no photo is left out.
 */
export class MemoryBudget {
  readonly #limit: number;
  readonly #workers: number;
  readonly #inHand = new Set<InHand>();
  /** What each worker may have kept from earlier photos. */
  #kept = 0;
  readonly #waiting = new Set<() => void>();

  /**
   * @param limit bytes for all photos in hand
   * @param workers how many photos are worked on at once
   */
  constructor(limit: number, workers: number) {
    this.#limit = limit;
    this.#workers = workers;
  }

  /** Bytes: an equal share for each photo that is worked on, and one for those that wait. */
  get share(): number {
    return Math.floor(this.#limit / (this.#workers + 1));
  }

  /** Waits until there is room for a photo. @throws FaceError FACE_ABORTED */
  async admit(need: MemoryNeed, signal?: AbortSignal): Promise<Admission> {
    throwIfAborted(signal);
    if (this.#waiting.size === 0 && this.#hasRoom(need)) return this.#enter(need);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(tryToEnter);
        signal?.removeEventListener('abort', giveUp);
      };
      const tryToEnter = () => {
        if (!this.#hasRoom(need)) return;
        leave();
        resolve(this.#enter(need));
      };
      const giveUp = () => {
        leave();
        reject(abortError(signal as AbortSignal));
        this.#next();
      };
      this.#waiting.add(tryToEnter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #enter(need: MemoryNeed): Admission {
    const photo: InHand = { need, working: this.#workingFor(need), decoding: true };
    this.#inHand.add(photo);
    if (photo.working <= this.share) this.#kept = Math.max(this.#kept, photo.working);
    this.#next();
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
    const [first] = this.#waiting;
    first?.();
  }

  #hasRoom(need: MemoryNeed): boolean {
    if (this.#inHand.size === 0) return true;
    const photos = [...this.#inHand, { need, working: this.#workingFor(need), decoding: true }];
    const held = photos.map(({ need, decoding }) => need.pixels + (decoding ? need.decoding : 0));
    const working = photos.map(({ working }) => working).sort((a, b) => b - a);
    const used = Math.max(sum(working.slice(0, this.#workers)), this.#workers * this.#kept);
    return sum(held) + used <= this.#limit;
  }

  /** A photo that does not fit into its share will be the only one anyway, and may have it all. */
  #workingFor({ pixels, least, most }: MemoryNeed): number {
    const room = pixels + least <= this.share ? this.share : this.#limit;
    return Math.max(least, Math.min(room - pixels, most));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
