import { join } from 'node:path';
import { throwIfAborted } from '../../base/errors';
import { SplitMix64, sample } from '../../base/random';
import type { FaceRecord, RawImage } from '../../base/types';
import type { Cluster } from '../../clustering/clusters';
import { forEachConcurrent } from '../../system/jobs';
import { CACHE_FOLDER, MONTAGE_FOLDER } from '../names-in-result';
import type { OnDone } from '../originals/label-folders';
import type { PhotoSet } from '../originals/photo-set';
import { type PictureCache, pictureName } from '../pictures/cache';
import { unpackPixels } from '../pictures/packed-pixels';
import type { FacePictures, PictureMaker } from '../pictures/pictures';
import { makeFolder } from '../publish/in-result';
import type { MontageBackend } from './backend';
import { drawTiles } from './draw';
import type { Layout } from './layout';

export const MONTAGE_ORDERS = ['random', 'representative'] as const;

/**
 * Which faces of a person come first: `random` draws them by the seed, `representative` goes from the face nearest to
 * the person's centre to the farthest. Faces that belong to nobody have no centre: they are always drawn by the seed.
 */
export type MontageOrder = (typeof MONTAGE_ORDERS)[number];

/** @internal */
export interface MontagePlanOptions {
  readonly layout: Layout;
  readonly order: MontageOrder;
  /** Whether to draw all faces, on as many montages as it takes, and not only what one montage holds. */
  readonly all: boolean;
  readonly seed: number;
}

/**
 * The faces of one cluster in the order in which they go onto its montages, by their places in the encodings file.
 * @internal
 */
export interface MontagePlan {
  readonly label: number;
  readonly faces: readonly number[];
  /** How many of them are wanted; the others are there in case the photos of some turn out to be damaged. */
  readonly wanted: number;
}

/**
 * Chooses the faces of the montages of a cluster among those whose photo was found.
 * @internal
 */
export function planMontage(
  cluster: Cluster,
  records: readonly FaceRecord[],
  photos: PhotoSet,
  { layout, order, all, seed }: MontagePlanOptions,
): MontagePlan {
  const { label, indices } = cluster;
  const cells = layout.columns * layout.rows;
  const ranked = order === 'representative' ? cluster.nearestFirst : undefined;
  const usable = (ranked ?? indices).filter((index) => photos.file((records[index] as FaceRecord).imagePath));
  const wanted = all ? usable.length : Math.min(cells, usable.length);
  if (ranked) return { label, faces: usable, wanted };
  // Each person has a sequence of their own, which does not change when others come or go, or labels move up.
  const random = new SplitMix64((BigInt(seed) << 32n) + BigInt((indices[0] as number) + 1));
  return { label, faces: sample(usable, all ? usable.length : 2 * cells, random), wanted };
}

/**
 * Draws `<result>/montage/Face ID #<N>.jpg` for each person, and `Unknown Faces.jpg`; where it takes several, they are
 * `Face ID #<N> (1 of 3).jpg` and so on.
 * @param pictures of the faces whose tiles have been made; others are made here
 * @returns where in the result the montages of each label are
 * @throws FaceError FACE_IO, FACE_ABORTED; photos that can't be used are reported
 * @internal
 */
export async function drawMontages(
  result: string,
  plans: readonly MontagePlan[],
  records: readonly FaceRecord[],
  pictures: ReadonlyMap<number, FacePictures>,
  maker: PictureMaker,
  cache: PictureCache,
  options: {
    readonly layout: Layout;
    readonly backend: MontageBackend;
    readonly jobs: number;
    readonly signal: AbortSignal | undefined;
  },
  onDone: OnDone,
): Promise<Map<number, string[]>> {
  await makeFolder(result, MONTAGE_FOLDER);
  const { layout, backend } = options;
  const cells = layout.columns * layout.rows;
  const montages = new Map<number, string[]>();
  let done = 0;
  onDone(done, plans.length);
  await forEachConcurrent(
    plans,
    options.jobs,
    options.signal,
    async ({ label, faces, wanted }, _, signal) => {
      const drawn: string[] = [];
      for (const index of faces) {
        if (drawn.length === wanted) break;
        let tile = pictures.get(index)?.tile;
        // One that stands in for a face whose photo is damaged has none yet.
        if (!tile) {
          const { imagePath, loc } = records[index] as FaceRecord;
          const made = await maker.make(imagePath, [{ box: loc, tile: layout }], signal);
          tile = made?.faces[0]?.tile;
        }
        if (tile) drawn.push(tile);
      }
      const pages = Math.ceil(drawn.length / cells);
      const names: string[] = [];
      for (let page = 0; page < pages; page++) {
        throwIfAborted(signal);
        const onPage = drawn.slice(page * cells, (page + 1) * cells);
        const cached = montageInCache(onPage, layout, backend);
        if (!(await cache.has(cached))) {
          const montage = await drawTiles(layout, readTiles(onPage, layout, cache));
          await cache.write(cached, await backend.encodeJpeg(montage));
        }
        const name = `${MONTAGE_FOLDER}/${montageName(label, page, pages)}`;
        await cache.linkTo(cached, join(result, name));
        names.push(name);
      }
      montages.set(label, names);
      onDone(++done, plans.length);
    },
  );
  return montages;
}

async function* readTiles(
  tiles: readonly string[],
  { tileWidth, tileHeight }: Layout,
  cache: PictureCache,
): AsyncGenerator<RawImage> {
  for (const tile of tiles) yield unpackPixels(await cache.read(tile), tileWidth, tileHeight);
}

/** Name of a montage in the cache. @param tiles those of the tiles on it, which say what is on each */
function montageInCache(tiles: readonly string[], layout: Layout, backend: MontageBackend): string {
  const { columns, rows, tileWidth, tileHeight } = layout;
  const recipe = `montage ${backend.name} jpeg ${columns}x${rows} ${tileWidth}x${tileHeight}`;
  return pictureName(`${CACHE_FOLDER}/montages`, 'jpg', tiles.join('\n'), recipe);
}

function montageName(label: number, page: number, pages: number): string {
  const title = label < 0 ? 'Unknown Faces' : `Face ID #${label}`;
  if (pages === 1) return `${title}.jpg`;
  // As many digits for each, so that they come in their order wherever files are sorted by name.
  return `${title} (${String(page + 1).padStart(String(pages).length, '0')} of ${pages}).jpg`;
}
