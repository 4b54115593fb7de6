import type { DetectionMethod } from '../base/types';

/** How long a job takes, as far as that can be said after its first photos. */
export interface EncodeForecast {
  /** How many photos are to be done yet, frames of videos included. */
  readonly photosLeft: number;
  /** How many of these are frames. */
  readonly framesLeft: number;
  /** How long they will take. */
  readonly secondsLeft: number;
  /** If that is more than an hour: quicker ways to look for faces, which find less, and how long the photos would take with them. */
  readonly instead: readonly EncodeAlternative[];
}

/** Another way to look for faces. */
export interface EncodeAlternative {
  /** The detector. */
  readonly method: DetectionMethod;
  /** As in `EncodeFacesOptions`; absent where photos are looked at in full size. */
  readonly detectSize?: number;
  /** How long the photos that are to be done yet would take. */
  readonly secondsLeft: number;
}
