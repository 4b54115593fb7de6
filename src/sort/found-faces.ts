import { dirname } from 'node:path';
import type { PhotoId } from '../base/ids';
import { groupBy } from '../base/maps';
import type { PhotoProblem } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import type { FacesToCluster } from '../clustering/clusterer';
import { facesToCluster } from '../clustering/faces-to-cluster';
import { type JournalFace, type JournalKnowledge, readJournalFaces } from '../encode/journal/faces';
import { readEncodings } from '../encodings/encodings';
import type { GroupedFace } from '../people/carry-over';
import type { FaceOnPhoto } from '../people/decisions';
import { FaceIndex } from '../people/faces';
import type { PhotoFile } from '../result/originals/find';
import { PhotoSet } from '../result/originals/photo-set';
import { type AddedFace, readAddedFaces, SCORE_OF_ADDED } from './added-faces';
import { photosWithoutFaces } from './photos-without-faces';
import type { SortSettings } from './settings';

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
  /** How many faces people have added, see `AddedFaces`; those that a detector has found by now are counted, too. */
  readonly added: number;
}

/** Where the faces of a people folder are, and which of its photos are sorted. */
export interface FacesSource {
  /** Path of the encodings file. */
  readonly encodings: string;
  readonly settings: SortSettings;
}

/**
 * Reads what `encodeFaces` has found and people have added, and looks for the photos.
 * @param onLocated is told how many photos were looked for, of how many; a video is one
 * @throws FaceError as `readEncodings` and `readAddedFaces`; FACE_ABORTED
 */
export async function readFoundFaces(
  { encodings, settings }: FacesSource,
  signal: AbortSignal | undefined,
  onProblem: (problem: PhotoProblem) => void,
  onLocated: (done: number, total: number) => void,
): Promise<FoundFaces> {
  const detected = await readEncodings(encodings, { signal });
  const journal = await readJournalFaces(encodings, detected, signal);
  const added = await readAddedFaces(dirname(encodings));
  const { records: all, known: everything } = await withAdded(detected, journal, added, settings, signal);
  const photos = new PhotoSet(all, everything, onProblem, 'sort');
  await photos.locate(undefined, signal, onLocated);
  const ids = await photos.identify(new Map(), signal, () => {});
  const idOf = ({ imagePath }: FaceRecord) => ids.get(imagePath) as PhotoId;
  // A photo that nobody knows and that is gone is nobody's any more.
  const identified = [...all.keys()].filter((index) => ids.has((all[index] as FaceRecord).imagePath));
  const faceOf = (index: number): FaceOnPhoto => {
    const record = all[index] as FaceRecord;
    return { photo: idOf(record), box: record.loc };
  };
  const missed = missedBy(identified.filter((index) => index < detected.length).map(faceOf), added.length);
  const kept = identified.filter((index) => index < detected.length || missed(faceOf(index)));
  const records = kept.map((index) => all[index] as FaceRecord);
  const known = everything && { ...everything, faces: kept.map((index) => everything.faces[index]) };
  return {
    records,
    known,
    photos,
    faces: records.map((record, i) => ({
      photo: idOf(record),
      ...formerly(idOf(record), known?.faces[i]),
      box: record.loc,
      encoding: record.encoding,
      mirrored: known?.faces[i]?.mirrored,
    })),
    toCluster: facesToCluster(records, known),
    onPhoto: groupBy(records.keys(), (i) => idOf(records[i] as FaceRecord)),
    added: added.length,
  };
}

/** The other photos that exactly this face was found on. */
function formerly(photo: PhotoId, face: JournalFace | undefined): { readonly was?: readonly PhotoId[] } {
  const was = [...(face?.contents ?? [])].filter((content) => content !== photo);
  return was.length > 0 ? { was } : {};
}

/** Whether an added face is none of those that the detector has found by now. */
function missedBy(detected: readonly FaceOnPhoto[], added: number): (face: FaceOnPhoto) => boolean {
  if (added === 0) return () => true;
  const index = new FaceIndex(detected);
  return (face) => index.find(face) === undefined;
}

