import { throwIfAborted } from '../base/errors';
import { groupBy } from '../base/maps';
import type { FaceRecord } from '../base/types';
import type { ClusteringParameters } from '../clustering/clusterer';
import type { Cluster } from '../clustering/clusters';
import type { Several } from '../clustering/several';
import type { JournalKnowledge } from '../encode/journal/faces';
import { processBudget } from '../engine/memory-budget';
import { PhotoPipeline } from '../engine/photo-pipeline';
import { FilesDone } from '../photos/video/files-done';
import { fileOfPath } from '../photos/video/frame-path';
import { forEachConcurrent } from '../system/jobs';
import { programVersion } from '../system/version';
import { type ClustersData, describeClusters, type FacePlaces } from './export/clusters-data';
import { exportCsv } from './export/csv';
import { writeExport } from './export/exporter';
import { exportGallery } from './export/gallery/gallery';
import { exportJson } from './export/json';
import { quickestBackend } from './montage/backend';
import {
  drawMontages,
  type MontagePlan,
  type MontagePlanOptions,
  planMontage,
} from './montage/result-montages';
import { labelFolder } from './names-in-result';
import { FolderNames } from './originals/folder-names';
import { type OnDone, type PlacedCounts, PlacedPhotos, placeCrops } from './originals/label-folders';
import type { PhotoSet } from './originals/photo-set';
import type { FileMode } from './originals/place-photo';
import { PictureCache } from './pictures/cache';
import { type FacePictures, type FaceRequest, type PhotoPictures, PictureMaker } from './pictures/pictures';
import { pathFrom } from './publish/in-result';
import { type KeptPhoto, keepLastCopies } from './publish/last-copies';
import type { FileIdentity } from './publish/marker';
import { writeOriginals } from './publish/originals-file';

export const RESULT_LAYOUTS = ['photos', 'faces'] as const;

/** What the folders of people hold: the photos that the person is on, or the person's faces, cut out of them. */
export type ResultLayout = (typeof RESULT_LAYOUTS)[number];

/** @internal */
export interface ResultOptions {
  readonly files: FileMode;
  readonly layout: ResultLayout;
  readonly gallery: boolean;
  readonly csv: boolean;
  readonly montage: MontagePlanOptions;
  readonly maxPixels: number;
  readonly maxMemory: number;
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
  /** @param faces how many were cut out, in the phase `faces` */
  onDone(phase: 'files' | 'faces' | 'montage' | 'finish', done: number, total: number, faces?: number): void;
}

/**
 * A clustering that is to be written.
 * @internal
 */
export interface Clustering {
  readonly records: readonly FaceRecord[];
  /** Faces that are in none of them are left out of the result. */
  readonly clusters: readonly Cluster[];
  /** Those that look like several people, by label. */
  readonly several: ReadonlyMap<number, Several>;
  readonly photos: PhotoSet;
  /** Which faces are too unclear to tell who they are. */
  readonly unclear: readonly boolean[];
  /** What the journal knows, if there is one. */
  readonly known: JournalKnowledge | undefined;
  readonly encodings: string;
  /** Of what has made the clusters. */
  readonly parameters: ClusteringParameters;
  /**
   * The names of people, by their labels, which then are the numbers of people who last; who is not in it has none. Folders that
   * the result holds are called by them. Without it, labels are numbers of this result alone, and folders are called by these.
   */
  readonly names?: ReadonlyMap<number, string> | undefined;
  /** The places of the faces that were chosen to stand for people, by their labels. */
  readonly covers?: ReadonlyMap<number, number> | undefined;
  /**
   * Where the person's photo is shown from, as seen from the folder that the result will be in, with `/`, whatever the result
   * holds; `undefined`: as without this function, where the result holds it, else where it was found.
   */
  readonly placed?: ((label: number, imagePath: string) => string | undefined) | undefined;
  /**
   * The folder with the person's photos in the same way, instead of one that the result holds; `undefined`: there is none.
   */
  readonly folders?: ((label: number) => string | undefined) | undefined;
}

