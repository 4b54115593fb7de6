import type { FaceRecord } from '../base/types';
import { findHolders } from './holders';

/** What was measured of a face when it was found. */
export interface MeasuredFace {
  /** The detector's score. */
  readonly score: number;
  /** See `sharpness` of `FaceMeasures`. */
  readonly sharpness?: number | undefined;
  /** Whether the CNN detector, asked about a doubtful face of HOG's, finds one there as well. */
  readonly confirmed?: boolean | undefined;
}

/**
 * Below that a face is a blur: nothing that tells people apart is left. Of 510 good faces of press photos 0 are, of 37 bad ones
 * 31; of 4,547 faces of LFW 0.1 %: docs/grouping.md.
 */
const BLURRED = 0.25;
/** Scores of the CNN detector below that are tentative. */
const TENTATIVE = 0.5;

/**
 * Whether a face is too unclear by itself to tell who it is: a blur; what the HOG detector took for a face and the CNN detector
 * does not; or what the CNN detector itself is not sure of. Not if nothing was measured of it.
 */
function isUnclear(face: MeasuredFace | undefined): boolean {
  if (face?.confirmed === false) return true;
  if (face?.sharpness === undefined) return false;
  // Doubtful faces of HOG's are confirmed or not, so a low score without that is the CNN detector's.
  return face.sharpness < BLURRED || (face.confirmed === undefined && face.score < TENTATIVE);
}

/**
 * Which faces are too unclear to tell who they are: by themselves, or because they are a part of another face, whose box holds
 * theirs.
 * @param measured what is known of each
 */
export function findUnclear(
  records: readonly FaceRecord[],
  measured: (index: number) => MeasuredFace | undefined,
): boolean[] {
  const alone = records.map((_, index) => isUnclear(measured(index)));
  // What lies inside something that is no face itself may well be the face.
  return findHolders(records).map((holder, index) => alone[index] || (holder !== null && !alone[holder]));
}
