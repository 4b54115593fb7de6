import type { Box } from '../base/types';

export interface DetectedFace {
  readonly box: Box;
  /** The detector's score, 0 or higher; higher is surer. Not comparable between `hog` and `cnn`. */
  readonly score: number;
}

/** What else is measured of a face; what was not asked for, or is not known, is not there. */
export interface FaceMeasures {
  /**
   * How sharp the face's picture is, whatever its exposure: about 1 on usual photos; below 0.25 it is so blurred that its
   * encoding says little of who it is. The variance of the Laplacian of the upright face, 37 pixels wide, over that of its grey.
   */
  readonly sharpness?: number;
  /**
   * Whether the `cnn` detector sees a face, too, where `hog` has found one with a score below 0.7: what it does not see mostly is
   * none. Not there for surer ones, and see {@link MeasureOptions.confirm}.
   */
  readonly confirmed?: boolean;
  /**
   * The encoding of the face as it looks in a mirror, see {@link MeasureOptions.mirror}: with `numJitters`, the mean over the
   * mirror images of the same changed pictures.
   */
  readonly mirrored?: Float64Array;
}

export interface EncodedFace extends DetectedFace, FaceMeasures {
  /** 128 values; faces of one person lie close together (see `faceDistance`). */
  readonly encoding: Float64Array;
}

/** A point on the photo, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** dlib's five landmarks, named from the point of view of the person shown. */
export interface Landmarks {
  readonly leftEyeOuter: Point;
  readonly leftEyeInner: Point;
  readonly rightEyeOuter: Point;
  readonly rightEyeInner: Point;
  readonly nose: Point;
}