/**
 * Fills the empty folder `result` with everything that a result is.
 * @param output folder that the result will be in, without links on the way; an earlier result that is there now has
 *   pictures that are used again
 * @returns how to tell edited files, the names of the people's folders unless they are called by labels, what `clusters.json`
 *   says, how the photos got into the folders, and those of the earlier result that were kept
 * @throws FaceError FACE_IO, FACE_ABORTED; photos that can't be used are reported to `photos`
 * @internal
 */
export async function writeResult(
  result: string,
  output: string,
  clustering: Clustering,
  options: ResultOptions,
): Promise<{
  readonly identity: FileIdentity;
  readonly folders: readonly string[] | undefined;
  readonly data: ClustersData;
  readonly files: PlacedCounts;
  readonly kept: readonly KeptPhoto[];
}> {
  const { records, clusters, photos } = clustering;
  const { signal } = options;
  const crops = options.layout === 'faces';
  const folders = namedFolders(clustering, crops);
  const folderOf = (label: number) => folders?.get(label) ?? labelFolder(label);
  const placed = new PlacedPhotos(result, output, photos, folderOf);
  if (options.layout === 'photos' && options.files !== 'none') {
    const onDone: OnDone = (done, total) => options.onDone('files', done, total);
    await placed.place(clusters, records, options.files, signal, onDone);
  }

  const plans = clusters.map((cluster) => planMontage(cluster, records, photos, options.montage));
  const cache = await PictureCache.open(result, output);
  const backend = quickestBackend(plans.reduce((tiles, { wanted }) => tiles + wanted, 0));
  const atOnce = photosAtOnce(options.jobs);
  const pipeline = new PhotoPipeline(atOnce, processBudget(options.maxMemory, atOnce));
  const maker = new PictureMaker(cache, photos, pipeline, {
    thumbnails: options.gallery,
    crops,
    backend,
    maxPixels: options.maxPixels,
  });
  const pictures = await makePictures(clustering, plans, maker, options, crops);
  const cropFiles = crops
    ? await placeCrops(result, folderOf, clusters, records, pictures.faces, cache, signal)
    : undefined;
  const montages = await drawMontages(
    result,
    plans,
    records,
    pictures.faces,
    maker,
    cache,
    { layout: options.montage.layout, backend, jobs: options.jobs, signal },
    (done, total) => options.onDone('montage', done, total),
  );
  await cache.close();
  options.onDone('finish', 0, 1);
  const { kept, originals } = await keepLastCopies(output, result, photos.files(), placed.held, signal);
  await writeOriginals(result, new Map([...placed.originals, ...originals]));
  options.onDone('finish', 0.2, 1);

  await photos.findChanged(pictures.photos, signal);
  const read = new Map([...pictures.photos].map(([path, { content }]) => [path, content.hash]));
  const ids = await photos.identify(read, signal, (share) => options.onDone('finish', 0.2 + 0.2 * share, 1));
  const data = describeClusters(
    records,
    clusters,
    {
      encodings: clustering.encodings,
      programVersion: programVersion(),
      parameters: { ...clustering.parameters, seed: options.montage.seed },
      lastingLabels: clustering.names !== undefined,
      problems: photos.problems(),
    },
    {
      measured: (index) => clustering.known?.faces[index],
      unclear: (index) => clustering.unclear[index] as boolean,
      several: (label) => clustering.several.get(label),
      name: (label) => clustering.names?.get(label),
      cover: (label) => clustering.covers?.get(label),
      photoId: (imagePath) => ids.get(imagePath),
      photo: (imagePath) =>
        photos.encodedFacts(imagePath, ids.get(imagePath)) ?? pictures.photos.get(imagePath)?.content,
    },
    {
      folder: (label) => {
        if (clustering.folders) return clustering.folders(label) ?? null;
        return cropFiles || options.files !== 'none' ? folderOf(label) : null;
      },
      montages: (label) => montages.get(label) ?? [],
      face: (label, index): FacePlaces => {
        const { imagePath } = records[index] as FaceRecord;
        const found = photos.file(imagePath);
        const inPlace = crops || options.files === 'none';
        return {
          file:
            clustering.placed?.(label, imagePath) ??
            (inPlace ? found && pathFrom(output, found.path) : placed.file(label, imagePath)) ??
            null,
          crop: cropFiles?.get(index) ?? null,
          thumbnail: pictures.faces.get(index)?.thumbnail ?? null,
          photoThumbnail: pictures.photos.get(imagePath)?.thumbnail ?? null,
        };
      },
    },
  );
  const exporters = [
    exportJson,
    ...(options.csv ? [exportCsv] : []),
    ...(options.gallery ? [exportGallery] : []),
  ];
  for (const [i, exporter] of exporters.entries()) {
    await writeExport(result, exporter, data, signal);
    options.onDone('finish', 0.4 + (0.3 * (i + 1)) / exporters.length, 1);
  }
  throwIfAborted(signal);
  const files = placed.counts;
  return {
    identity: files.hardlink > 0 && files.copy === 0 ? 'inode' : 'size',
    folders: folders && [...folders.values()],
    data,
    files,
    kept,
  };
}

