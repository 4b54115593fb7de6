import { MOST_WORKERS, type Report, type WorkerCard } from './messages';
import type { QueueWorkerState } from './options';

/** Whatever they say of themselves: the server holds all jobs that are put there for them. */
const MOST_TAKEN = 4_096;
/** After how long without a word nobody counts on a worker. */
const SILENT_MS = 60_000;

interface KnownWorker {
  readonly card: WorkerCard;
  photos: number;
  perSecond: number;
  pixelsPerSecond: number;
  heard: number;
}

/** The workers of a run, as far as its coordinator has heard of them. */
export class WorkersOfRun {
  readonly #workers = new Map<string, KnownWorker>();

  /** @returns whether there is something new to tell of them */
  hear({ worker, photos, perSecond, pixelsPerSecond, answers }: Report): boolean {
    const known = this.#workers.get(worker.id) ?? {
      card: worker,
      ...{ photos: 0, perSecond: 0, pixelsPerSecond: 0, heard: 0 },
    };
    // Those that have been silent for longest are first.
    this.#workers.delete(worker.id);
    this.#workers.set(worker.id, known);
    for (const id of this.#workers.keys()) {
      if (this.#workers.size <= MOST_WORKERS) break;
      this.#workers.delete(id);
    }
    known.heard = performance.now();
    if (photos === undefined) return false;
    known.photos += answers?.length ?? 0;
    known.perSecond = Math.max(0, perSecond ?? 0);
    known.pixelsPerSecond = Math.max(0, pixelsPerSecond ?? 0);
    return true;
  }

  get states(): QueueWorkerState[] {
    const present = new Set(this.#present());
    return [...this.#workers.values()].map((known) => {
      const { card, photos, perSecond } = known;
      const { id, host, pid, jobs } = card;
      return { id, host, pid, jobs, photos, perSecond: present.has(known) ? perSecond : 0 };
    });
  }

  /** How many photos they work on at once; `undefined` while nobody is known. */
  get photosAtOnce(): number | undefined {
    const present = this.#present();
    return present.length > 0 ? present.reduce((sum, { card }) => sum + card.jobs, 0) : undefined;
  }

  /** How many jobs they take at most at once. */
  get taken(): number {
    const taken = this.#present().reduce((sum, { card }) => sum + 2 * card.jobs + 2, 0);
    return Math.min(taken, MOST_TAKEN);
  }

  /** Pixels a second of the slowest; `undefined` while nobody has done anything. */
  get slowest(): number | undefined {
    const speeds = this.#present().flatMap(({ pixelsPerSecond }) =>
      pixelsPerSecond > 0 ? pixelsPerSecond : [],
    );
    return speeds.length > 0 ? Math.min(...speeds) : undefined;
  }

  #present(): KnownWorker[] {
    const now = performance.now();
    return [...this.#workers.values()].filter(({ heard }) => now - heard < SILENT_MS);
  }
}
