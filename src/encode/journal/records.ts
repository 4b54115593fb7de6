import type { FaceErrorCode } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import { ENCODING_LENGTH, type PhotoFacts } from '../../base/types';
import type { EncodedFace, FaceMeasures } from '../../engine/faces';
import type { VideoFrames } from '../../photos/video/frames';
import type { EncodeSettings } from './settings';

/** First line of a journal. */
export interface HeaderRecord {
  readonly format: typeof FORMAT;
  readonly version: number;
}

export const FORMAT = 'face-cluster-native journal';
/** To be raised when older programs would misread what is written; they refuse what is newer. */
export const VERSION = 1;

/** Says what the settings are that photo records name; stands before the first that does. */
export interface SettingsRecord {
  readonly settings: string;
  readonly are: EncodeSettings;
}

/** One photo; of several records for one path, the last one counts. */
export interface PhotoRecord {
  /** As in the encodings file. */
  readonly path: string;
  readonly content: PhotoId;
  /** See `PhotoState`; absent if the file was too young for it to be trusted. */
  readonly state?: string;
  /** The settings of the result; absent together with it. */
  readonly settings?: string;
  /** Absent if the photo was only moved or touched: an earlier record with this content has it. */
  readonly result?: StoredResult;
  /** Of a video: which of its frames are looked at. Each has a record of its own, as a photo. */
  readonly frames?: StoredFrames;
}

/** Which frames of a video are looked at, see `framesOfVideo`. */
export interface StoredFrames extends VideoFrames {
  /** About how many seconds apart. */
  readonly every: number;
  /** The `CHOICE_REVISION` that has chosen them. */
  readonly revision: number;
}

/** What came of a photo; its size is 0 x 0 if it could not be decoded. */
export interface PhotoResult
  extends Pick<PhotoFacts, 'width' | 'height'>,
    Partial<Pick<PhotoFacts, 'orientation' | 'taken'>> {
  readonly faces: readonly EncodedFace[];
  /** What it looks like, see `perceptualHash`; absent in records of earlier versions, and of photos that show nothing. */
  readonly hash?: string;
  /** What is wrong with the photo although it was used; a sentence that does not name it. */
  readonly warning?: string;
  /** Why the photo can't be used: a fault of its content, which another attempt would meet again. */
  readonly problem?: StoredProblem;
  /** The computer that found it, where that was not the one with the journal. */
  readonly machine?: string;
}

export interface StoredProblem {
  readonly code: FaceErrorCode;
  readonly reason: string;
  /** The program that could not read the photo; the next one may. */
  readonly by: string;
}

/**
 * What a result says of the photo. Earlier versions wrote no orientation, and a size that might be that of the photo on its
 * side: all that is known then is nothing, until the photo is encoded anew.
 */
export function factsIn({
  width,
  height,
  orientation,
  taken,
}: Omit<PhotoResult, 'faces'>): PhotoFacts | undefined {
  return orientation === undefined ? undefined : { width, height, orientation, taken: taken ?? null };
}

export interface StoredResult extends Omit<PhotoResult, 'faces'> {
  readonly faces: readonly StoredFace[];
}

interface StoredFace {
  /** top, right, bottom, left */
  readonly box: readonly [number, number, number, number];
  readonly score: number;
  /** Base64 of 128 little-endian floats: of 32 bits each where that keeps them to the bit, else of 64. */
  readonly encoding: string;
  /** Absent in records of earlier versions, as what follows may be. */
  readonly sharpness?: number;
  readonly confirmed?: boolean;
  /** The mirror image's encoding, in the same way. */
  readonly mirrored?: string;
}

export function storeResult(result: PhotoResult): StoredResult {
  return {
    ...result,
    faces: result.faces.map(({ box, score, encoding, sharpness, confirmed, mirrored }) => ({
      box: [box.top, box.right, box.bottom, box.left],
      score,
      encoding: packEncoding(encoding),
      ...(sharpness !== undefined && { sharpness }),
      ...(confirmed !== undefined && { confirmed }),
      ...(mirrored && { mirrored: packEncoding(mirrored) }),
    })),
  };
}

/** @throws TypeError if `stored` is not what {@link storeResult} made */
export function restoreResult(stored: StoredResult): PhotoResult {
  return {
    ...stored,
    faces: stored.faces.map((face) => {
      const [top, right, bottom, left] = face.box;
      return {
        box: { top, right, bottom, left },
        score: face.score,
        encoding: unpackEncoding(face.encoding),
        ...restoreMeasures(face),
      };
    }),
  };
}

/** What was measured of a face beside its encoding. */
export function restoreMeasures({ sharpness, confirmed, mirrored }: StoredFace): FaceMeasures {
  return {
    ...(sharpness !== undefined && { sharpness }),
    ...(confirmed !== undefined && { confirmed }),
    ...(mirrored !== undefined && { mirrored: unpackEncoding(mirrored) }),
  };
}

function packEncoding(values: Float64Array): string {
  const wide = values.some((value) => Math.fround(value) !== value);
  const bytes = Buffer.alloc(values.length * (wide ? 8 : 4));
  values.forEach((value, i) => {
    if (wide) bytes.writeDoubleLE(value, i * 8);
    else bytes.writeFloatLE(value, i * 4);
  });
  return bytes.toString('base64');
}

function unpackEncoding(packed: string): Float64Array {
  const bytes = Buffer.from(packed, 'base64');
  const width = bytes.length / ENCODING_LENGTH;
  if (width !== 4 && width !== 8) throw new TypeError(`an encoding of ${bytes.length} bytes`);
  // Not Float64Array.from, which takes three times as long: there may be a million.
  const values = new Float64Array(ENCODING_LENGTH);
  for (let i = 0; i < values.length; i++) {
    values[i] = width === 8 ? bytes.readDoubleLE(i * 8) : bytes.readFloatLE(i * 4);
  }
  return values;
}

export function isHeader(value: object | undefined): value is HeaderRecord {
  const { format, version }: Partial<HeaderRecord> = value ?? {};
  return format === FORMAT && Number.isInteger(version);
}

export function isSettings(value: object | undefined): value is SettingsRecord {
  const { settings, are }: Partial<SettingsRecord> = value ?? {};
  return typeof settings === 'string' && typeof are === 'object' && are !== null;
}

export function isPhoto(value: object | undefined): value is PhotoRecord {
  const { path, content, settings, result, frames }: Partial<PhotoRecord> = value ?? {};
  return (
    typeof path === 'string' &&
    typeof content === 'string' &&
    (result === undefined) === (settings === undefined) &&
    (result === undefined || Array.isArray(result.faces)) &&
    (frames === undefined || Array.isArray(frames.times))
  );
}