/** What the folders of people who last are called, by label; `undefined` if labels are numbers of this result alone. */
function namedFolders(
  { clusters, records, photos, names }: Clustering,
  crops: boolean,
): ReadonlyMap<number, string> | undefined {
  if (!names) return undefined;
  const taken = new FolderNames();
  return new Map(
    clusters.map(({ label, indices }) => {
      const paths = indices.flatMap(
        (index) => photos.file((records[index] as FaceRecord).imagePath)?.path ?? [],
      );
      return [label, taken.take(label, names.get(label), crops ? paths.length : new Set(paths).size)];
    }),
  );
}

/** Names of the pictures that were made; those of faces by their places in the encodings file. */
interface Pictures {
  readonly photos: Map<string, PhotoPictures>;
  readonly faces: Map<number, FacePictures>;
}

/** While the image library's threads have one photo, another one's files are read and written. */
function photosAtOnce(jobs: number): number {
  return 2 * jobs;
}

/** Makes the pictures of all photos of which some are wanted, each photo decoded once. */
async function makePictures(
  { records, clusters, photos }: Clustering,
  plans: readonly MontagePlan[],
  maker: PictureMaker,
  { gallery, montage, jobs, signal, onDone }: ResultOptions,
  crops: boolean,
): Promise<Pictures> {
  const onMontage = new Set(plans.flatMap(({ faces, wanted }) => faces.slice(0, wanted)));
  const record = (index: number) => records[index] as FaceRecord;
  const inCluster = new Uint8Array(records.length);
  for (const { indices } of clusters) for (const index of indices) inCluster[index] = 1;
  const shown = [...records.keys()].filter(
    (index) =>
      inCluster[index] && photos.file(record(index).imagePath) && (gallery || crops || onMontage.has(index)),
  );
  const facesOf = groupBy(shown, (index) => record(index).imagePath);
  const pictures: Pictures = { photos: new Map(), faces: new Map() };
  const files = new FilesDone(Array.from(facesOf.keys(), fileOfPath), (done, total) =>
    onDone('faces', done, total, pictures.faces.size),
  );
  await forEachConcurrent([...facesOf], photosAtOnce(jobs), signal, async ([imagePath, indices], _, stop) => {
    const requests = indices.map(
      (index): FaceRequest => ({
        box: record(index).loc,
        tile: onMontage.has(index) ? montage.layout : undefined,
      }),
    );
    const made = await maker.make(imagePath, requests, stop);
    if (made) {
      pictures.photos.set(imagePath, made);
      for (const [i, index] of indices.entries()) {
        const face = made.faces[i];
        if (face) pictures.faces.set(index, face);
      }
    }
    files.add(fileOfPath(imagePath));
  });
  return pictures;
}
