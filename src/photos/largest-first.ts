import { extname } from 'node:path';
import { RAW_EXTENSIONS } from './formats/formats';
import { frameIn } from './video/frame-path';

/** One of a list of photos. */
export interface ListedPhoto {
  readonly path: string;
  /** Its place in the list. */
  readonly index: number;
  /** Size of its file, of a frame that of its pixels; 0 if that can't be found out. */
  readonly bytes: number;
}

/** The ending of a photo's name, by which those of a kind are told; of a frame of a video `frame`. */
export function endingOf(path: string): string {
  return frameIn(path) ? 'frame' : extname(path).toLowerCase();
}

/** Bytes that a pixel takes in common photos of these formats; 0.3, a JPEG's, for others. */
const BYTES_PER_PIXEL: Readonly<Record<string, number>> = {
  frame: 3,
  '.bmp': 3,
  '.tif': 3,
  '.tiff': 3,
  '.png': 1.5,
  '.webp': 0.15,
  '.avif': 0.1,
  // What the sensor saw, of which the JPEG inside has all pixels.
  ...Object.fromEntries(RAW_EXTENSIONS.map((extension) => [extension, 1.2])),
};

/** How many pixels a photo has, judged by its file: good enough to plan with, and no file is opened for it. */
export function estimatedPixels({ path, bytes }: ListedPhoto): number {
  return bytes / (BYTES_PER_PIXEL[endingOf(path)] ?? 0.3);
}

/**
 * The photos in the order in which to work on them: the largest first, so that none is left for the end, when the
 * other cores have run out of work (Graham's "longest processing time first"). Photos of about the same size stay in the
 * order of the list; those whose size can't be found out come last, and opening them will tell why.
 */
export function largestFirst(photos: readonly ListedPhoto[]): ListedPhoto[] {
  return photos.toSorted((a, b) => estimatedPixels(b) - estimatedPixels(a));
}

/** One of some photos of all sizes. */
export interface SampledPhoto<T extends ListedPhoto> {
  readonly photo: T;
  /** How many photos it stands for. */
  readonly weight: number;
}

/**
 * Some photos of all sizes: evenly spread half over their number, half over their pixels, so that neither thousands of small
 * ones hide a few large ones, nor these the others. The first few of them are spread as well.
 * @param photos largest first
 */
export function sampleOfSizes<T extends ListedPhoto>(photos: readonly T[], count: number): SampledPhoto<T>[] {
  const pixels = photos.map(estimatedPixels);
  const all = pixels.reduce((sum, value) => sum + value, 0);
  const even = 1 / photos.length;
  const share = (i: number) => (even + (all > 0 ? (pixels[i] as number) / all : even)) / 2;
  const sample: SampledPhoto<T>[] = [];
  let end = 0;
  for (const [i, photo] of photos.entries()) {
    end += share(i);
    if (sample.length < count && end > (sample.length + 0.5) / count) {
      sample.push({ photo, weight: 1 / (share(i) * count) });
    }
  }
  const spread = sample.map((_, i) => i).sort((a, b) => bitsReversed(a) - bitsReversed(b));
  return spread.map((i) => sample[i] as SampledPhoto<T>);
}

/**
 * So many of the largest photos for each that is worked on at once go ahead of all: what the process takes for them serves the
 * others. After smaller ones, it takes a tenth more.
 */
const AHEAD = 2;
/** Then come photos of all sizes: so many, or one of so many. */
const SAMPLE = 128;
const SAMPLE_OF = 12;

/** In which order a job works on its photos. */
export interface OrderOfWork<T extends ListedPhoto> {
  /** How many of the largest go ahead. */
  readonly ahead: number;
  /** Those that come next, so that it is known how long the others take. */
  readonly sample: readonly SampledPhoto<T>[];
  /** All, in their order: the rest largest first. */
  readonly order: ReadonlySet<T>;
}

/**
 * @param photos largest first
 * @param jobs how many are worked on at once
 */
export function orderOfWork<T extends ListedPhoto>(photos: readonly T[], jobs: number): OrderOfWork<T> {
  const ahead = photos.slice(0, AHEAD * jobs);
  const sample = sampleOfSizes(photos, Math.min(SAMPLE, Math.floor(photos.length / SAMPLE_OF)));
  const order = new Set([...ahead, ...sample.map(({ photo }) => photo), ...photos]);
  return { ahead: ahead.length, sample, order };
}

/** A number below 65,536 with its 16 bits in the opposite order. */
function bitsReversed(value: number): number {
  return Number.parseInt(value.toString(2).padStart(16, '0').split('').reverse().join(''), 2);
}
