import type { DetectionMethod } from '../base/types';
import type { DecodingStage } from '../photos/decode';
import { endingOf, estimatedPixels, type ListedPhoto } from '../photos/largest-first';
import type { EncodeChoices } from './journal/settings';

/*
 * How long a job takes that has begun. A photo takes time for its pixels, and some whatever its size:
 *
 *   seconds = each + perPixel * pixels
 *
 * How many pixels a photo has is known when it is done. Before that the size of its file tells, corrected by what that would have
 * told of the nearest photo in the order of sizes that has the same format and is done.
 */

/** Shares the time that passes among the photos that are worked on, so that what each took adds up to what all took. */
export class WorkClock<T> {
  /** The photos in hand, and the seconds that they have taken. */
  readonly #taken = new Map<T, number>();
  readonly #decoding = new Set<T>();
  /** Decoded, in that order: the engine takes them in it. */
  readonly #decoded = new Set<T>();
  #last = 0;

  /**
   * @param jobs how many photos the engine works on at once; those decoded after them wait for their turn
   * @param now in milliseconds
   */
  constructor(
    private readonly jobs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  begin(photo: T): void {
    this.#share();
    this.#taken.set(photo, 0);
  }

  reach(photo: T, stage: DecodingStage): void {
    this.#share();
    this.#decoding.delete(photo);
    (stage === 'decoding' ? this.#decoding : this.#decoded).add(photo);
  }

  /** @returns the seconds that the photo took */
  end(photo: T): number {
    this.#share();
    const seconds = this.#taken.get(photo) ?? 0;
    for (const photos of [this.#taken, this.#decoding, this.#decoded]) photos.delete(photo);
    return seconds;
  }

  /** The photos in hand, and the seconds that they have taken so far. */
  inHand(): ReadonlyMap<T, number> {
    this.#share();
    return this.#taken;
  }

  #share(): void {
    const now = this.now();
    const working = [...this.#decoding, ...[...this.#decoded].slice(0, this.jobs)];
    // Where none is decoded or looked at, they are read.
    const photos = working.length > 0 ? working : [...this.#taken.keys()];
    const seconds = (now - this.#last) / 1000 / photos.length;
    for (const photo of photos) this.#taken.set(photo, (this.#taken.get(photo) as number) + seconds);
    this.#last = now;
  }
}

/** Whether a photo has fewer pixels than this or still fewer hardly changes how long it takes. */
const SMALL = 50_000;

/** The line `seconds = each + perPixel * pixels` with the least relative errors; the sum of all photos stays exact. */
class TimeFit {
  photos = 0;
  #pixels = 0;
  #seconds = 0;
  #weights = 0;
  #weightedSeconds = 0;

  add(pixels: number, seconds: number): void {
    const weight = 1 / (pixels + SMALL);
    this.photos++;
    this.#pixels += pixels;
    this.#seconds += seconds;
    this.#weights += weight;
    this.#weightedSeconds += seconds * weight;
  }

  /** The seconds that so many photos take that have so many pixels together. */
  secondsFor(photos: number, pixels: number): number {
    const n = this.photos;
    const sizes = this.#pixels + SMALL * n;
    const spread = this.#weights * sizes - n * n;
    // Photos of about one size do not tell what each takes from what its pixels take.
    if (spread < 0.01 * n * n) return ((pixels + SMALL * photos) * this.#seconds) / sizes;
    const offset = (this.#weightedSeconds * sizes - n * this.#seconds) / spread;
    const perPixel = (this.#seconds - offset * n) / sizes;
    const each = offset + SMALL * perPixel;
    if (perPixel <= 0) return (photos * this.#seconds) / n;
    if (each <= 0) return (pixels * this.#seconds) / this.#pixels;
    return each * photos + perPixel * pixels;
  }
}

/** A change of the machine's speed counts half after so many seconds, or a third of the time so far. */
const HALF_LIFE = 60;

/** How long decoding a pixel takes beside looking for faces on it. */
const DECODING: Readonly<Record<DetectionMethod, number>> = { cnn: 1 / 50, hog: 1 / 6 };

interface Expected {
  readonly rank: number;
  readonly format: string;
  /** By its file. */
  readonly estimate: number;
  /** The pixels that it is expected to take time for. */
  work: number;
}

/** How much time is left for photos. It is told what happens, and looks at the clock. */
export class Forecast<T extends ListedPhoto> {
  readonly #clock: WorkClock<T>;
  readonly #expected: ReadonlyMap<T, Expected>;
  /** By format: how many times the pixels that were estimated photos have turned out to have, by their places. */
  readonly #factors = new Map<string, { readonly rank: number; readonly factor: number }[]>();
  readonly #notDone: Set<T>;
  #workLeft = 0;
  /** Of all photos, and of all but those begun first, which have had to wait for the models. */
  readonly #fits = [new TimeFit(), new TimeFit()] as const;
  readonly #first = new Set<T>();
  /** What was taken of late, and what was expected. */
  #late = { seconds: 0, expected: 0 };
  #elapsed = 0;

  /**
   * @param photos largest first
   * @param sample from how many of those that are done first the sizes of the others are judged
   * @param choices how faces are looked for
   * @param jobs, now see {@link WorkClock}
   */
  constructor(
    photos: readonly T[],
    private readonly sample: number,
    private readonly choices: Pick<EncodeChoices, 'method' | 'detectSize'>,
    private readonly jobs: number,
    now?: () => number,
  ) {
    this.#clock = new WorkClock(jobs, now);
    this.#notDone = new Set(photos);
    const expect = (photo: T, rank: number): Expected => {
      const estimate = estimatedPixels(photo);
      const format = endingOf(photo.path);
      return { rank, format, estimate, work: this.#workOf(estimate) };
    };
    this.#expected = new Map(photos.map((photo, rank) => [photo, expect(photo, rank)]));
    this.#sumUp();
  }

  begin(photo: T): void {
    this.#clock.begin(photo);
    if (this.#first.size < this.jobs) this.#first.add(photo);
  }

  /** How far a photo is. */
  reach(photo: T, stage: DecodingStage): void {
    this.#clock.reach(photo, stage);
  }

  /** @param pixels how many it has; `undefined` if it could not be read */
  end(photo: T, pixels: number | undefined): void {
    const seconds = this.#clock.end(photo);
    const expected = this.#expected.get(photo) as Expected;
    this.#notDone.delete(photo);
    this.#workLeft -= expected.work;
    this.#elapsed += seconds;
    const work = pixels === undefined ? expected.work : this.#workOf(pixels);
    const [all, others] = this.#fits;
    all.add(work, seconds);
    if (!this.#first.has(photo)) {
      others.add(work, seconds);
      const kept = 0.5 ** (seconds / Math.max(HALF_LIFE, this.#elapsed / 3));
      this.#late = {
        seconds: kept * this.#late.seconds + seconds,
        expected: kept * this.#late.expected + this.#fit.secondsFor(1, work),
      };
    }
    if (pixels !== undefined && all.photos <= this.sample) this.#learn(expected, pixels);
  }

  /** Until all photos are done; `undefined` while nothing can be said, and at the end. */
  get secondsLeft(): number | undefined {
    if (this.#notDone.size === 0 || this.#fits[0].photos === 0) return undefined;
    const { seconds, expected } = this.#late;
    const slower = expected > 0 ? seconds / expected : 1;
    let left = slower * this.#fit.secondsFor(this.#notDone.size, Math.max(0, this.#workLeft));
    for (const [photo, taken] of this.#clock.inHand()) {
      const { work } = this.#expected.get(photo) as Expected;
      left -= Math.min(taken, 0.9 * slower * this.#fit.secondsFor(1, work));
    }
    return Math.max(0, left);
  }

  /** The seconds that the photos took that are done. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** The seconds that a photo with so many pixels takes. */
  secondsFor(pixels: number): number {
    return this.#fit.secondsFor(1, this.#workOf(pixels));
  }

  get #fit(): TimeFit {
    const [all, others] = this.#fits;
    return others.photos >= 2 * this.jobs ? others : all;
  }

  /** Most photos are 4 to 3. All of a photo is decoded, however much it is reduced. */
  #workOf(pixels: number): number {
    const { method, detectSize } = this.choices;
    const seen = detectSize === undefined ? pixels : Math.min(pixels, 0.75 * detectSize ** 2);
    return seen + DECODING[method] * pixels;
  }

  #learn({ format, rank, estimate }: Expected, pixels: number): void {
    if (estimate === 0) return;
    const known = [...(this.#factors.get(format) ?? []), { rank, factor: pixels / estimate }];
    known.sort((a, b) => a.rank - b.rank);
    this.#factors.set(format, known);
    let nearest = 0;
    const distance = (i: number, rank: number) =>
      Math.abs((known[i]?.rank ?? Number.POSITIVE_INFINITY) - rank);
    for (const photo of this.#notDone) {
      const expected = this.#expected.get(photo) as Expected;
      if (expected.format !== format) continue;
      while (distance(nearest + 1, expected.rank) < distance(nearest, expected.rank)) nearest++;
      expected.work = this.#workOf(expected.estimate * (known[nearest]?.factor as number));
    }
    this.#sumUp();
  }

  #sumUp(): void {
    this.#workLeft = 0;
    for (const photo of this.#notDone) this.#workLeft += (this.#expected.get(photo) as Expected).work;
  }
}
