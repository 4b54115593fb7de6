import { availableParallelism } from 'node:os';
import { decodeImage } from './images/decode';
import { findModelsFolder, modelPaths } from './models';
import { callNative, type NativeEngine, native } from './native';
import { type Box, type DetectionMethod, ENCODING_LENGTH, type ImageInput, type RawImage } from './types';
import { integer, invalidArgument, oneOf } from './validate';

export interface EngineOptions {
  /** Folder of the model files; default: see `findModelsFolder`. */
  readonly models?: string;
  /** How many photos are worked on at once; default: all cores. */
  readonly jobs?: number;
}

export interface DetectOptions {
  /** Default `cnn`. */
  readonly method?: DetectionMethod;
  /** How often the photo is doubled in size before looking for faces; finds smaller faces at 4 times the cost each. Default 1. */
  readonly upsample?: number;
  readonly signal?: AbortSignal;
}

export interface EncodeFaceOptions {
  /** How often each face is encoded with small random changes and averaged; 1 = once, unchanged. Default 1. */
  readonly numJitters?: number;
  readonly signal?: AbortSignal;
}

export interface DetectedFace {
  readonly box: Box;
  /** The detector's score, 0 or higher; higher is surer. Not comparable between `hog` and `cnn`. */
  readonly score: number;
}

export interface EncodedFace extends DetectedFace {
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

/**
 * Finds and encodes faces. Models are read when first needed and stay in memory until {@link dispose};
 * all work runs on the engine's own threads, so the event loop stays free. An engine may be used by many
 * callers at once; work beyond `jobs` photos waits its turn.
 */
export class FaceEngine {
  readonly jobs: number;
  readonly #native: NativeEngine;

  /**
   * Checks the model files; does not read them yet.
   * @throws FaceError FACE_MODEL_MISSING, FACE_MODEL_DAMAGED, FACE_NATIVE_LOAD, FACE_INVALID_ARGUMENT
   */
  constructor(options: EngineOptions = {}) {
    this.jobs = integer('jobs', options.jobs ?? availableParallelism(), 1, 1024);
    const paths = modelPaths(findModelsFolder(options.models));
    this.#native = new (native().Engine)({ ...paths, threads: this.jobs });
  }

  /**
   * Finds the faces of a photo, surest first.
   * @throws FaceError FACE_IMAGE_NOT_FOUND, FACE_IMAGE_DECODE, FACE_IMAGE_TOO_LARGE, FACE_ABORTED, FACE_DISPOSED
   */
  async detect(image: ImageInput, options: DetectOptions = {}): Promise<DetectedFace[]> {
    const { cnn, upsample } = checkDetectOptions(options);
    const { data, width, height } = await decodeImage(image, options);
    const found = await callNative(options.signal, (cancel) =>
      this.#native.detect(data, width, height, cnn, upsample, cancel),
    );
    return toFaces(found.boxes, found.scores);
  }

  /**
   * Finds the eye corners and the nose of each face.
   * @param boxes where the faces are, as `detect` gives them
   */
  async landmarks(
    image: ImageInput,
    boxes: readonly Box[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Landmarks[]> {
    const flat = fromBoxes(boxes);
    const { data, width, height } = await decodeImage(image, options);
    const points = await callNative(options.signal, (cancel) =>
      this.#native.landmarks(data, width, height, flat, cancel),
    );
    const point = (face: number, k: number): Point => ({
      x: points[face * 10 + k * 2] as number,
      y: points[face * 10 + k * 2 + 1] as number,
    });
    return boxes.map((_, i) => ({
      leftEyeOuter: point(i, 0),
      leftEyeInner: point(i, 1),
      rightEyeOuter: point(i, 2),
      rightEyeInner: point(i, 3),
      nose: point(i, 4),
    }));
  }

  /**
   * Encodes the face in each box.
   * @param boxes where the faces are, as `detect` gives them
   * @returns for each box 128 values
   */
  async encode(
    image: ImageInput,
    boxes: readonly Box[],
    options: EncodeFaceOptions = {},
  ): Promise<Float64Array[]> {
    const numJitters = checkNumJitters(options);
    const flat = fromBoxes(boxes);
    const { data, width, height } = await decodeImage(image, options);
    const encodings = await callNative(options.signal, (cancel) =>
      this.#native.encode(data, width, height, flat, numJitters, cancel),
    );
    return boxes.map((_, i) => encodings.slice(i * ENCODING_LENGTH, (i + 1) * ENCODING_LENGTH));
  }

  /** `detect` and `encode` in one go: the photo is decoded and handed over once. */
  async detectAndEncode(
    image: ImageInput,
    options: DetectOptions & EncodeFaceOptions = {},
  ): Promise<EncodedFace[]> {
    const { cnn, upsample } = checkDetectOptions(options);
    const numJitters = checkNumJitters(options);
    const { data, width, height }: RawImage = await decodeImage(image, options);
    const found = await callNative(options.signal, (cancel) =>
      this.#native.detectAndEncode(data, width, height, cnn, upsample, numJitters, cancel),
    );
    return toFaces(found.boxes, found.scores).map((face, i) => ({
      ...face,
      encoding: found.encodings.slice(i * ENCODING_LENGTH, (i + 1) * ENCODING_LENGTH),
    }));
  }

  /** Frees the models once the calls under way have ended. Later calls reject with FACE_DISPOSED. */
  dispose(): void {
    this.#native.dispose();
  }
}

function checkDetectOptions(options: DetectOptions): { cnn: boolean; upsample: number } {
  return {
    cnn: oneOf('method', options.method ?? 'cnn', ['hog', 'cnn']) === 'cnn',
    upsample: integer('upsample', options.upsample ?? 1, 0, 8),
  };
}

function checkNumJitters(options: EncodeFaceOptions): number {
  return integer('numJitters', options.numJitters ?? 1, 1, 100_000);
}

function fromBoxes(boxes: readonly Box[]): Int32Array {
  if (!Array.isArray(boxes)) throw invalidArgument('boxes', 'array of boxes', boxes);
  return Int32Array.from(
    boxes.flatMap((box, i) => {
      const edge = (name: keyof Box) => integer(`boxes[${i}].${name}`, box?.[name], -(2 ** 24), 2 ** 24);
      return [edge('top'), edge('right'), edge('bottom'), edge('left')];
    }),
  );
}

function toFaces(boxes: Int32Array, scores: Float64Array): DetectedFace[] {
  return Array.from(scores, (score, i) => {
    const [top, right, bottom, left] = boxes.subarray(i * 4, i * 4 + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { box: { top, right, bottom, left }, score };
  });
}
