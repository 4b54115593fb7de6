import { readFile } from 'node:fs/promises';
import { boxOnPhoto } from '../base/box';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import type { Box } from '../base/types';
import { invalidArgument } from '../base/validate';
import type { FaceEngine } from '../engine/engine';
import type { DecisionToMake, FaceOnPhoto } from '../people/decisions';
import { FaceIndex, restoreFace } from '../people/faces';
import type { DecisionMade, People } from '../people/people';
import { decodeImage } from '../photos/decode';
import { type AddedFace, SCORE_OF_ADDED } from '../sort/added-faces';
import { fsPath } from '../system/file-name';
import { sha256 } from '../system/sha256';
import type { AddFaceRequest } from './api-types';
import type { SessionPhoto } from './photo-book';

/** What an added face is encoded by. */
export type AddingEngine = Pick<FaceEngine, 'encode' | 'measure'>;

/** Of so few pixels nobody is known again. */
const LEAST_SIDE = 20;

/** The box that was drawn, to whole pixels. @throws FaceError FACE_INVALID_ARGUMENT */
export function drawnBox(given: AddFaceRequest['box']): Box {
  if (!Array.isArray(given) || given.length !== 4 || !given.every((value) => Math.abs(value) < 2 ** 24)) {
    throw invalidArgument('box', 'top, right, bottom and left in pixels', given);
  }
  const [top, right, bottom, left] = given.map(Math.round) as [number, number, number, number];
  return { top, right, bottom, left };
}

/**
 * Encodes the face in a box on a photo.
 * @param id of the photo, as it was sorted
 * @throws FaceError FACE_INVALID_ARGUMENT if the box is off the photo or tiny; FACE_IMAGE_NOT_FOUND, FACE_IMAGE_CHANGED; as
 *   `decodeImage` and `FaceEngine.encode`
 */
export async function encodeAdded(
  { file }: SessionPhoto,
  id: PhotoId,
  drawn: Box,
  engine: AddingEngine,
  maxPixels: number,
): Promise<AddedFace> {
  if (!file) throw gone('The photo is not there any more.');
  const { path } = file;
  const bytes = await readFile(fsPath(path)).catch((cause: unknown) => {
    throw gone(`The photo ${path} can't be read any more.`, path, cause);
  });
  if (sha256(bytes) !== id) {
    const remedy = 'Sort the photos again, then draw the box once more.';
    throw new FaceError(
      'FACE_IMAGE_CHANGED',
      `The photo ${path} was changed since it was sorted. ${remedy}`,
      {
        path,
        remedy,
      },
    );
  }
  const image = await decodeImage(bytes, { maxPixels });
  const box = boxOnPhoto(drawn, image);
  if (!box) throw invalidArgument('box', 'a box on the photo', JSON.stringify(drawn));
  if (Math.min(box.right - box.left, box.bottom - box.top) < LEAST_SIDE) {
    throw invalidArgument('box', `a box of at least ${LEAST_SIDE} pixels each way`, JSON.stringify(box));
  }
  const square = squareAround(box);
  const [[encoding], [measures]] = await Promise.all([
    engine.encode(image, [square]),
    engine.measure(image, [{ box: square, score: SCORE_OF_ADDED }], { mirror: true }),
  ]);
  const { sharpness, mirrored } = measures ?? {};
  return {
    photo: id,
    box,
    encoding: encoding as Float64Array,
    ...(sharpness !== undefined && { sharpness }),
    ...(mirrored && { mirrored }),
  };
}

/** Detectors' boxes are square, and what finds eyes and nose has learned by these; people draw around the hair, too. */
function squareAround({ top, right, bottom, left }: Box): Box {
  const side = Math.sqrt((right - left) * (bottom - top));
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [fromTop, fromLeft] = [Math.round(y - side / 2), Math.round(x - side / 2)];
  return {
    top: fromTop,
    right: fromLeft + Math.round(side),
    bottom: fromTop + Math.round(side),
    left: fromLeft,
  };
}

function gone(message: string, path?: string, cause?: unknown): FaceError {
  const remedy = 'Is a disk missing? Connect it. If photos were moved, sort them again.';
  return new FaceError('FACE_IMAGE_NOT_FOUND', `${message} ${remedy}`, {
    remedy,
    cause,
    ...(path !== undefined && { path }),
  });
}

/** Makes a face of what was decided to be none. */
export async function undoNoFace(people: People, face: FaceOnPhoto): Promise<void> {
  const index = new FaceIndex([face]);
  const isThis = (record: DecisionMade) =>
    record.do === 'not-a-face' && record.counts && index.find(restoreFace(record.face)) !== undefined;
  for (const record of people.decisions().filter(isThis)) {
    const others = people
      .decisions()
      .filter(({ id, with: first, counts }) => counts && first === record.id && id !== record.id);
    // Undoing the first of a gesture undoes all of it.
    await people.undo(record.id);
    const again = others.flatMap((other): DecisionToMake[] =>
      other.do === 'not-a-face' && !isThis(other) ? [{ do: other.do, face: restoreFace(other.face) }] : [],
    );
    if (again.length > 0) await people.decide(again);
  }
}
