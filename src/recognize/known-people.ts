import { FaceError } from '../base/errors';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import type { PersonExamples } from './identify';
import type { KnownPhotos } from './known-folder';

/**
 * What people look like, by photos of them. A photo counts if there is one face on it: of several, nobody has said which is theirs.
 * @param encodingsOn those of the faces on a photo; `undefined` if it could not be read
 * @param onProblem told of photos that don't count, but for those that could not be read
 * @returns those who are known by one photo at least
 */
export function knownPeople(
  people: readonly KnownPhotos[],
  encodingsOn: (photo: string) => readonly Float64Array[] | undefined,
  onProblem: (problem: PhotoProblem) => void,
): (PersonExamples & { readonly encodings: readonly Float64Array[] })[] {
  return people
    .map(({ name, photos }) => ({
      name,
      encodings: photos.flatMap((photo) => {
        const found = encodingsOn(photo);
        if (found !== undefined && found.length !== 1) {
          onProblem(problemOf(photo, notOneFace(photo, name, found.length)));
        }
        return found?.length === 1 ? found : [];
      }),
    }))
    .filter(({ encodings }) => encodings.length > 0);
}

function notOneFace(path: string, name: string, faces: number): FaceError {
  return faces === 0
    ? new FaceError('FACE_KNOWN_PHOTO', `No face was found on "${path}", which is to show ${name}.`, {
        path,
        remedy: 'Take another photo of them.',
      })
    : new FaceError(
        'FACE_KNOWN_PHOTO',
        `There are ${faces} faces on "${path}", of which one is to be ${name}.`,
        {
          path,
          remedy: 'Cut out the part with their face, or take another photo.',
        },
      );
}
