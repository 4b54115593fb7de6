import { readFile, rm, stat } from 'node:fs/promises';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { getOrMake } from '../base/maps';
import { photoState } from '../encode/journal/photo-state';
import type { PhotoIdentity } from '../encode/photo-store';
import { readEmbedded } from '../metadata/embedded';
import { readPacket, writePacket } from '../metadata/exiftool';
import { MOST_BYTES } from '../metadata/packet';
import { isSidecarName, type SidecarStyle, sidecarToWrite } from '../metadata/sidecars';
import { setMode, writeFileAtomically } from '../system/atomic-file';
import { fsPath, hasUndecodedBytes } from '../system/file-name';
import { ioError } from '../system/io-error';
import { FILES_AT_ONCE, processors } from '../system/jobs';
import { realPath } from '../system/real-path';
import { sha256OfFile } from '../system/sha256';

/** Whose packet is written. */
export interface PacketOwner {
  /** Where the photo is. */
  readonly photo: string;
  /** As the encodings file has it. */
  readonly imagePath: string;
  /** Whether it had none. */
  readonly isNew: boolean;
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
      const { size } = await stat(fsPath(file));
      if (size > MOST_BYTES)
        throw new FaceError('FACE_IO', `"${file}" is too large for a sidecar.`, { path: file });
      return await readFile(fsPath(file));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error instanceof FaceError ? error : ioError(`read ${file}`, error);
    }
  }

  /** Who may read a photo may read who is on it: a new sidecar has its permissions. */
  async write(file: string, { photo, isNew }: PacketOwner, bytes: Uint8Array | undefined): Promise<void> {
    if (!bytes) {
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
      if (isNew) await setMode(handle, (await stat(fsPath(photo))).mode & 0o666);
      await handle.writeFile(bytes);
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
    // Exiftool leaves out line breaks at the end, of some formats.
    const end = packet?.toString('latin1').trimEnd().replace(/\0+$/, '').length;
    const bytes = packet?.subarray(0, end);
    if (bytes?.includes('HasExtendedXMP')) {
      throw new FaceError(
        'FACE_IO',
        `"${file}" has so much metadata that they are in several parts; write a sidecar.`,
        { path: file },
      );
    }
    return bytes;
  }

  async write(file: string, { imagePath }: PacketOwner, bytes: Uint8Array | undefined): Promise<void> {
    const was = this.#ids.get(imagePath);
    await writePacket(file, bytes);
    if (was === undefined) return;
    const content = await sha256OfFile(file);
    const state = photoState(await stat(fsPath(file), { bigint: true }));
    getOrMake(this.#rewritten, was, () => []).push({ path: imagePath, content, state });
  }
}
