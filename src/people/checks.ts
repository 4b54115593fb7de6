import { invalidArgument, object } from '../base/validate';
import { isArrayLike } from '../clustering/matrix';
import type { GroupedFace } from './carry-over';
import type { FaceOnPhoto } from './decisions';
import { isFaceOnPhoto } from './faces';
import { LARGEST } from './faults';

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkFace(name: string, face: FaceOnPhoto): FaceOnPhoto {
  if (!isFaceOnPhoto(object(name, face))) {
    const expected = 'a face: photo (SHA-256 in 64 hexadecimal digits) and box (whole pixels)';
    throw invalidArgument(name, expected, face);
  }
  return face;
}

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkFaces(faces: readonly FaceOnPhoto[]): void {
  if (!Array.isArray(faces)) throw invalidArgument('faces', 'an array of faces', faces);
  for (const [i, face] of faces.entries()) {
    if (face === null || typeof face !== 'object' || !isFaceOnPhoto(face)) checkFace(`faces[${i}]`, face);
  }
}

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkGrouped(faces: readonly GroupedFace[]): void {
  checkFaces(faces);
  const values = (faces[0]?.encoding as ArrayLike<number> | undefined)?.length;
  for (const [i, face] of faces.entries()) {
    const { encoding, mirrored = encoding, was = [] } = face;
    if (!Array.isArray(was) || !was.every((photo) => isFaceOnPhoto({ ...face, photo }))) {
      throw invalidArgument(`faces[${i}].was`, 'SHA-256 of photos in 64 hexadecimal digits', was);
    }
    for (const given of [encoding, mirrored]) {
      if (isArrayLike(given) && given.length === values && areFinite(given)) continue;
      throw invalidArgument(`faces[${i}].encoding`, `${values ?? 128} finite values`, given);
    }
  }
}

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkLabels(labels: ArrayLike<number>, faces: readonly GroupedFace[]): void {
  if (!isArrayLike(labels) || labels.length !== faces.length) {
    throw invalidArgument('labels', `${faces.length} labels, one for each face,`, labels);
  }
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!(Number.isInteger(label) && label >= -1 && label <= LARGEST)) {
      throw invalidArgument(`labels[${i}]`, `an integer from -1 to ${LARGEST}`, label);
    }
  }
}

function areFinite(values: ArrayLike<number>): boolean {
  let sum = 0;
  // 0 for each that is finite, else NaN.
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) - (values[i] as number);
  return sum === 0;
}
