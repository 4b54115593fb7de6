import { readFile } from 'node:fs/promises';
import { abortError } from '../base/errors';
import { fsPath } from '../system/file-name';
import { ioError } from '../system/io-error';
import { readEmbedded } from './embedded';
import { joinNames, type NamesInPhoto, namesInXmp, type StoredPicture } from './names-in-xmp';
import { decodePacket, parsePacket } from './packet';
import { sidecarPaths } from './sidecars';

export type { NamedRegion, NamesInPhoto } from './names-in-xmp';
export type { Area } from './turned';

/**
 * What sidecars (photo.jpg.xmp, photo.xmp) and the photo itself say of who is on it. Where they differ on a face, the sidecar
 * counts. Foreign or damaged metadata say nothing.
 * @throws FaceError FACE_IMAGE_NOT_FOUND, FACE_IO, FACE_ABORTED
 */
export async function readNamesInPhoto(path: string, signal?: AbortSignal): Promise<NamesInPhoto> {
  const { xmp, picture } = await readEmbedded(path, signal);
  const packets: Uint8Array[] = [];
  for (const sidecar of sidecarPaths(path)) {
    const bytes = await readIfThere(sidecar, signal);
    if (bytes) packets.push(bytes);
  }
  if (xmp) packets.push(xmp);
  return joinNames(packets.map((bytes) => namesIn(bytes, picture)));
}

function namesIn(bytes: Uint8Array, picture: StoredPicture | undefined): NamesInPhoto {
  const packet = decodePacket(bytes);
  const root = packet && parsePacket(packet);
  return root ? namesInXmp(root, picture) : { regions: [], people: [] };
}

async function readIfThere(path: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  try {
    return await readFile(fsPath(path), signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw abortError(signal);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG')
      return undefined;
    throw ioError(`read ${path}`, error);
  }
}
