import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { Box } from '../../src/base/types';
import type { ClusterData, ClustersData, FaceData } from '../../src/result/export/clusters-data';
import { writeExport } from '../../src/result/export/exporter';
import { exportGallery } from '../../src/result/export/gallery/gallery';
import { checkPageBuilt } from './cli';
import { NOWHERE, UNIDENTIFIED } from './nowhere';

/** A result as `clusterFaces` describes it. The first of a person's faces is taken for the nearest to the centre. */
export function clustersData(
  people: readonly FaceData[][],
  unclustered: readonly FaceData[] = [],
): ClustersData {
  const all = [...people.flat(), ...unclustered];
  return {
    format: 'face-cluster-native clusters',
    version: 2,
    program: { name: 'face-cluster-native', version: '1.2.3' },
    encodings: { file: 'faces.pickle', faces: all.length, photos: countPhotos(all) },
    parameters: { method: 'dbscan', eps: 0.5, minSamples: 2, seed: 0 },
    lastingLabels: false,
    people: people.map((faces, label) => cluster(label, faces)),
    unclustered: cluster(-1, unclustered),
    problems: [],
  };
}

function cluster(label: number, faces: readonly FaceData[]): ClusterData {
  return {
    label,
    name: null,
    photos: countPhotos(faces),
    distinctPhotos: countPhotos(faces),
    onlyCopies: false,
    photosWithSeveral: label < 0 ? null : 0,
    spread: label < 0 ? null : 0.25,
    several: null,
    folder: faces.length > 0 ? `label${label}` : null,
    montages: [],
    representative: label < 0 ? null : (faces[0]?.index ?? null),
    cover: null,
    faces,
  };
}

function countPhotos(faces: readonly FaceData[]): number {
  return new Set(faces.map(({ photo }) => photo)).size;
}

let nextIndex = 0;

/** A face on the photo `photo`; nothing of it is on the disk unless `more` says so. */
export function faceData(photo: string, more: Partial<FaceData> = {}): FaceData {
  return {
    index: nextIndex++,
    photo,
    box: { top: 10, right: 50, bottom: 50, left: 10 },
    distance: 0.25,
    score: null,
    sharpness: null,
    unclear: false,
    inside: null,
    ...UNIDENTIFIED,
    ...NOWHERE,
    ...more,
  };
}

/** The colour of faces on the photos that {@link paintFace} paints; the rest is grey. */
export const FACE_COLOUR = { r: 255, g: 0, b: 0 };

export interface Painted {
  /** Size of the photo as it is looked at. */
  readonly width: number;
  readonly height: number;
  readonly box: Box;
  /** EXIF orientation; the stored pixels are turned so that it shows them upright. */
  readonly orientation?: 1 | 3 | 6 | 8;
  readonly format?: 'jpeg' | 'png' | 'webp' | 'tiff';
}

/** How far the stored pixels are turned from upright, clockwise. */
const TURNED = { 1: 0, 3: 180, 6: 270, 8: 90 } as const;

/**
 * Writes a grey photo with a red rectangle for a face to `<folder>/<file>`, with its thumbnails.
 * @returns its face
 */
export async function paintFace(folder: string, file: string, painted: Painted): Promise<FaceData> {
  const { width, height, box, orientation = 1, format = 'jpeg' } = painted;
  const left = Math.max(box.left, 0);
  const top = Math.max(box.top, 0);
  const face = {
    create: {
      width: Math.min(box.right, width) - left,
      height: Math.min(box.bottom, height) - top,
      channels: 3,
      background: FACE_COLOUR,
    },
  } as const;
  const upright = await sharp({ create: { width, height, channels: 3, background: '#888' } })
    .composite([{ input: face, left, top }])
    .png()
    .toBuffer();
  const stored = sharp(await sharp(upright).rotate(TURNED[orientation]).toBuffer());
  const thumbnail = `thumbnails/${nextIndex}.webp`;
  const photoThumbnail = `thumbnails/photo ${nextIndex}.webp`;
  write(folder, file, await stored.withMetadata({ orientation }).toFormat(format).toBuffer());
  write(
    folder,
    thumbnail,
    await sharp({ ...face })
      .webp()
      .toBuffer(),
  );
  write(folder, photoThumbnail, await sharp(upright).resize({ width: 320 }).webp().toBuffer());
  return faceData(`photos/${file.slice(file.indexOf('/') + 1)}`, {
    box,
    file,
    thumbnail,
    photoThumbnail,
    photoWidth: width,
    photoHeight: height,
  });
}

function write(folder: string, file: string, bytes: Buffer): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Writes the gallery of `people` into `folder`; returns the path of its page. */
export async function makeGallery(
  folder: string,
  people: readonly FaceData[][],
  unclustered: readonly FaceData[] = [],
): Promise<string> {
  checkPageBuilt();
  await writeExport(folder, exportGallery, clustersData(people, unclustered));
  return join(folder, 'index.html');
}

const SMALL: Painted = { width: 200, height: 150, box: { top: 30, right: 90, bottom: 90, left: 30 } };

/**
 * A gallery of six photos in `folder`: person 0 on a1.jpg and a2.jpg; person 1 on b1.jpg, b2.jpg and b3.jpg, at
 * distances of 0.4, 0.1 and 0.2 to the centre; and c1.jpg with an unsorted face.
 */
export async function makeSmallGallery(folder: string): Promise<string> {
  const a = [
    await paintFace(folder, 'label0/a1.jpg', SMALL),
    await paintFace(folder, 'label0/a2.jpg', SMALL),
  ];
  const b: FaceData[] = [];
  for (const [i, distance] of [0.4, 0.1, 0.2].entries()) {
    b.push({ ...(await paintFace(folder, `label1/b${i + 1}.jpg`, SMALL)), distance });
  }
  const unsorted = { ...(await paintFace(folder, 'label-1/c1.jpg', SMALL)), distance: null };
  return makeGallery(folder, [a, b], [unsorted]);
}
