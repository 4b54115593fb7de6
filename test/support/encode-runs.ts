import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { abortError } from '../../src/base/errors';
import { type EncodeFacesOptions, type EncodeSummary, encodeFaces } from '../../src/encode/encode';
import type { JournalReport } from '../../src/encode/journal/journal';
import type { EncodedFace } from '../../src/engine/engine';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from './bmp';

export interface EncodeRun extends EncodeSummary {
  /** Widths of the photos that the engine was given, rising. */
  readonly worked: number[];
  readonly report: JournalReport | undefined;
  readonly bytes: Buffer;
}

/**
 * Makes photos in a temporary folder, each with a width of its own, and runs the job on them with an engine that notes the
 * width of each photo it was given: `photos`, and `out/faces.pickle`.
 */
export function useEncodeRuns(temp: () => string) {
  const encodings = () => join(temp(), 'out', 'faces.pickle');
  const inPhotos = (name: string) => join(temp(), 'photos', name);

  function addPhoto(name: string, width: number): void {
    mkdirSync(dirname(inPhotos(name)), { recursive: true });
    writeFileSync(inPhotos(name), bitmap(width, 1));
  }

  async function run(options: Partial<EncodeFacesOptions> = {}): Promise<EncodeRun> {
    const worked: number[] = [];
    let report: JournalReport | undefined;
    const summary = await encodeFaces({
      dataset: join(temp(), 'photos'),
      encodings: encodings(),
      engine: {
        jobs: 2,
        detectAndEncode: async (image, { method, signal } = {}) => {
          const { width } = await (image as OpenedImage).decode();
          worked.push(width);
          if (signal?.aborted) throw abortError(signal);
          return facesOf(width, method === 'hog' ? 1 : 2);
        },
      },
      method: 'hog',
      onJournal: (value) => {
        report = value;
      },
      ...options,
    });
    return { ...summary, worked: worked.sort((a, b) => a - b), report, bytes: readFileSync(encodings()) };
  }

  return { encodings, inPhotos, addPhoto, run };
}

function facesOf(width: number, count: number): EncodedFace[] {
  return Array.from({ length: count }, (_, i) => ({
    box: { top: i, right: 2, bottom: 3, left: 1 },
    score: 1,
    encoding: new Float64Array(128).fill(Math.fround(width / 7), 0, 100),
  }));
}
