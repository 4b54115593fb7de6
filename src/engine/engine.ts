/// <reference lib="esnext.disposable" preserve="true" />
import { FaceError, throwIfAborted } from '../base/errors';
import type { Box, DetectionMethod, ImageInput } from '../base/types';
import { abortSignal, boolean, integer, object, oneOf, path } from '../base/validate';
import { findModelsFolder } from '../models/folders';
import { modelPaths, verifyModels } from '../models/verify';
import {
  callNative,
  type NativeDetect,
  type NativeEngine,
  type NativeMeasure,
  type NativePhoto,
  native,
  toFaceError,
} from '../native';
import type { OpenedImage } from '../photos/decode';
import { processors } from '../system/jobs';
import type { DetectedFace, EncodedFace, FaceMeasures, Landmarks } from './faces';
import { processBudget } from './memory-budget';
import {
  fromBoxes,
  fromFaces,
  toEncodedFaces,
  toEncodings,
  toFaces,
  toLandmarks,
  toMeasures,
} from './native-faces';
import { PhotoPipeline } from './photo-pipeline';
import { largerOf, memoryToConfirm, memoryToDetect, NONE, type WorkingMemory } from './working-memory';

export interface EngineOptions {
  /** Folder of the model files; default: see `findModelsFolder`. */
  readonly models?: string;
  /** How many photos are worked on at once; default: one for each core, or as many as the container is given time for. */
  readonly jobs?: number;
  /**
   * How much memory the whole process may take, in bytes; at least 256 MB (256e6), default half of what the
   * machine or the container has. Photos wait until there is room for them, and what does not fit is worked on in
   * smaller pieces, which takes longer. A photo that can't be done with so little is worked on alone and exceeds it
   * (with 1 GB: one of more than some 85 megapixels); one that takes more than the machine or the container has is
   * refused with FACE_OUT_OF_MEMORY. Photos that other engines of the process and `clusterFaces` have in hand count, too;
   * not what the caller holds.
   */
  readonly maxMemory?: number;
  /**
   * What computes the two networks, the `cnn` detector's and the encoder's. `fast`: vector code of this project.
   * `reference`: dlib's own layers, which take many times the time and the memory (`maxMemory` does not know of it); for
   * checking `fast` on one's own photos. The boxes are the same, scores differ by less than 0.0001 and values of
   * encodings by less than 0.00001. Default `fast`.
   */
  readonly engine?: NetworkEngine;
}

/** See {@link EngineOptions.engine}. */
export type NetworkEngine = 'fast' | 'reference';

export interface DetectOptions {
  /** Default `cnn`. */
  readonly method?: DetectionMethod;
  /** How often the photo is doubled in size before looking for faces; finds smaller faces at 4 times the cost each. Default 1. */
  readonly upsample?: number;
  /**
   * To how many pixels the longer side of a photo is brought down before faces are looked for; at least 100. Photos that are no
   * larger are looked at as they are. What is found is measured on the photo itself, and boxes are the photo's. Much quicker for
   * large photos; faces of less than about 70 / 2^`upsample` pixels of the reduced photo are missed. Default: photos are not
   * reduced.
   */
  readonly detectSize?: number;
  readonly signal?: AbortSignal;
}

export interface EncodeFaceOptions {
  /** How often each face is encoded with small random changes and averaged; 1 = once, unchanged. Default 1. */
  readonly numJitters?: number;
  readonly signal?: AbortSignal;
}

export interface MeasureOptions {
  /**
   * Whether to ask the `cnn` detector about faces that `hog` has found and is not sure of, with a score below 0.7. Has no effect
   * with `cnn`. Some 10 ms for each of these. Default `false`.
   */
  readonly confirm?: boolean;
  /**
   * Whether to encode each face as it looks in a mirror, too: the same picture of it, turned left to right. Both are encoded
   * together, which takes less than twice as long as one. Default `false`.
   */
  readonly mirror?: boolean;
}

