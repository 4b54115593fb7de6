/**
 * The native addon's typed surface: all other code gets it here, never from the binary (native-binary.ts finds that).
 * Arguments are validated in TypeScript before they come here; the addon checks again only what
 * could otherwise read outside of memory.
 */
import { join } from 'node:path';
import { types } from 'node:util';
import { FaceError } from '../base/errors';
import type { DetectionMethod, RawImage } from '../base/types';
import { type LoadProblem, loadBinary, loadProblem } from './binary';

/** Stops the work it was given to as soon as that polls it; may be given to several calls. */
export interface NativeCancelToken {
  cancel(): void;
}

/** What the addon's `Engine` constructor takes. Paths have been checked: the files are the ones in models/manifest.json. */
export interface NativeEngineOptions {
  /** Paths of the model files; each is read when it is first needed. */
  readonly mmod: string;
  readonly landmarks: string;
  readonly resnet: string;
  /** Number of the engine's own worker threads: how many photos are worked on at once. */
  readonly threads: number;
  /** Each thread keeps what a photo took for the next one, up to this size. */
  readonly keptBytes: number;
  /** Whether dlib's layers compute the networks instead of our own code. */
  readonly reference: boolean;
}

export interface NativeDetection {
  /** (n, 4) row-major: top, right, bottom, left of each face, clipped to the photo. */
  readonly boxes: Int32Array;
  /** (n): the detector's score of each face; higher is surer. */
  readonly scores: Float64Array;
}

/** What was measured of each face; empty where it was not asked for. */
export interface NativeFaces extends NativeDetection {
  /** (n, 128) row-major. */
  readonly encodings: Float64Array;
  /** (n, 128): of the faces' mirror images. */
  readonly mirrored: Float64Array;
  /** (n) */
  readonly sharpness: Float64Array;
  /** (n): 1 where the CNN detector finds a face, too, 0 where it does not; -1 where it was not asked. */
  readonly confirmed: Int8Array;
}

/** What stops a call. */
interface Cancellable {
  readonly cancel: NativeCancelToken | undefined;
}

/** A photo's pixels, handed over: nobody may read or change them after the call; their memory is freed when it ends. */
export interface NativePhoto extends RawImage, Cancellable {}

export interface NativeDetect {
  readonly method: DetectionMethod;
  /** How often the photo is doubled in size first, from 0 to 8. */
  readonly upsample: number;
  /** To how many pixels the photo's longer side is brought down before that; 0: it is looked at as it is. */
  readonly detectSize: number;
}

export interface NativeDetectCall extends NativePhoto, NativeDetect {
  /**
   * What looking for faces may take beside the pixels, see `NativeAddon.Engine.detectionMemory`; the result does not
   * depend on it.
   */
  readonly bytes: number;
}

interface Boxes {
  /** (n, 4): top, right, bottom, left; right > left, bottom > top. */
  readonly boxes: Int32Array;
}

interface Jitters {
  /** At least 1: once, unchanged. */
  readonly numJitters: number;
}

export interface NativeMeasure extends Jitters {
  readonly mirror: boolean;
  readonly confirm: boolean;
  /** What confirming may take beside the pixels, see `NativeAddon.Engine.confirmationMemory`; the result does not depend on it. */
  readonly bytes: number;
}

/** All promises reject with an `Error` whose `code` is a `FaceErrorCode`. */
export interface NativeEngine {
  detect(call: NativeDetectCall): Promise<NativeDetection>;
  /** (n, 5, 2): x, y of the five landmarks of each of the n boxes. */
  landmarks(call: NativePhoto & Boxes): Promise<Int32Array>;
  /** (n, 128): the encoding of the face in each of the n boxes. */
  encode(call: NativePhoto & Boxes & Jitters): Promise<Float64Array>;
  detectAndEncode(call: NativeDetectCall & NativeMeasure): Promise<NativeFaces>;
  /** What `detectAndEncode` measures beside encodings, of faces with these boxes and (n) scores. */
  measure(call: NativePhoto & Boxes & Pick<NativeDetection, 'scores'> & NativeMeasure): Promise<NativeFaces>;
  /** Frees the models as soon as the calls under way have ended; later calls reject with FACE_DISPOSED. */
  dispose(): void;
}

/**
 * The n rows of d values each of `points`, which is not copied: nobody else may be able to reach its memory until the
 * promise settles (see `Points.take`).
 */
export interface NativePoints extends Cancellable {
  readonly points: Float32Array | Float64Array;
  readonly n: number;
  readonly d: number;
  readonly threads: number;
  /** In bytes. */
  readonly maxMemory: number;
  readonly onProgress: ((fraction: number) => void) | undefined;
}

export interface DbscanResult {
  /** Shape (n): the cluster of each point, numbered from 0 by lowest core point; -1 is noise. */
  readonly labels: Int32Array;
  /** Shape (n): 1 where the point is a core point. */
  readonly core: Uint8Array;
  /** Number of clusters. */
  readonly clusters: number;
}

export interface LinkageResult {
  /** Shape (n): the group of each face, numbered from 0 by lowest face. A face that is alone has one of its own. */
  readonly labels: Int32Array;
  /** Number of groups. */
  readonly clusters: number;
  /** 0, or, where `maxMemory` was too little for all pairs, of how many of the nearest faces each face has kept them. */
  readonly nearestOnly: number;
}

/**
 * Neighbours in CSR form: those of point i are `indices.subarray(offsets[i], offsets[i + 1])`, at the `distances` in
 * the same places.
 */
