import { join } from 'node:path';
import type { PhotoId } from '../base/ids';
import type { FaceRecord } from '../base/types';
import type { LinkageParameters } from '../clustering/clusterer';
import { clustersOf } from '../clustering/clusters';
import { findSeveral, type Several } from '../clustering/several';
import type { GroupedFace } from '../people/carry-over';
import type { PersonId } from '../people/decisions';
import { faceKey } from '../people/faces';
import { leadToPage } from '../result/export/gallery/lead-to-page';
import { checkLayout } from '../result/montage/layout';
import { DATA_FOLDER, GALLERY_PAGE, PAGE_FOLDER } from '../result/names-in-result';
import type { Placed } from '../result/originals/place-photo';
import type { PeopleFolder } from '../result/people-folder/people-folder';
import type { FolderPlan, FolderSummary } from '../result/people-folder/types';
import { buildResult } from '../result/publish/folder';
import { type ResultOptions, writeResult } from '../result/result';
import type { FoundFaces } from './found-faces';
import { HIDDEN, idOfWhole, type Shown } from './shown';

/** How the pictures of several faces look that lie beside the page. */
const MONTAGE: ResultOptions['montage'] = {
  layout: checkLayout({ columns: 5, rows: 5, tileWidth: 96, tileHeight: 96 }),
  order: 'representative',
  all: false,
  seed: 0,
};

export interface PublishOptions extends Pick<ResultOptions, 'jobs' | 'maxPixels' | 'maxMemory' | 'signal'> {
  readonly files: Placed;
  readonly parameters: LinkageParameters;
  readonly onDone: ResultOptions['onDone'];
}

export interface Published {
  readonly plan: FolderPlan;
  readonly folder: FolderSummary;
  /** Path of the page. */
  readonly page: string;
  /** Who looks like several people. */
  readonly several: ReadonlyMap<number, Several>;
}

/**
 * Makes the page, then the folder as it is to be: the page knows by then what the photos in the folder will be called.
 * @param encodings path of the encodings file
 * @throws FaceError FACE_IO, FACE_ABORTED
 */
export async function publish(
  folder: PeopleFolder,
  encodings: string,
  found: FoundFaces,
  shown: Shown,
  { files, parameters, ...options }: PublishOptions,
): Promise<Published> {
  const { records, known, photos, toCluster } = found;
  const { signal } = options;
  const plan = await folder.plan(shown.folders);
  const clusters = clustersOf(shown.labels, toCluster.encodings).filter(({ label }) => label !== HIDDEN);
  const several = await findSeveral(clusters, records, signal ? { signal } : {}, shown.said);
  const fromPage = (path: string | undefined) => path && `../../${path}`;
  const file = filesIn(plan, found, shown);
  const names = new Map(shown.people.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name]])));
  await buildResult(join(folder.data, PAGE_FOLDER), (unfinished, target) =>
    writeResult(
      unfinished,
      target,
      {
        records,
        clusters,
        several,
        photos,
        known,
        encodings,
        parameters,
        unclear: toCluster.unclear,
        names,
        covers: coversOf(shown, found),
        placed: (label, imagePath) => fromPage(file(label, imagePath)),
        folders: (label) => fromPage(plan.folder(label >= 0 ? label : 'unsorted')),
      },
      { ...options, files: 'none', layout: 'photos', gallery: true, csv: false, montage: MONTAGE },
    ),
  );
  const summary = await folder.apply(plan, files, {
    ...(signal && { signal }),
    onDone: (done, total) => options.onDone('files', done, total),
  });
  await leadToPage(folder.path, `${DATA_FOLDER}/${PAGE_FOLDER}/${GALLERY_PAGE}`);
  return { plan, folder: summary, page: join(folder.path, GALLERY_PAGE), several };
}

/** Where in the folder a photo is, in that of the person if it can be; the rest are not always in a folder of their own. */
function filesIn(plan: FolderPlan, { faces, records }: FoundFaces, { folders }: Shown) {
  const ids = new Map(
    faces.map(({ photo }, i) => {
      const { imagePath } = records[i] as FaceRecord;
      return [imagePath, idOfWhole(photo, imagePath)];
    }),
  );
  const anywhere = new Map(folders.flatMap(({ place, photos }) => photos.map(({ id }) => [id, place])));
  return (label: number, imagePath: string): string | undefined => {
    const id = ids.get(imagePath) as PhotoId;
    const place = label >= 0 ? label : anywhere.get(id);
    return place === undefined ? undefined : plan.file(place, id);
  };
}

/** The places of the faces that stand for people. */
function coversOf({ people }: Shown, { faces, onPhoto }: FoundFaces): Map<PersonId, number> {
  const covers = new Map<PersonId, number>();
  for (const { id, cover } of people) {
    if (!cover) continue;
    const wanted = faceKey(cover);
    const place = onPhoto.get(cover.photo)?.find((i) => faceKey(faces[i] as GroupedFace) === wanted);
    if (place !== undefined) covers.set(id, place);
  }
  return covers;
}
