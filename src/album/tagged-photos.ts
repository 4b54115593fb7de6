import { boxOnPhoto } from '../base/box';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import { groupBy } from '../base/maps';
import type { FaceRecord } from '../base/types';
import { readEmbedded } from '../metadata/embedded';
import type { NamedRegion, StoredPicture } from '../metadata/names-in-xmp';
import type { PhotoTags } from '../metadata/tags';
import { storedArea } from '../metadata/turned';
import type { PersonId } from '../people/decisions';
import type { People } from '../people/people';
import { isImageName, photoFormat } from '../photos/formats/formats';
import { readPhotoUntil } from '../photos/read';
import type { FoundFaces } from '../sort/found-faces';

/** A photo with people on it who have names. */
export interface TaggedPhoto {
  /** Where it was found. */
  readonly path: string;
  /** As the encodings file has it. */
  readonly imagePath: string;
  readonly faces: readonly { readonly name: string; readonly box: FaceRecord['loc'] }[];
  /** What is known of the picture; `undefined` if it has to be looked at. */
  readonly upright: StoredPicture | undefined;
}

/** Who is on which photos, of those that are there. */
export function taggedPhotos(
  people: People,
  found: FoundFaces,
  failed: ReadonlySet<string>,
  without: ReadonlySet<PersonId> = new Set(),
): TaggedPhoto[] {
  const named = new Map(
    people
      .list()
      .flatMap(({ id, name, hidden }) =>
        name === undefined || hidden || without.has(id) ? [] : [[id, name]],
      ),
  );
  const who = people.whoAre(found.faces).people;
  const places = groupBy(
    [...found.records.keys()].filter((place) => named.has(who[place] as number)),
    (place) => (found.records[place] as FaceRecord).imagePath,
  );
  return [...places].flatMap(([imagePath, own]) => {
    const file = found.photos.file(imagePath);
    // A frame of a video has a place in it, which no sidecar can say.
    if (!file || failed.has(imagePath) || !isImageName(file.path)) return [];
    const id: PhotoId | undefined = found.faces[own[0] as number]?.photo;
    const facts = found.photos.encodedFacts(imagePath, id);
    const faces = own.map((place) => ({
      name: named.get(who[place] as number) as string,
      box: (found.records[place] as FaceRecord).loc,
    }));
    const { width, height, orientation } = facts ?? { width: 0, height: 0, orientation: null };
    const upright = orientation === null ? undefined : { width, height, orientation };
    return [{ path: file.path, imagePath, faces, upright }];
  });
}

/** What is to be in a photo's packet. @throws FaceError as `readEmbedded`; FACE_IMAGE_DECODE */
export async function tagsOf({ path, faces, upright }: TaggedPhoto, signal: AbortSignal): Promise<PhotoTags> {
  const now =
    upright && !(await isHeif(path, signal))
      ? upright
      : turnedPicture(path, (await readEmbedded(path, signal)).picture);
  const { width, height, orientation } = now;
  const regions: NamedRegion[] = faces.flatMap(({ name, box }) => {
    const seen = boxOnPhoto(box, now);
    return seen ? [{ name, area: storedArea(seen, orientation, width, height) }] : [];
  });
  return { picture: swapped(now), regions };
}

/** Whether a picture is upright as soon as it is decoded: only its file knows how it is stored. Phones' HEIC may be called `.jpg`. */
async function isHeif(path: string, signal: AbortSignal): Promise<boolean> {
  return photoFormat(await readPhotoUntil(path, () => true, signal)) === 'heif';
}

function turnedPicture(path: string, picture: StoredPicture | undefined): StoredPicture {
  if (picture) return swapped(picture);
  throw new FaceError('FACE_IMAGE_DECODE', `How the photo "${path}" is turned can't be told.`, {
    path,
    remedy: 'Run "sort" again, with --fresh.',
  });
}

/** The size of the upright picture from that of the stored one, and back. */
function swapped({ width, height, orientation }: StoredPicture): StoredPicture {
  return orientation < 5 ? { width, height, orientation } : { width: height, height: width, orientation };
}
