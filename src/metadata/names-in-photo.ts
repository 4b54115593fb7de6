import { readFile, stat } from 'node:fs/promises';
import { abortError } from '../base/errors';
import { fsPath } from '../system/file-name';
import { ioError } from '../system/io-error';
import { readEmbedded } from './embedded';
import { joinNames, type NamesInPhoto, namesInXmp, type StoredPicture } from './names-in-xmp';
import { decodePacket, MOST_BYTES } from './packet';
import { sidecarPaths } from './sidecars';
import { turned } from './turned';
import { parseXml } from './xml';

export type { NamedRegion, NamesInPhoto } from './names-in-xmp';
export type { Area } from './turned';

/**
 * What sidecars (photo.jpg.xmp, photo.xmp) and the photo itself say of who is on it. Where they differ on a face, the sidecar
 * counts. Foreign or damaged metadata say nothing.
 * @throws FaceError FACE_IMAGE_NOT_FOUND, FACE_IO, FACE_ABORTED
 */
export async function readNamesInPhoto(path: string, signal?: AbortSignal): Promise<NamesInPhoto> {
  const { xmp, picture, turnedByDecoder } = await readEmbedded(path, signal);
  const sidecars = await readSidecars(path, signal);
  const packets = [...sidecars.map(({ bytes }) => bytes), ...xmp];
  const { regions, people } = joinNames(packets.map((bytes) => namesIn(bytes, picture)));
  const orientation = turnedByDecoder ? (picture?.orientation ?? 1) : 1;
  return { regions: regions.map(({ name, area }) => ({ name, area: turned(area, orientation) })), people };
}

/**
 * Which files say of a photo that some people are on it: sidecars, and the photo itself.
 * @param isOne whether a name is one of theirs
 * @throws FaceError as {@link readNamesInPhoto}
 */
export async function filesNaming(
  path: string,
  isOne: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<string[]> {
  const { xmp } = await readEmbedded(path, signal);
  const all = [...(await readSidecars(path, signal)), ...xmp.map((bytes) => ({ file: path, bytes }))];
  const naming = all.filter(({ bytes }) => namesIn(bytes, undefined).people.some(isOne));
  return [...new Set(naming.map(({ file }) => file))];
}

interface Sidecar {
  readonly file: string;
  readonly bytes: Buffer;
}

/** What is in the sidecars of a photo, the one that is the photo's alone first. @throws FaceError FACE_IO, FACE_ABORTED */
export async function readSidecars(path: string, signal: AbortSignal | undefined): Promise<Sidecar[]> {
  const there: Sidecar[] = [];
  for (const file of sidecarPaths(path)) {
    const bytes = await readIfThere(file, signal);
    if (bytes) there.push({ file, bytes });
  }
  return there;
}

/** What all packets have that say of anybody that they are on a photo. */
const SAYS_WHO =
  /metadataworkinggroup|ns\.microsoft\.com\/photo|digikam\.org|Iptc4xmpExt|ns\.adobe\.com\/lightroom/;

function namesIn(bytes: Uint8Array, picture: StoredPicture | undefined): NamesInPhoto {
  const packet = decodePacket(bytes);
  // Taking XML apart takes longer than looking through it, and most say nothing.
  const root = packet && SAYS_WHO.test(packet.text) ? parseXml(packet.text) : undefined;
  return root ? namesInXmp(root, picture) : { regions: [], people: [] };
}

async function readIfThere(path: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  try {
    const info = await stat(fsPath(path));
    // Somebody who opens a pipe waits for ever.
    if (!info.isFile() || info.size > MOST_BYTES) return undefined;
    return await readFile(fsPath(path), signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw abortError(signal);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw ioError(`read ${path}`, error);
  }
}
