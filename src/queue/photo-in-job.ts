import type { FaceErrorCode } from '../base/errors';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import { storeResult } from '../encode/journal/records';
import type { PhotoStore } from '../encode/photo-store';
import type { PhotoPipeline } from '../engine/photo-pipeline';
import { photoAt } from '../photos/given';
import { type JobPhoto, MOST_BYTES, MOST_SENT } from './messages';
import { type Pending, pathOf } from './pending-photos';
import { placeWithin } from './photo-folder';

/** How workers come to photos: as files below a folder of their own, or as bytes. */
export interface Delivery {
  /** Folder that all photos are in. */
  readonly folder: string;
  /** Whether photos are sent as bytes, for workers that have no such folder. */
  readonly send: boolean;
}

/** Why a photo can't be given to workers. */
export function whyNotInJob(
  pending: Pending<unknown>,
  { folder, send }: Delivery,
): { code: FaceErrorCode; reason: string } | undefined {
  const path = pathOf(pending);
  const longest = send ? MOST_SENT : MOST_BYTES;
  if (pending.bytes > longest) {
    const size = `${Math.round(longest / 1e6)} MB`;
    return {
      code: 'FACE_IMAGE_TOO_LARGE',
      reason: `The file of the photo "${path}" is longer than the ${size} that workers are given.`,
    };
  }
  if (!send && placeWithin(folder, path) === undefined) {
    return { code: 'FACE_IMAGE_NOT_FOUND', reason: `The photo "${path}" is not in ${folder}.` };
  }
  return undefined;
}

/** The photo as workers are given it, or why it can't be read any more. */
export async function photoInJob(
  pending: Pending<unknown>,
  { folder, send }: Delivery,
  store: PhotoStore,
  reader: PhotoPipeline,
  signal: AbortSignal,
): Promise<JobPhoto | PhotoProblem> {
  const { content, bytes, isPart } = pending;
  const path = pathOf(pending);
  const known = isPart && { known: storeResult(await store.result(content)) };
  if (!send) return { path, content, bytes, within: placeWithin(folder, path) as string, ...known };
  let { data } = pending;
  if (!data) {
    // A second attempt: it is read again.
    const file = await reader
      .read(photoAt(path, bytes), signal)
      .catch((error: unknown) => problemOf(path, error));
    if ('code' in file) return file;
    data = file.bytes;
    file.release();
  }
  return { path, content, bytes, data: Buffer.from(data).toString('base64'), ...known };
}