export interface RadiusNeighbors {
  /** Shape (n + 1): whole numbers; the last is the number of neighbours in all. */
  readonly offsets: Float64Array;
  /** Numbers of points, rising for each point. The point itself is one of its neighbours. */
  readonly indices: Uint32Array;
  /** Euclidean, in float64. */
  readonly distances: Float64Array;
}

interface NativeMemory {
  readonly least: number;
  readonly most: number;
}

/** Who points are known to be: numbers from 0, and -1 for nobody. */
export interface NativeKnownPeople {
  /** (n); `undefined`: nobody is known. */
  readonly people: Int32Array | undefined;
  readonly joinPeople: boolean;
  /** People of whom no two come into one group. */
  readonly keep: Int32Array;
  /** Pairs of people, one after the other, that don't come into one group. */
  readonly apart: Int32Array;
  /** Likewise, points with people. */
  readonly not: Int32Array;
  /** Points that are new; `undefined`: all may be. */
  readonly fresh: Uint32Array | undefined;
}

export interface NativeFaceGroups extends NativePoints {
  /** Handed over as `points` is. */
  readonly mirrored: NativePoints['points'] | undefined;
  readonly threshold: number;
}

export interface NativeAddon {
  readonly Engine: {
    new (options: NativeEngineOptions): NativeEngine;
    /**
     * Bytes that looking for faces on a photo takes beside its pixels: with `least` it takes longest, and more than
     * `most` would hardly make it faster.
     */
    detectionMemory(photo: NativeDetect & { readonly width: number; readonly height: number }): NativeMemory;
    /** The same for confirming faces, which is done after looking for them, one by one. */
    confirmationMemory(): NativeMemory;
  };
  readonly CancelToken: new () => NativeCancelToken;
  dbscan(call: NativePoints & { readonly eps: number; readonly minSamples: number }): Promise<DbscanResult>;
  linkage(
    call: NativeFaceGroups & NativeKnownPeople & { readonly photos: Uint32Array | undefined },
  ): Promise<LinkageResult>;
  /** Pairs of people: two labels for each score. */
  similarPeople(
    call: NativeFaceGroups & { readonly labels: Int32Array; readonly most: number },
  ): Promise<{ readonly labels: Int32Array; readonly scores: Float64Array }>;
  radiusNeighbors(call: NativePoints & { readonly eps: number }): Promise<RadiusNeighbors>;
  /** (n): distance of each point to its k-th nearest other one, 1 <= k < n. */
  kDistances(call: NativePoints & { readonly k: number }): Promise<Float64Array>;
  /**
   * Brings parts of a photo down, each pixel the mean of the area that it covers: the pixels of all, one after the other.
   * @param call.parts (n, 4): top, right, bottom, left; on the photo
   * @param call.sizes (n, 2): width and height of what comes out; at least 1, and no larger than the part
   */
  resizeByArea(
    call: NativePhoto & { readonly parts: Int32Array; readonly sizes: Int32Array },
  ): Promise<Uint8Array>;
  /** Names of the vector instruction sets that this machine has and the addon was compiled for, best first. */
  instructionSets(): string[];
  /**
   * For tests: all vector code runs on this one from now on; on the best without a name. Not in what ships, see
   * FACE_CLUSTER_TEST_SURFACE in CMake.
   */
  useInstructionSet?(name?: string): void;
}

let loaded: { readonly addon: NativeAddon; readonly path: string } | undefined;

/**
 * The native addon, loaded on first use.
 * @throws FaceError FACE_NATIVE_LOAD, saying what is wrong, where it was looked for and what to do.
 */
export function native(): NativeAddon {
  const found = loadNative();
  if (!('problem' in found)) return found.addon;
  const { problem, remedy, cause } = found;
  const rest = 'To check everything else as well, run: npx face-cluster-native doctor';
  throw new FaceError('FACE_NATIVE_LOAD', `${problem}\n${remedy}\n${rest}`, { cause, remedy });
}

/** What {@link native} gives and the path of its file, or why there is none. */
export function loadNative(): NonNullable<typeof loaded> | (LoadProblem & { readonly cause: unknown }) {
  const root = join(__dirname, '../..');
  try {
    loaded ??= loadBinary(root) as NonNullable<typeof loaded>;
    return loaded;
  } catch (cause) {
    return { ...loadProblem(root, cause), cause };
  }
}

/**
 * Runs a native call that `signal` can stop: `call` gets a token that is cancelled when the signal is aborted.
 * Errors of the addon come out as FaceError.
 */
export async function callNative<T>(
  signal: AbortSignal | undefined,
  call: (cancel: NativeCancelToken | undefined) => Promise<T>,
): Promise<T> {
  const token = signal ? new (native().CancelToken)() : undefined;
  const onAbort = () => token?.cancel();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await call(token);
  } catch (error) {
    throw toFaceError(error, signal);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Errors made in C++ are plain `Error`s with a `code`: gives them the class that `instanceof` expects. */
export function toFaceError(error: unknown, signal?: AbortSignal): unknown {
  // Not instanceof: the addon makes its errors in Node's main context, which has an Error of its own under jest.
  if (!types.isNativeError(error) || !('code' in error) || !String(error.code).startsWith('FACE_'))
    return error;
  const code = error.code as FaceError['code'];
  return new FaceError(code, error.message, { cause: code === 'FACE_ABORTED' ? signal?.reason : undefined });
}
