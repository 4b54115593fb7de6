/** Pictures are compared in this size, in grey. */
export const SMALL_WIDTH = 64;
export const SMALL_HEIGHT = 36;

/** A picture that is whole in the file, and can be had without those before it. */
export interface KeyFrame {
  readonly seconds: number;
  /** {@link SMALL_WIDTH} times {@link SMALL_HEIGHT} levels. */
  readonly small: Uint8Array;
}

/** From this mean difference of levels on, and with so large a part of them other than before, it is another scene: no pan of the camera. */
const OTHER_SCENE = 24;
const OTHER_LEVELS = 0.2;
/** A point that differs by more has something new on it: a face that is 60 pixels wide in 1080p covers four. */
const SAME_POINT = 10;
/** A new scene may come so much sooner than the next picture would. */
const SOONEST = 1 / 4;
/** And a gap between pictures is filled if it is so much longer. */
const LATEST = 3 / 2;
/** So many seconds behind a whole picture, decoding from there takes too long. */
export const FARTHEST = 60;

/**
 * Chooses the pictures of a video to look for faces on, about one every so many seconds: each that begins a scene, and then in
 * each scene one after the other, but none that shows what the one before did. Where pictures that are whole are far apart, some
 * between them are taken, too.
 *
 * Encoders make a picture whole where a scene begins, and cameras one every second or so: hardly another has to be decoded.
 */
export class FrameChooser {
  readonly #chosen: number[] = [];
  #last: KeyFrame | undefined;
  #before: KeyFrame | undefined;

  /** @param every in seconds */
  constructor(private readonly every: number) {}

  /** Takes the next whole picture. */
  add(frame: KeyFrame): void {
    const before = this.#before;
    if (before && frame.seconds <= before.seconds) return;
    if (before && this.#last && !isSame(before.small, frame.small)) this.#fill(before.seconds, frame.seconds);
    const since = frame.seconds - (this.#chosen.at(-1) ?? Number.NEGATIVE_INFINITY);
    const isWanted =
      since >= this.every
        ? !this.#last || !isSame(this.#last.small, frame.small)
        : since >= SOONEST * this.every && before && isOtherScene(before.small, frame.small);
    if (isWanted) {
      this.#choose(frame.seconds);
      this.#last = frame;
    }
    this.#before = frame;
  }

  /**
   * All that were chosen, in seconds, rounded to thousandths.
   * @param end of the video, if it is known
   */
  finish(end: number | undefined): readonly number[] {
    if (this.#before && end !== undefined) this.#fill(this.#before.seconds, end);
    return this.#chosen;
  }

  /** Between a whole picture and the next, or the end. */
  #fill(from: number, to: number): void {
    if (!(to - from > LATEST * this.every)) return;
    for (let n = 1; n * this.every <= FARTHEST; n++) {
      const seconds = from + n * this.every;
      if (seconds > to - this.every / 2) return;
      if (seconds - (this.#chosen.at(-1) as number) >= this.every / 2) this.#choose(seconds);
    }
  }

  #choose(seconds: number): void {
    this.#chosen.push(Math.round(seconds * 1000) / 1000);
  }
}

/** Whether nothing new is to be seen. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  // Not every(), nor Math.abs(): of a video in which all pictures are whole, millions of points are compared.
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference > SAME_POINT || difference < -SAME_POINT) return false;
  }
  return true;
}

function isOtherScene(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  const levels = new Int32Array(16);
  for (let i = 0; i < a.length; i++) {
    const [from, to] = [a[i] as number, b[i] as number];
    difference += from > to ? from - to : to - from;
    levels[from >> 4] = (levels[from >> 4] as number) + 1;
    levels[to >> 4] = (levels[to >> 4] as number) - 1;
  }
  const others = levels.reduce((sum, count) => sum + Math.abs(count), 0) / 2;
  return difference >= OTHER_SCENE * a.length && others >= OTHER_LEVELS * a.length;
}
