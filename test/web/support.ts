import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { SplitMix64 } from '../../src/base/random';
import type { RawImage } from '../../src/base/types';
import type { EncodedFace } from '../../src/engine/faces';
import type { SortPhotosOptions } from '../../src/sort/sort';
import { sortPhotos } from '../../src/sort/sort';
import type { SessionOptions } from '../../src/web/session';

/** Pixels of a stripe, which has one face or none. */
const WIDE = 80;
const HIGH = 100;

/** Who is on each photo, from left to right, by its path: numbers from 1; 0: there is no face. */
export type Cast = Readonly<Record<string, readonly number[]>>;

/** Values from -0.5 to 0.5, the same for the same seed. */
function noise(seed: number): Float64Array {
  const random = new SplitMix64(BigInt(seed));
  return Float64Array.from({ length: 128 }, () => Number(random.next() >> 11n) / 2 ** 53 - 0.5);
}

/** From here on, a person and the next one are so alike that only a strict sort has them apart: 100 and 101, 102 and 103. */
export const ALIKE = 100;

/** How a face looks of a person on a photo: 0.3 from another one of theirs, people 0.8 from each other. */
export function encodingOf(person: number, seed: number): Float64Array {
  const alike = person >= ALIKE;
  const [centre, mood, own] = [
    noise(alike ? person - (person % 2) : person),
    noise(person + 500),
    noise(1000 + 999 * person + seed),
  ];
  const apart = alike ? MOOD : 0;
  return centre.map((value, i) => 0.173 * value + apart * (mood[i] as number) + 0.065 * (own[i] as number));
}

const MOOD = 0.1;

/** Draws photos that {@link standIn} sees these people on: their numbers, and that of the photo, are colours of stripes. */
export async function drawPhotos(folder: string, cast: Cast, first = 1): Promise<void> {
  for (const [i, [name, people]] of Object.entries(cast).entries()) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const pixels = Buffer.alloc(3 * WIDE * HIGH * people.length);
    for (let at = 0; at < pixels.length / 3; at++) {
      pixels[3 * at] = people[Math.floor(at / WIDE) % people.length] as number;
      pixels[3 * at + 1] = first + i;
      pixels[3 * at + 2] = Math.floor(at / WIDE) % people.length;
    }
    await sharp(pixels, { raw: { width: WIDE * people.length, height: HIGH, channels: 3 } })
      .png()
      .toFile(path);
  }
}

/** The box of the face in a stripe. */
export function boxIn(stripe: number) {
  return { top: 10, right: stripe * WIDE + 70, bottom: 90, left: stripe * WIDE + 10 };
}

function facesOn({ data, width }: RawImage, unseen: number): EncodedFace[] {
  return Array.from({ length: width / WIDE }, (_, stripe) => stripe).flatMap((stripe) => {
    const [person, photo] = [data[3 * stripe * WIDE], data[3 * stripe * WIDE + 1]] as [number, number];
    if (person === 0 || person === unseen) return [];
    return {
      box: boxIn(stripe),
      score: 2,
      sharpness: 1,
      encoding: encodingOf(person, 2 * photo),
      mirrored: encodingOf(person, 2 * photo + 1),
    };
  });
}

/** Stands in for an engine, and finds the people that {@link drawPhotos} has drawn. */
export const standIn = blindTo(0);

/** The same, but one person is missed. */
export function blindTo(person: number): NonNullable<SortPhotosOptions['engine']> {
  return {
    jobs: 2,
    detectAndEncode: async (image) =>
      facesOn(await (image as { decode(): Promise<RawImage> }).decode(), person),
  };
}

/** Sorts drawn photos. */
export function sortDrawn(options: SortPhotosOptions) {
  return sortPhotos({ engine: standIn, ...options });
}

/** Encodes faces that are added: all of them look like person 2. */
export const inTests: NonNullable<SessionOptions['engine']> = {
  encode: async (_, boxes) => boxes.map((_box, i) => encodingOf(2, 500 + i)),
  measure: async (_, faces) => faces.map((_face, i) => ({ sharpness: 1, mirrored: encodingOf(2, 600 + i) })),
};
