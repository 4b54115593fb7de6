import { access, constants, lstat, readFile, rm, stat } from 'node:fs/promises';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { getOrMake } from '../base/maps';
import { photoState } from '../encode/journal/photo-state';
import type { PhotoIdentity } from '../encode/photo-store';
import { readEmbedded } from '../metadata/embedded';
import { readPacket, writePacket } from '../metadata/exiftool';
import { readSidecars } from '../metadata/names-in-photo';
import { MOST_BYTES } from '../metadata/packet';
import { isSidecarName, type SidecarStyle, sidecarToWrite } from '../metadata/sidecars';
import { packetFrom } from '../metadata/tags';
import { setMode, writeFileAtomically } from '../system/atomic-file';
import { waitForDisk } from '../system/durable';
import { fsPath, hasUndecodedBytes } from '../system/file-name';
import { failingTo, ioError } from '../system/io-error';
import { FILES_AT_ONCE, processors } from '../system/jobs';
import { realPath } from '../system/real-path';
import { sha256OfFile } from '../system/sha256';

/** Whose packet is written. */
export interface PacketOwner {
  /** Where the photo is. */
  readonly photo: string;
  /** As the encodings file has it. */
  readonly imagePath: string;
  /** What was read of it: if it has become something else, that stays. */
  readonly before: Uint8Array | undefined;
}

/** Where XMP packets of photos are. */
export interface PacketStore {
  /** How many are read and written at once. */
  readonly atOnce: number;
  /** Says which photo is at a path. */
  know(imagePath: string, id: PhotoId): void;
  /** The file that has the packet of a photo, or is to have it. */
  fileOf(photo: string): Promise<string>;
  /** Whether a file is one of those. */
  has(file: string): boolean;
  /** @returns `undefined` if there is none @throws FaceError FACE_IO */
  read(file: string): Promise<Buffer | undefined>;
  /**
   * What a packet is to begin with that is made for a photo, see `packetFrom`.
   * @param withoutOurs makes of what is in a sidecar what others have written there
   * @throws FaceError as `readNamesInPhoto`
   */
  beginningFor(
    photo: string,
    withoutOurs: (file: string, bytes: Buffer) => Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined>;
  /** @param bytes `undefined`: none is to be there @throws FaceError FACE_IO */
  write(file: string, owner: PacketOwner, bytes: Uint8Array | undefined): Promise<void>;
}

/** Files beside the photos. */
export class Sidecars implements PacketStore {
  readonly atOnce = FILES_AT_ONCE;

  constructor(private readonly style: SidecarStyle) {}

  know(): void {}

  fileOf(photo: string): Promise<string> {
    return sidecarToWrite(photo, this.style);
  }

  has(file: string): boolean {
    return isSidecarName(file);
  }

  async read(file: string): Promise<Buffer | undefined> {
    try {
      const info = await stat(fsPath(file));
      if (!info.isFile() || info.size > MOST_BYTES)
        throw new FaceError('FACE_IO', `"${file}" is no sidecar, or too large for one.`, { path: file });
      return await readFile(fsPath(file));
    } catch (error) {
      if (error instanceof FaceError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      // A link that leads to nothing may lead to a disk that is away.
      const isGone = code === 'ENOTDIR' || (code === 'ENOENT' && !(await isLink(file)));
      if (isGone) return undefined;
      throw ioError(`read ${file}`, error);
    }
  }

  async beginningFor(
    photo: string,
    withoutOurs: (file: string, bytes: Buffer) => Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { xmp, picture } = await readEmbedded(photo, signal);
    // Who finds a sidecar called photo.jpg.xmp does not look for photo.xmp, but nobody leaves the first one out for the second.
    const sidecars = this.style === 'default' ? await readSidecars(photo, signal) : [];
    const beside = sidecars.flatMap(({ file, bytes }) => withoutOurs(file, bytes) ?? []);
    return packetFrom(xmp, beside, picture);
  }

  /** Who may read a photo may read who is on it: a new sidecar has its permissions. */
  async write(file: string, { photo, before }: PacketOwner, bytes: Uint8Array | undefined): Promise<void> {
    if (before) await mustBeWritable(file);
    if (!bytes) {
      await mustBe(before, this, file);
      await rm(file).catch((error: unknown) => {
        throw ioError(`remove ${file}`, error);
      });
      return;
    }
    if (hasUndecodedBytes(file)) {
      const remedy = 'Rename the photo.';
      throw new FaceError(
        'FACE_IO',
        `No sidecar can be written for "${photo}": its name is not UTF-8. ${remedy}`,
        {
          path: photo,
          remedy,
        },
      );
    }
    await writeFileAtomically(file, 'sidecar', async (handle) => {
      if (!before) await setMode(handle, (await stat(fsPath(photo))).mode & 0o666);
      await handle.writeFile(bytes);
      // As late as can be: other programs are at work.
      await waitForDisk(() => handle.sync());
      await mustBe(before, this, file);
    });
  }
}

/** In the photos themselves, by exiftool. */
export class EmbeddedPackets implements PacketStore {
  /** Each takes a process. */
  readonly atOnce = processors();
  readonly #ids = new Map<string, PhotoId>();
  readonly #rewritten = new Map<PhotoId, PhotoIdentity[]>();

