import { FaceError } from '../base/errors';
import { type Box, ENCODING_LENGTH } from '../base/types';
import { finiteNumber, integer, invalidArgument } from '../base/validate';
import type { NativeDetection, NativeFaces } from '../native';
import type { DetectedFace, EncodedFace, FaceMeasures, Landmarks, Point } from './faces';

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function fromFaces(faces: readonly DetectedFace[]): NativeDetection {
  if (!Array.isArray(faces)) throw invalidArgument('faces', 'array of faces', faces);
  return {
    boxes: fromBoxes(
      faces.map((face) => face?.box),
      (i) => `faces[${i}].box`,
    ),
    scores: Float64Array.from(faces, ({ score }, i) => finiteNumber(`faces[${i}].score`, score, 0)),
  };
}

/**
 * @param nameOf what a box is called in errors
 * @throws FaceError FACE_INVALID_ARGUMENT
 */
export function fromBoxes(boxes: readonly Box[], nameOf = (i: number) => `boxes[${i}]`): Int32Array {
  if (!Array.isArray(boxes)) throw invalidArgument('boxes', 'array of boxes', boxes);
  return Int32Array.from(
    boxes.flatMap((box, i) => {
      const edge = (name: keyof Box) => integer(`${nameOf(i)}.${name}`, box?.[name], -(2 ** 24), 2 ** 24);
      const [top, right, bottom, left] = [edge('top'), edge('right'), edge('bottom'), edge('left')];
      if (right <= left || bottom <= top) {
        throw new FaceError(
          'FACE_INVALID_ARGUMENT',
          `Expected right > left and bottom > top for ${nameOf(i)} but received top ${top}, right ${right}, bottom ${bottom}, left ${left}`,
          { argument: nameOf(i) },
        );
      }
      return [top, right, bottom, left];
    }),
  );
}

export function toFaces({ boxes, scores }: NativeDetection): DetectedFace[] {
  return Array.from(scores, (score, i) => {
    const edge = (k: number) => boxes[4 * i + k] as number;
    return { box: { top: edge(0), right: edge(1), bottom: edge(2), left: edge(3) }, score };
  });
}

export function toEncodedFaces(found: NativeFaces): EncodedFace[] {
  const measures = toMeasures(found);
  return toFaces(found).map((face, i) => ({
    ...face,
    encoding: encodingAt(found.encodings, i),
    ...measures[i],
  }));
}

export function toMeasures({ sharpness, confirmed, mirrored }: NativeFaces): FaceMeasures[] {
  return Array.from(sharpness, (value, i) => {
    const answer = confirmed[i] ?? -1;
    return {
      sharpness: value,
      ...(answer >= 0 && { confirmed: answer === 1 }),
      ...(mirrored.length > 0 && { mirrored: encodingAt(mirrored, i) }),
    };
  });
}

/** @param encodings (n, 128) */
export function toEncodings(encodings: Float64Array): Float64Array[] {
  return Array.from({ length: encodings.length / ENCODING_LENGTH }, (_, i) => encodingAt(encodings, i));
}

function encodingAt(encodings: Float64Array, i: number): Float64Array {
  return encodings.slice(i * ENCODING_LENGTH, (i + 1) * ENCODING_LENGTH);
}

/** @param points (n, 5, 2) */
export function toLandmarks(points: Int32Array): Landmarks[] {
  const point = (face: number, k: number): Point => ({
    x: points[face * 10 + k * 2] as number,
    y: points[face * 10 + k * 2 + 1] as number,
  });
  return Array.from({ length: points.length / 10 }, (_, i) => ({
    leftEyeOuter: point(i, 0),
    leftEyeInner: point(i, 1),
    rightEyeOuter: point(i, 2),
    rightEyeInner: point(i, 3),
    nose: point(i, 4),
  }));
}