/** The faces that were detected, and behind them those that were added, on each of the photos' copies. */
async function withAdded(
  detected: readonly FaceRecord[],
  known: JournalKnowledge | undefined,
  added: readonly AddedFace[],
  settings: SortSettings,
  signal: AbortSignal | undefined,
): Promise<{ readonly records: readonly FaceRecord[]; readonly known: JournalKnowledge | undefined }> {
  if (!known || added.length === 0) return { records: detected, known };
  const wanted = new Set(added.map(({ photo }) => photo));
  const others = await photosWithoutFaces(known, settings, signal, (photo) => wanted.has(photo));
  const places = [
    ...[...known.photos].map(([path, { content }]) => ({ path, id: content })),
    ...others.map(({ path, id }) => ({ path, id })),
  ].filter(({ id }) => wanted.has(id));
  const pathsOf = groupBy(places, ({ id }) => id);
  // One that was added is on each photo that its photo has become since.
  const photosOf = groupBy(added, sameFace);
  const onPhotos = added.flatMap((face) =>
    (pathsOf.get(face.photo) ?? []).map(({ path }) => ({ face, record: recordOf(face, path) })),
  );
  const now = new Set(onPhotos.map(({ record }) => record.imagePath));
  return {
    records: [...detected, ...onPhotos.map(({ record }) => record)],
    known: {
      ...known,
      faces: [...known.faces, ...onPhotos.map(({ face }) => knowledgeOf(face, photosOf.get(sameFace(face))))],
      photos: new Map([...known.photos, ...[...known.others].filter(([path]) => now.has(path))]),
      others: new Map([...known.others].filter(([path]) => !now.has(path))),
    },
  };
}

function recordOf({ box, encoding }: AddedFace, imagePath: string): FaceRecord {
  return { imagePath, loc: box, encoding };
}

/** Equal for what is one face to the last bit. */
function sameFace({ box: { top, right, bottom, left }, encoding }: AddedFace): string {
  return `${top} ${right} ${bottom} ${left} ${encoding.join(' ')}`;
}

/** @param same all that are this face, on whatever photo */
function knowledgeOf(face: AddedFace, same: readonly AddedFace[] = [face]): JournalFace {
  const { photo: _, encoding: __, box: ___, ...measures } = face;
  return { ...measures, score: SCORE_OF_ADDED, contents: new Set(same.map(({ photo }) => photo)) };
}

/**
 * The same with one face more, which was added just now.
 * @param imagePath of the photo, as the encodings file or the journal has it
 * @param file of the photo
 * @param isFirst whether it is not the same face on another copy of the photo
 */
export function withOneMore(
  found: FoundFaces,
  face: AddedFace,
  imagePath: string,
  file: PhotoFile | undefined,
  isFirst: boolean,
): FoundFaces {
  const { photo, box, encoding, mirrored } = face;
  const record = recordOf(face, imagePath);
  const knowledge = knowledgeOf(face);
  const place = found.records.length;
  const known = found.known && { ...found.known, faces: [...found.known.faces, knowledge] };
  found.photos.add(imagePath, file, photo);
  const onPhoto = [...(found.onPhoto.get(photo) ?? []), place];
  const records = [...found.records, record];
  // Whether it is a part of another face, those on its photo say.
  const own = onPhoto.filter((i) => (records[i] as FaceRecord).imagePath === imagePath);
  const faces = own.map((i) => known?.faces[i]);
  const { unclear, ids } = facesToCluster(
    own.map((i) => records[i] as FaceRecord),
    known && { ...known, faces, photos: new Map([[imagePath, { content: photo, state: undefined }]]) },
  );
  const { toCluster } = found;
  const allUnclear = [...toCluster.unclear, false];
  for (const [i, index] of own.entries()) allUnclear[index] = unclear[i] as boolean;
  return {
    ...found,
    records,
    known,
    faces: [...found.faces, { photo, box, encoding, mirrored }],
    toCluster: {
      encodings: [...toCluster.encodings, encoding],
      mirrored: toCluster.mirrored && mirrored && [...toCluster.mirrored, mirrored],
      unclear: allUnclear,
      ids: [...toCluster.ids, ids.at(-1) as string],
    },
    onPhoto: new Map([...found.onPhoto, [photo, onPhoto]]),
    added: found.added + (isFirst ? 1 : 0),
  };
}