  know(imagePath: string, id: PhotoId): void {
    this.#ids.set(imagePath, id);
  }

  /** What photos are by now, by what they were. */
  get rewritten(): ReadonlyMap<PhotoId, readonly PhotoIdentity[]> {
    return this.#rewritten;
  }

  /** Exiftool puts a file into the place of a link, which others would not follow then. */
  fileOf(photo: string): Promise<string> {
    return realPath(photo);
  }

  has(file: string): boolean {
    return !isSidecarName(file);
  }

  async read(file: string): Promise<Buffer | undefined> {
    const { xmp, picture } = await readEmbedded(file);
    const packet = picture ? xmp[0] : await readPacket(file);
    const bytes = packet && withoutEnd(packet);
    if (bytes?.includes('HasExtendedXMP')) {
      throw new FaceError(
        'FACE_IO',
        `"${file}" has so much metadata that they are in several parts; write a sidecar.`,
        { path: file },
      );
    }
    return bytes;
  }

  async beginningFor(): Promise<undefined> {}

  async write(
    file: string,
    { imagePath, before }: PacketOwner,
    bytes: Uint8Array | undefined,
  ): Promise<void> {
    const was = this.#ids.get(imagePath);
    await mustBeWritable(file);
    await mustBe(before, this, file);
    await writePacket(file, bytes);
    if (was === undefined) return;
    const content = await sha256OfFile(file);
    const state = photoState(await stat(fsPath(file), { bigint: true }));
    getOrMake(this.#rewritten, was, () => []).push({ path: imagePath, content, state });
  }
}

/** A packet without line breaks and zeros behind it: of some formats, exiftool leaves them out. */
function withoutEnd(packet: Buffer): Buffer {
  let end = packet.length;
  while (end > 0 && (packet[end - 1] as number) <= SPACE) end--;
  return packet.subarray(0, end);
}

const SPACE = 0x20;

async function isLink(file: string): Promise<boolean> {
  const stats = await lstat(fsPath(file)).catch(() => undefined);
  return stats?.isSymbolicLink() ?? false;
}

/** That a file is put into its place needs no more than a folder that may be written. @throws FaceError FACE_IO */
async function mustBeWritable(file: string): Promise<void> {
  await access(fsPath(file), constants.W_OK).catch(failingTo(`write ${file}`));
}

/** @throws FaceError FACE_IO unless a file still has what was read of it */
async function mustBe(before: Uint8Array | undefined, store: PacketStore, file: string): Promise<void> {
  const now = await store.read(file);
  if (now && before ? now.equals(before) : now === before) return;
  const remedy = 'Run the same again.';
  throw new FaceError('FACE_IO', `"${file}" was changed by another program meanwhile. ${remedy}`, {
    path: file,
    remedy,
  });
}
