import type { PhotoId } from '../base/ids';
import type { PersonId } from '../people/decisions';
import { tidyName } from '../people/faults';
import type { People } from '../people/people';
import type { FoundFaces } from '../sort/found-faces';
import { forEachConcurrent } from '../system/jobs';
import { EmbeddedPackets, Sidecars } from './packet-store';
import { noteAllRewritten } from './rewritten-photos';
import { namesEverHad } from './still-named';
import { TagRecords } from './tag-records';
import { taggedPhotos } from './tagged-photos';
import { Tagger } from './tagger';

/** What {@link untagPeople} has done. @internal */
export interface Untagged {
  /** Sidecars and photos that still have a name of theirs, as they can't be written. */
  readonly left: readonly string[];
  /** What photos were that are other ones now, as to what they hold. */
  readonly rewritten: ReadonlySet<PhotoId>;
}

/**
 * Takes the names of people who are to be forgotten out of all that `tagPhotos` has written; what it has written of others
 * stays. It is not on record any more then, also where it could not be taken out.
 * @param found the faces of the folder
 * @throws FaceError FACE_LOCKED, FACE_RESULT_INVALID, FACE_IO, FACE_ABORTED
 * @internal
 */
export async function untagPeople(
  { people, data, encodings }: { people: People; data: string; encodings: string },
  found: FoundFaces,
  persons: ReadonlySet<PersonId>,
  signal: AbortSignal | undefined,
): Promise<Untagged> {
  const names = namesEverHad(people, persons).flatMap((name) => [name, tidyName(name)]);
  const records = await TagRecords.open(data, false);
  const embedded = new EmbeddedPackets();
  const sidecars = new Sidecars('default');
  try {
    const files = records.mentioning(new Set(names));
    if (files.size === 0) return { left: [], rewritten: new Set() };
    for (const [place, { imagePath }] of found.records.entries())
      embedded.know(imagePath, (found.faces[place] as FoundFaces['faces'][0]).photo);
    await found.photos.findChanged(new Map(), signal);
    const failed = new Set(found.photos.problems().map((problem) => problem.path));
    const others = taggedPhotos(people, found, failed, persons);
    const photos = new Map(others.map((photo) => [photo.imagePath, photo]));
    const left: string[] = [];
    await forEachConcurrent(files, embedded.atOnce, signal, async ([file, imagePath], _, stopped) => {
      const tagger = new Tagger(records, sidecars.has(file) ? sidecars : embedded, false, () => {});
      const photo = photos.get(imagePath) ?? { path: imagePath, imagePath };
      if (!(await tagger.again(file, photo, stopped))) left.push(file);
    });
    await records.forget(left);
    return { left: left.sort(), rewritten: new Set(embedded.rewritten.keys()) };
  } finally {
    await noteAllRewritten(data, encodings, embedded).finally(() => records.close());
  }
}
