import { FaceError } from '../../base/errors';

/**
 * The image library. Loaded when it is first needed: it takes a moment, and 11 MB.
 * @throws FaceError FACE_NATIVE_LOAD; `cause` is what sharp said, several lines of advice
 */
export function loadSharp(): typeof import('sharp') {
  try {
    return require('sharp');
  } catch (cause) {
    throw new FaceError(
      'FACE_NATIVE_LOAD',
      'The image library (sharp) could not be loaded, so no photo can be read. To install it again: ' +
        `${SHARP_REMEDY}. What it said itself: npx face-cluster-native doctor`,
      { cause, remedy: SHARP_REMEDY },
    );
  }
}

/** The command that brings a sharp whose binary is missing, as after an installation without optional dependencies. */
const SHARP_REMEDY = 'npm install --include=optional sharp';
