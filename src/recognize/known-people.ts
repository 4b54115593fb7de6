import { FaceError } from '../base/errors';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { Box } from '../base/types';
import type { PersonExamples } from './identify';
import type { KnownPhotos } from './known-folder';

/** A face on a photo of somebody who is known. */
export interface ExampleFace {
  readonly box: Box;
  readonly encoding: Float64Array;
}

/** How many times as wide as all others a face has to be to be the one that the photo was taken of. */
const BY_FAR = 2;

/**
 * What people look like, by photos of them. A photo counts if there is one face on it, or one that is by far the largest: of several,
 * nobody has said which is theirs.
 * @param facesOn the faces on a photo; `undefined` if it could not be read
 * @param onProblem told of photos that don't count, but for those that could not be read
 * @returns those who are known by one photo at least
 */
export function knownPeople(
  people: readonly Pick<KnownPhotos, 'name' | 'photos'>[],
  facesOn: (photo: string) => readonly ExampleFace[] | undefined,
  onProblem: (problem: PhotoProblem) => void,
): (PersonExamples & { readonly encodings: readonly Float64Array[] })[] {
  return people
    .map(({ name, photos }) => ({
      name,
      encodings: photos.flatMap((photo) => {
        const faces = facesOn(photo);
        const one = faces && theOne(faces);
        if (faces && !one) onProblem(problemOf(photo, notOneFace(photo, name, faces.length)));
        return one?.encoding ?? [];
      }),
    }))
    .filter(({ encodings }) => encodings.length > 0);
}

function theOne(faces: readonly ExampleFace[]): ExampleFace | undefined {
  const width = ({ box }: ExampleFace) => box.right - box.left;
  const [largest, next] = [...faces].sort((a, b) => width(b) - width(a));
  return largest && (!next || width(largest) >= BY_FAR * width(next)) ? largest : undefined;
}

function notOneFace(path: string, name: string, faces: number): FaceError {
  const what =
    faces === 0
      ? `No face was found on "${path}", which is to show ${name}.`
      : `There are ${faces} faces on "${path}", and it is not known which one is ${name}.`;
  const remedy =
    faces === 0 ? 'Take another photo of them.' : 'Cut out the part with their face, or take another photo.';
  return new FaceError('FACE_KNOWN_PHOTO', what, { path, remedy });
}
