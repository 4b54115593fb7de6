import type { FaceEngine } from '../engine/engine';
import { WaitingLine } from '../system/jobs';
import { answersTo } from './answers';
import type { JobMessage, Report, Terms, WorkerCard } from './messages';
import type { PhotoShare } from './photo-share';
import { Speed } from './speed';
import type { QueueWorkerProgress } from './worker';

export interface WorkbenchOptions {
  readonly engine: FaceEngine;
  readonly card: WorkerCard;
  /** Where the photos are; `undefined` if this computer has none. */
  readonly share: PhotoShare | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: QueueWorkerProgress) => void) | undefined;
}

/** Where a worker looks at photos, of whichever run: it counts them, and knows how fast that goes. */
export class Workbench {
  readonly #speed = new Speed();
  readonly #hands = new Hands();
  readonly #count = { photos: 0, faces: 0, refused: 0 };

  constructor(private readonly options: WorkbenchOptions) {}

  get counts() {
    return this.#count;
  }

  /** Waits until a job may be begun. @returns to be called once, when it is done */
  begin({ alone }: JobMessage): Promise<() => void> {
    return this.#hands.begin(alone === true);
  }

  /**
   * Jobs to have at hand of those that have so many photos: as many photos as the engine works on, and as many that it decodes
   * meanwhile; and never less than the next job.
   */
  jobsAtHand(photos: number): number {
    return Math.max(2, Math.ceil((2 * this.options.card.jobs) / photos));
  }

  /** @throws FaceError what concerns more than one photo: a model is damaged, the share does not answer */
  async lookAt(message: JobMessage, terms: Terms): Promise<Partial<Report>> {
    const { engine, share, signal, onProgress } = this.options;
    this.#speed.begin();
    let [photos, pixels] = [0, 0];
    try {
      const answering = answersTo(message, { engine, pipeline: engine.pipeline, terms, share }, signal);
      const answers = await (share ? share.unlessSilent(answering) : answering);
      const results = answers.flatMap(({ result }) => result ?? []);
      photos = answers.length;
      pixels = results.reduce((sum, { width, height }) => sum + width * height, 0);
      this.#count.photos += photos;
      this.#count.faces += results.reduce((sum, { faces }) => sum + faces.length, 0);
      this.#count.refused += answers.filter(({ refused }) => refused).length;
      return { answers };
    } finally {
      this.#speed.end(photos, pixels);
      const { perSecond } = this.#speed;
      if (photos > 0) onProgress?.({ ...this.#count, perSecond });
    }
  }

  /** How it is getting on, as its coordinator is told. */
  get state(): Pick<Report, 'photos' | 'perSecond' | 'pixelsPerSecond'> {
    const { perSecond, pixelsPerSecond } = this.#speed;
    return { photos: this.#count.photos, perSecond, pixelsPerSecond };
  }
}

/** Jobs in hand; one that may end the process is done with no other beside it, which would be suspected, too. */
class Hands {
  readonly #line = new WaitingLine();
  #inHand = 0;
  #alone = false;

  begin(alone: boolean): Promise<() => void> {
    const take = () => {
      if (this.#alone || (alone && this.#inHand > 0)) return undefined;
      this.#inHand++;
      this.#alone = alone;
      return () => {
        this.#inHand--;
        this.#alone = false;
        this.#line.next();
      };
    };
    return this.#line.enter(take, undefined).finally(() => this.#line.next());
  }
}
