import type { PhotoId } from '../base/ids';
import { groupBy } from '../base/maps';
import type { PhotoProblem } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import type { FacesToCluster } from '../clustering/clusterer';
import { facesToCluster } from '../clustering/faces-to-cluster';
import { type JournalKnowledge, readJournalFaces } from '../encode/journal/faces';
import { readEncodings } from '../encodings/encodings';
import type { GroupedFace } from '../people/carry-over';
import { PhotoSet } from '../result/originals/photo-set';

/** The faces that a people folder is made of, and their photos. */
export interface FoundFaces {
  readonly records: readonly FaceRecord[];
  readonly known: JournalKnowledge | undefined;
  readonly photos: PhotoSet;
  /** As people are told them; in the order of `records`. */
  readonly faces: readonly GroupedFace[];
  /** As they are grouped; in the same order. */
  readonly toCluster: Required<Omit<FacesToCluster, 'known'>>;
  /** The places of the faces on a photo. */
  readonly onPhoto: ReadonlyMap<PhotoId, readonly number[]>;
}

/**
 * Reads what `encodeFaces` has found, and looks for the photos.
 * @param onLocated is given how many photos were looked for, and how many there are
 * @throws FaceError as `readEncodings`; FACE_ABORTED
 */
export async function readFoundFaces(
  encodings: string,
  signal: AbortSignal | undefined,
  onProblem: (problem: PhotoProblem) => void,
  onLocated: (done: number, total: number) => void,
): Promise<FoundFaces> {
  const all = await readEncodings(encodings, { signal });
  const everything = await readJournalFaces(encodings, all, signal);
  const photos = new PhotoSet(all, everything, onProblem);
  await photos.locate(undefined, signal, (done) => onLocated(done, photos.paths.length));
  const ids = await photos.identify(new Map(), signal, () => {});
  // A photo that nobody knows and that is gone is nobody's any more.
  const identified = [...all.keys()].filter((index) => ids.has((all[index] as FaceRecord).imagePath));
  const records = identified.map((index) => all[index] as FaceRecord);
  const known = everything && { ...everything, faces: identified.map((index) => everything.faces[index]) };
  const idOf = ({ imagePath }: FaceRecord) => ids.get(imagePath) as PhotoId;
  return {
    records,
    known,
    photos,
    faces: records.map((record, i) => ({
      photo: idOf(record),
      box: record.loc,
      encoding: record.encoding,
      mirrored: known?.faces[i]?.mirrored,
    })),
    toCluster: facesToCluster(records, known),
    onPhoto: groupBy(records.keys(), (i) => idOf(records[i] as FaceRecord)),
  };
}
