import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { abortError } from '../../src/base/errors';
import { type EncodeFacesOptions, type EncodeSummary, encodeFaces } from '../../src/encode/encode';
import type { JournalReport } from '../../src/encode/journal/journal';
import type { EncodedFace } from '../../src/engine/faces';
import type { OpenedImage } from '../../src/photos/decode';
import { bitmap } from './bmp';

export interface EncodeRun extends EncodeSummary {
  /** Widths of the photos on which the engine was to look for faces, rising. */
  readonly worked: number[];
  /** Widths of those on which it was to measure faces that are known, rising. */
  readonly measured: number[];
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
    const measured: number[] = [];
    let report: JournalReport | undefined;
    const summary = await encodeFaces({
      dataset: join(temp(), 'photos'),
      encodings: encodings(),
      engine: {
        jobs: 2,
        detectAndEncode: async (image, { method, mirror, signal } = {}) => {
          const { width } = await (image as OpenedImage).decode();
          worked.push(width);
          if (signal?.aborted) throw abortError(signal);
          const faces = facesOf(width, method === 'hog' ? 1 : 2);
          return mirror ? faces.map((face) => ({ ...face, mirrored: mirrored(width) })) : faces;
        },
        measure: async (image, faces, { mirror } = {}) => {
          const { width } = await (image as unknown as OpenedImage).decode();
          measured.push(width);
          return faces.map(() => (mirror ? { mirrored: mirrored(width) } : {}));
        },
      },
      method: 'hog',
      onJournal: (value) => {
        report = value;
      },
      ...options,
    });
    return {
      ...summary,
      worked: worked.sort((a, b) => a - b),
      measured: measured.sort((a, b) => a - b),
      report,
      bytes: readFileSync(encodings()),
    };
  }

  return { encodings, inPhotos, addPhoto, run };
}

const mirrored = (width: number) => new Float64Array(128).fill(Math.fround(width / 9), 28);

function facesOf(width: number, count: number): EncodedFace[] {
  return Array.from({ length: count }, (_, i) => ({
    box: { top: i, right: 2, bottom: 3, left: 1 },
    score: 1,
    encoding: new Float64Array(128).fill(Math.fround(width / 7), 0, 100),
  }));
}
