import type { PhotoEncoder, PhotoOutcome, PhotoToEncode } from '../encode/encode-photo';
import { Slots } from '../system/jobs';
import type { Pending } from './pending-photos';
import type { RunControl } from './run-control';

/** Photos that the coordinator looks at itself, as without a queue: what workers can't look at, and frames of videos. */
export class WorkHere<T extends PhotoToEncode> {
  /** Lets in as many photos as are looked at at once. */
  readonly #hands: Slots;
  #photos = 0;

  /** @param jobs how many photos are worked on at once */
  constructor(
    private readonly local: PhotoEncoder,
    jobs: number,
    private readonly control: RunControl,
    private readonly onOutcome: (photo: T, outcome: PhotoOutcome) => void,
  ) {
    this.#hands = new Slots(2 * jobs);
  }

  /** Whether nothing is left to do. */
  get isDone(): boolean {
    return this.#photos === 0;
  }

  /** Looks at all photos of a content. */
  takeOver({ waiting, bytes }: Pending<T>): void {
    for (const { photo, identity } of waiting) this.take(photo, identity.path, bytes);
  }

  take(photo: T, path: string, bytes: number): void {
    this.#photos++;
    void this.#look(photo, path, bytes)
      .catch(this.control.fail)
      .finally(() => {
        this.#photos--;
        this.control.changed.ring();
      });
  }

  async #look(photo: T, path: string, bytes: number): Promise<void> {
    const { control } = this;
    const leave = await this.#hands.enter(control.ends);
    try {
      if (control.isStopping) return;
      this.onOutcome(photo, await this.local.encode({ path, bytes }, control.ends));
    } finally {
      leave();
    }
  }
}