/** No photo has a longer side. */
const MAX_DETECT_SIZE = 2 ** 24;

/**
 * Finds and encodes faces. Models are read when first needed and stay in memory until {@link dispose};
 * all work runs on the engine's own threads, so the event loop stays free. An engine may be used by many
 * callers at once; work beyond `jobs` photos waits its turn. A photo that was handed over as bytes or pixels
 * is the caller's again as soon as the call has returned its promise: it may be changed or transferred.
 */
export class FaceEngine {
  readonly jobs: number;
  /** @internal */
  readonly pipeline: PhotoPipeline;
  readonly #native: NativeEngine;
  readonly #models: string;
  /** Checking the model files to the last byte: damaged ones would crash the native code or give wrong faces. */
  #checking: Promise<unknown> | undefined;
  #underWay = 0;
  #disposed = false;

  /**
   * Checks that the model files are there; reads them when they are first needed.
   * @throws FaceError FACE_MODEL_MISSING, FACE_MODEL_DAMAGED, FACE_NATIVE_LOAD, FACE_INVALID_ARGUMENT
   */
  constructor(options: EngineOptions = {}) {
    const { jobs, models, maxMemory, engine } = object('options', options);
    this.jobs = integer('jobs', jobs ?? processors(), 1, 1024);
    const budget = processBudget(maxMemory, this.jobs);
    this.pipeline = new PhotoPipeline(this.jobs, budget);
    const reference = oneOf('engine', engine ?? 'fast', ['fast', 'reference']) === 'reference';
    this.#models = findModelsFolder(models === undefined ? undefined : path('models', models));
    try {
      this.#native = new (native().Engine)({
        ...modelPaths(this.#models),
        threads: this.jobs,
        keptBytes: budget.share,
        reference,
      });
    } catch (error) {
      throw toFaceError(error);
    }
  }

  /**
   * Finds the faces of a photo, surest first.
   * @throws FaceError as `decodeImage` does; FACE_OUT_OF_MEMORY, FACE_MODEL_DAMAGED, FACE_DISPOSED
   */
  async detect(image: ImageInput, options: DetectOptions = {}): Promise<DetectedFace[]> {
    const detect = checkDetectOptions(options);
    const found = await this.#run(image, memoryToDetect(detect), options, (photo, bytes) =>
      this.#native.detect({ ...photo, ...detect, bytes }),
    );
    return toFaces(found);
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
    const points = await this.#run(image, NONE, options, (photo) =>
      this.#native.landmarks({ ...photo, boxes: flat }),
    );
    return toLandmarks(points);
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
    const encodings = await this.#run(image, NONE, options, (photo) =>
      this.#native.encode({ ...photo, boxes: flat, numJitters }),
    );
    return toEncodings(encodings);
  }

  /** `detect`, `encode` and `measure` in one go: the photo is decoded and handed over once. */
  detectAndEncode(
    image: ImageInput,
    options?: DetectOptions & EncodeFaceOptions & MeasureOptions,
  ): Promise<EncodedFace[]>;
  /** The same of a photo that has been opened. @internal */
  detectAndEncode(
    image: ImageInput | OpenedImage,
    options?: DetectOptions & EncodeFaceOptions & MeasureOptions,
  ): Promise<EncodedFace[]>;
  async detectAndEncode(
    image: ImageInput | OpenedImage,
    options: DetectOptions & EncodeFaceOptions & MeasureOptions = {},
  ): Promise<EncodedFace[]> {
    const detect = checkDetectOptions(options);
    const measure = checkMeasureOptions(options);
    const confirm = measure.confirm && detect.method === 'hog';
    const memory = largerOf(memoryToDetect(detect), memoryToConfirm(confirm));
    const found = await this.#run(image, memory, options, (photo, bytes) =>
      this.#native.detectAndEncode({ ...photo, ...detect, ...measure, confirm, bytes }),
    );
    return toEncodedFaces(found);
  }

  /**
   * Measures faces that were found before, without looking for any; all that `detectAndEncode` measures beside their encodings.
   * @param faces as `detect` gives them; with `confirm`, those of `hog`
   */
  measure(
    image: ImageInput,
    faces: readonly DetectedFace[],
    options?: EncodeFaceOptions & MeasureOptions,
  ): Promise<FaceMeasures[]>;
  /** The same of a photo that has been opened. @internal */
  measure(
    image: ImageInput | OpenedImage,
    faces: readonly DetectedFace[],
    options?: EncodeFaceOptions & MeasureOptions,
  ): Promise<FaceMeasures[]>;
  async measure(
    image: ImageInput | OpenedImage,
    faces: readonly DetectedFace[],
    options: EncodeFaceOptions & MeasureOptions = {},
  ): Promise<FaceMeasures[]> {
    const measure = checkMeasureOptions(options);
    const { boxes, scores } = fromFaces(faces);
    const found = await this.#run(image, memoryToConfirm(measure.confirm), options, (photo, bytes) =>
      this.#native.measure({ ...photo, boxes, scores, ...measure, bytes }),
    );
    return toMeasures(found);
  }

  /** Frees the models once the calls under way have ended. Later calls reject with FACE_DISPOSED. */
  dispose(): void {
    this.#disposed = true;
    if (this.#underWay === 0) this.#native.dispose();
  }

  /** {@link dispose}, for `using engine = new FaceEngine()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Decodes `image`, if need be, and hands its pixels over to `call`, with the memory that it may take. */
  async #run<T>(
    image: ImageInput | OpenedImage,
    memory: WorkingMemory,
    options: { readonly signal?: AbortSignal },
    call: (photo: NativePhoto, bytes: number) => Promise<T>,
  ): Promise<T> {
    const signal = abortSignal('signal', object('options', options).signal);
    throwIfAborted(signal);
    if (this.#disposed) {
      const remedy = 'Create a new one.';
      throw new FaceError('FACE_DISPOSED', 'This engine was used after dispose().', { remedy });
    }
    this.#underWay++;
    // Goes on while the photo is decoded.
    const checked = this.#checkModels();
    checked.catch(() => {});
    try {
      // Until the first `await` the caller can't touch the image: what is needed later is copied before that.
      return await this.pipeline.run(image, memory, signal, async (pixels, bytes) => {
        await checked;
        throwIfAborted(signal);
        return callNative(signal, (cancel) => call({ ...pixels, cancel }, bytes));
      });
    } finally {
      this.#underWay--;
      if (this.#disposed && this.#underWay === 0) this.#native.dispose();
    }
  }

  #checkModels(): Promise<unknown> {
    this.#checking ??= verifyModels(this.#models).catch((error: unknown) => {
      // The next call looks again: the file may have been mended.
      this.#checking = undefined;
      throw error;
    });
    return this.#checking;
  }
}

/** @internal */
export function checkDetectOptions(options: DetectOptions): NativeDetect {
  const { method, upsample, detectSize } = object('options', options);
  return {
    method: oneOf('method', method ?? 'cnn', ['hog', 'cnn']),
    upsample: integer('upsample', upsample ?? 1, 0, 8),
    detectSize: detectSize === undefined ? 0 : integer('detectSize', detectSize, 100, MAX_DETECT_SIZE),
  };
}

function checkMeasureOptions(options: EncodeFaceOptions & MeasureOptions): Omit<NativeMeasure, 'bytes'> {
  return {
    numJitters: checkNumJitters(options),
    mirror: boolean('mirror', options.mirror ?? false),
    confirm: boolean('confirm', options.confirm ?? false),
  };
}

/** @internal */
export function checkNumJitters(options: EncodeFaceOptions): number {
  return integer('numJitters', object('options', options).numJitters ?? 1, 1, 100_000);
}
