import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { faceId, type PhotoId } from '../base/ids';
import type { Box, FaceRecord, PhotoFacts } from '../base/types';
import type { GroupedFace } from '../people/carry-over';
import { rounded } from '../result/export/clusters-data';
import { type FaceToShow, PageFrame, type PhotoToShow } from '../result/export/gallery/describe';
import type { PhotoFile } from '../result/originals/find';
import { faceThumbnailName, photoThumbnailName } from '../result/pictures/pictures';
import type { FoundFaces } from '../sort/found-faces';
import type { PhotoWithoutFaces } from '../sort/photos-without-faces';

/** A photo that the page shows. */
export interface SessionPhoto {
  /** Where it is; `undefined` if it is not there any more, or was changed since it was sorted. */
  readonly file: PhotoFile | undefined;
  /** In pixels of the upright photo; `undefined` if that is not known. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Absolute path of a small picture of it, a JPEG; `undefined` if there is none yet. */
  readonly thumbnail: string | undefined;
}

/** A face that the page shows. */
export interface SessionFace {
  readonly photo: SessionPhoto;
  /** In pixels of the upright photo; may reach beyond its edges. */
  readonly box: Box;
  /** As {@link SessionPhoto.thumbnail}, of the face. */
  readonly thumbnail: string | undefined;
}

/** What is known of a photo by its path. */
interface KnownPhoto {
  readonly id: PhotoId;
  readonly file: PhotoFile | undefined;
  readonly facts: PhotoFacts | undefined;
}

/** The photos of a people folder, with faces and without, and what the page is told of them, whoever is who. */
export class PhotoBook {
  readonly #photos = new Map<string, KnownPhoto>();
  readonly frame: PageFrame<FaceToShow, PhotoToShow>;
  readonly #pathsById = new Map<string, string>();
  readonly #placesById = new Map<string, number>();

  /** @param pictures absolute path of the folder with the page and its small pictures */
  constructor(
    readonly found: FoundFaces,
    /** Nobody is on these. */
    readonly withoutFaces: readonly PhotoWithoutFaces[],
    private readonly pictures: string,
  ) {
    const changed = new Set(
      found.photos.problems().flatMap(({ code, path }) => (code === 'FACE_IMAGE_CHANGED' ? [path] : [])),
    );
    for (const [place, { imagePath }] of found.records.entries()) {
      if (this.#photos.has(imagePath)) continue;
      const { photo: id } = found.faces[place] as GroupedFace;
      this.#photos.set(imagePath, {
        id,
        file: changed.has(imagePath) ? undefined : found.photos.file(imagePath),
        facts: found.photos.encodedFacts(imagePath, id),
      });
    }
    for (const { path, id, file, facts } of withoutFaces) this.#photos.set(path, { id, file, facts });
    this.frame = new PageFrame(
      Array.from(found.records.keys(), (place) => this.faceToShow(place, undefined)),
      withoutFaces.map(({ path }) => this.photoToShow(path)),
    );
    for (const [path, id] of this.frame.photoIds) this.#pathsById.set(id, path);
    for (const [place, id] of this.frame.faceIds) this.#placesById.set(id, place);
  }

  /** The id of the photo at a path. */
  photoId(path: string): PhotoId {
    return (this.#photos.get(path) as KnownPhoto).id;
  }

  /** The paths of a photo and its copies. */
  pathsOf(photo: PhotoId): string[] {
    return [...this.#photos].flatMap(([path, { id }]) => (id === photo ? [path] : []));
  }

  /** Where the photo with this `GalleryPhoto.id` was when it was sorted. */
  pathOf(id: string): string | undefined {
    return this.#pathsById.get(id);
  }

  /** The place of the face with this `GalleryFace.id`. */
  placeOf(id: string): number | undefined {
    return this.#placesById.get(id);
  }

  /** The `GalleryFace.id` of the face at a place. */
  faceId(place: number): string {
    return this.frame.faceIds.get(place) as string;
  }

  photo(path: string): SessionPhoto {
    const { id, file, facts } = this.#photos.get(path) as KnownPhoto;
    return {
      file,
      width: facts?.width,
      height: facts?.height,
      thumbnail: facts && this.#there(photoThumbnailName({ ...facts, hash: id })),
    };
  }

  face(place: number): SessionFace {
    const { imagePath, loc: box } = this.found.records[place] as FaceRecord;
    return { photo: this.photo(imagePath), box, thumbnail: this.#faceThumbnail(imagePath, box) };
  }

  /** The absolute path of a small picture, if it is there. */
  #there(name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    const path = join(this.pictures, name);
    return existsSync(path) ? path : undefined;
  }

  #faceThumbnail(path: string, box: Box): string | undefined {
    const { id, facts } = this.#photos.get(path) as KnownPhoto;
    return facts && this.#there(faceThumbnailName({ ...facts, hash: id }, box));
  }

  /** Whether the photo can be shown. */
  isThere(path: string): boolean {
    return this.#photos.get(path)?.file !== undefined;
  }

  photoToShow(path: string): PhotoToShow {
    const { id, facts } = this.#photos.get(path) as KnownPhoto;
    return {
      photo: path,
      photoId: id,
      photoWidth: facts?.width ?? null,
      photoHeight: facts?.height ?? null,
      photoTaken: facts?.taken ?? null,
    };
  }

  /** @param distance to the centre of the person */
  faceToShow(place: number, distance: number | undefined): FaceToShow {
    const { imagePath, loc: box } = this.found.records[place] as FaceRecord;
    const photo = this.photoToShow(imagePath);
    return {
      ...photo,
      id: faceId(photo.photoId as PhotoId, box),
      index: place,
      box,
      distance: rounded(distance ?? null),
      sharpness: rounded(this.found.known?.faces[place]?.sharpness ?? null),
      unclear: this.found.toCluster.unclear[place] as boolean,
    };
  }
}
