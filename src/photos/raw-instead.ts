import { groupBy } from '../base/maps';
import type { PhotoProblem, PhotoWarning } from '../base/photo-problem';
import type { BesidePictures } from './raw-and-jpeg';

/** What there is of one shot: pictures that a camera has made of it, and raw photos beside them. */
export interface Shot {
  /** One at least. */
  readonly pictures: readonly [string, ...string[]];
  /** Those of which the first that can be decoded is taken where none of the pictures can. */
  readonly raw: readonly string[];
}

/** The shots of raw photos that are left out, in the order of these. */
export function shotsWithRaw(rawBeside: BesidePictures): Shot[] {
  return [...groupBy(rawBeside, ([, [first]]) => first).values()].map((shot) => ({
    pictures: (shot[0] as (typeof shot)[0])[1] as Shot['pictures'],
    raw: shot.map(([raw]) => raw),
  }));
}

/** Whether a photo is to blame for a problem itself: only what would end the same way again makes it another photo. */
export function isDamage({ code }: PhotoProblem): boolean {
  return code === 'FACE_IMAGE_DECODE';
}

/**
 * A raw photo in the place of a damaged picture: of several beside it, the first that can be decoded. Whoever looks at photos asks for
 * {@link raw}, and says what came of it, until that is `undefined` or could be used.
 */
export class RawInstead {
  readonly picture: string;
  #problem: PhotoProblem;
  #raw: readonly string[];

  /** @param damaged what is wrong with pictures that can't be decoded, by their paths @returns `undefined` if one of the shot's is none of these */
  static of(
    { pictures, raw }: Shot,
    damaged: { get(picture: string): PhotoProblem | undefined },
  ): RawInstead | undefined {
    const problems = pictures.map((picture) => damaged.get(picture));
    const [problem] = problems;
    return problem && !problems.includes(undefined) ? new RawInstead(pictures[0], problem, raw) : undefined;
  }

  private constructor(picture: string, problem: PhotoProblem, raw: readonly string[]) {
    this.picture = picture;
    this.#problem = problem;
    this.#raw = raw;
  }

  /** The raw photo to look at; `undefined`: there is no other. */
  get raw(): string | undefined {
    return this.#raw[0];
  }

  /** Goes on to the next: one that is damaged, too, is none either. */
  fail(problem: PhotoProblem): void {
    this.#problem = { ...this.#problem, reason: `${this.#problem.reason} ${problem.reason}` };
    // A photo must not have one name today and another tomorrow.
    this.#raw = isDamage(problem) ? this.#raw.slice(1) : [];
  }

  /** What is wrong with the picture, and with the raw photos that were looked at. */
  get problem(): PhotoProblem {
    return this.#problem;
  }

  /** What is to be said when {@link raw} is taken. */
  get warning(): PhotoWarning {
    const path = this.raw as string;
    const reason = `${this.#problem.reason} The raw photo "${path}" was taken instead.`;
    return { path, reason, insteadOf: this.picture };
  }
}
