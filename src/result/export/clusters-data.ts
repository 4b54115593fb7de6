import { type FaceId, faceId, fileOfPhoto, type PhotoId } from '../../base/ids';
import { groupBy } from '../../base/maps';
import type { PhotoProblem } from '../../base/photo-problem';
import type { Box, FaceRecord, PhotoFacts } from '../../base/types';
import type { ClusteringParameters } from '../../clustering/clusterer';
import type { Cluster } from '../../clustering/clusters';
import { findHolders } from '../../clustering/holders';
import type { Several } from '../../clustering/several';
import type { MeasuredFace } from '../../clustering/unclear';
import { fileOfPath, frameIn } from '../../photos/video/frame-path';

/**
 * What `clusters.json` in a result folder holds; `schemas/clusters.schema.json` says the same as a JSON schema.
 * Fields may be added; where one goes or changes its meaning, `version` rises, and `readClusters` reads the earlier ones,
 * too. The same faces, photos, journal and parameters give the same file. All paths to files of the result are relative
 * to the folder of `clusters.json`, with `/` between their parts on every system; as links they need escaping.
 */
export interface ClustersData {
  readonly format: 'face-cluster-native clusters';
  readonly version: 2;
  /** What wrote it. */
  readonly program: { readonly name: 'face-cluster-native'; readonly version: string };
  readonly encodings: {
    /** Path of the encodings file, as it was given. */
    readonly file: string;
    /** Number of faces in it. */
    readonly faces: number;
    /** Number of different photos that they are on; a video is one. */
    readonly photos: number;
  };
  readonly parameters: ClustersParameters;
  /**
   * Whether labels are the numbers of people who last, see `People`: they start at 1, some may be missing, and they mean the same
   * people in later results. If not, they mean nothing beyond this result.
   */
  readonly lastingLabels: boolean;
  /**
   * In the order of their labels, which start at 0 unless they last; empty if no faces are alike. People who are hidden are not
   * there, nor are their faces.
   */
  readonly people: readonly ClusterData[];
  /** The faces that are like too few others: label -1. */
  readonly unclustered: ClusterData;
  /** Photos that could not be used, in the order of the encodings file. */
  readonly problems: readonly PhotoProblem[];
}

export const FORMAT: ClustersData['format'] = 'face-cluster-native clusters';
export const VERSION: ClustersData['version'] = 2;

/** What the result depends on, beside the faces. */
export type ClustersParameters = ClusteringParameters & {
  /** Chose the faces of the montages. */
  readonly seed: number;
};

/** One person, or all faces that belong to none. */
export interface ClusterData {
  /** From 0; -1 for the faces that belong to no person. See {@link ClustersData.lastingLabels}. */
  readonly label: number;
  /** What somebody has named the person; `null` for people without a name, and for label -1. */
  readonly name: string | null;
  /** Number of different photos that the faces are on; a video is one. */
  readonly photos: number;
  /** The same without copies: photos with the same bytes count once. */
  readonly distinctPhotos: number;
  /**
   * Whether copies of the same photos alone made this a person: without them there are fewer faces than
   * `parameters.minSamples`.
   */
  readonly onlyCopies: boolean;
  /** Number of photos that the person seems to be on more than once, which few are; `null` for label -1. */
  readonly photosWithSeveral: number | null;
  /** Mean distance of the faces to the person's centre, rounded to 6 decimals; `null` for label -1. */
  readonly spread: number | null;
  /**
   * What makes this look like several people, its numbers rounded to 6 decimals; `null` if nothing does, for label -1, and in
   * results of versions that did not look at this.
   */
  readonly several: Several | null;
  /** The folder of this person's files; `null` if there is none. */
  readonly folder: string | null;
  /** The overview pictures, in order. */
  readonly montages: readonly string[];
  /** `index` of the face that is nearest to the person's centre, the first of several; `null` for label -1. */
  readonly representative: number | null;
  /** `index` of the face that somebody has chosen to stand for the person; `null` if nobody has. */
  readonly cover: number | null;
  /** In the order of the encodings file. */
  readonly faces: readonly FaceData[];
}

export interface FaceData extends FacePlaces {
  /**
   * Names the face in every result, whatever its place in a file; the same for the faces on copies of a photo. `null` if
   * `photoId` is.
   */
  readonly id: FaceId | null;
  /** Place of the face in the encodings file, from 0. */
  readonly index: number;
  /** Path of the photo, as the encodings file has it. */
  readonly photo: string;
  /**
   * Names the photo that the face was found on by its bytes, as the journal beside the encodings file has them; without that
   * journal, the photo that is there now. `null` if there is neither.
   */
  readonly photoId: PhotoId | null;
  /** Size of the upright photo in pixels, which `box` is on; `null` if it is not known, or the photo was changed since. */
  readonly photoWidth: number | null;
  readonly photoHeight: number | null;
  /**
   * How the stored pixels have to be turned to be upright, from 1 to 8 as EXIF counts it; `null` as for `photoWidth`, and if
   * an earlier version, which did not note it, made the journal.
   */
  readonly photoOrientation: number | null;
  /**
   * When the photo was taken, by the camera's clock: `2019-07-14T15:30:12`, with the offset from UTC at the end if the camera
   * noted it (`+02:00`). `null` if the photo does not say, and as for `photoOrientation`.
   */
  readonly photoTaken: string | null;
  /** Where on the photo the face is, in pixels of the upright photo; may reach beyond its edges. */
  readonly box: Box;
  /**
   * Euclidean distance of the face's encoding to the person's centre, the mean of the encodings of all the person's
   * faces; rounded to 6 decimals. `null` for label -1, which has no centre.
   */
  readonly distance: number | null;
  /**
   * The detector's score, 0 or higher; higher is surer. Not comparable between `hog` and `cnn`. `null` if there is no
   * journal beside the encodings file that knows it.
   */
  readonly score: number | null;
  /** How sharp the face's picture is, see `FaceMeasures`; rounded to 6 decimals. `null` as for `score`, and if it was not measured. */
  readonly sharpness: number | null;
  /**
   * Whether it is too unclear to tell who it is: a blur, what hardly is a face, or a part of another. As far as that was measured;
   * with `linkage` such faces make nobody, with `dbscan` they are taken like all others.
   */
  readonly unclear: boolean;
  /** `index` of the face on the same photo whose box holds this one's, the smallest of several; `null` if none does. */
  readonly inside: number | null;
}

/** Where in the result things are that belong to a face; `null` for what is not there. */
export interface FacePlaces {
  /**
   * The photo: in the person's folder, or, if no photos were put there, where it was found (an absolute path if it is
   * on another drive).
   */
  readonly file: string | null;
  /** The face, cut out of the photo in full size: with layout `faces` only. */
  readonly crop: string | null;
  /** A small picture of the face. */
  readonly thumbnail: string | null;
  /** A small picture of the whole photo, upright. */
  readonly photoThumbnail: string | null;
}

/** What {@link describeClusters} has to be told that neither the clusters nor the encodings file say. */
export interface FaceFacts {
  /** What was measured of face number `index`. */
  measured(index: number): MeasuredFace | undefined;
  /** Whether it is too unclear to tell who it is. */
  unclear(index: number): boolean;
  photoId(imagePath: string): PhotoId | undefined;
  photo(imagePath: string): PhotoFacts | undefined;
  /** Why a cluster looks like several people, if it does. */
  several(label: number): Several | undefined;
  /** The face that was chosen to stand for a cluster's person, if one was. */
  cover(label: number): number | undefined;
  /** The person's name, if somebody has given them one. */
  name(label: number): string | undefined;
}

/** What {@link describeClusters} has to be told about the files of the result. */
export interface ResultPlaces {
  /** The folder of a cluster's files. */
  folder(label: number): string | null;
  montages(label: number): readonly string[];
  /** Of face number `index`, which belongs to the cluster `label`. */
  face(label: number, index: number): FacePlaces;
}

/**
 * Describes a clustering as `clusters.json` does.
 */
export function describeClusters(
  records: readonly FaceRecord[],
  clusters: readonly Cluster[],
  details: Pick<ClustersData, 'parameters' | 'lastingLabels' | 'problems'> & {
    readonly encodings: string;
    readonly programVersion: string;
  },
  facts: FaceFacts,
  places: ResultPlaces,
): ClustersData {
  const known = { ...facts, inside: findHolders(records), minSamples: details.parameters.minSamples };
  const describe = (cluster: Cluster) => describeCluster(cluster, records, known, places);
  const unclustered = clusters.find(({ label }) => label < 0);
  return {
    format: FORMAT,
    version: VERSION,
    program: { name: 'face-cluster-native', version: details.programVersion },
    encodings: {
      file: details.encodings,
      faces: records.length,
      photos: countPhotos(records.map(({ imagePath }) => ({ photo: imagePath, photoId: null }))).photos,
    },
    parameters: details.parameters,
    lastingLabels: details.lastingLabels,
    people: clusters.filter(({ label }) => label >= 0).map(describe),
    unclustered: unclustered ? describe(unclustered) : NOBODY,
    problems: details.problems,
  };
}

const NOBODY: ClusterData = {
  label: -1,
  name: null,
  photos: 0,
  distinctPhotos: 0,
  onlyCopies: false,
  photosWithSeveral: null,
  spread: null,
  several: null,
  folder: null,
  montages: [],
  representative: null,
  cover: null,
  faces: [],
};

function describeCluster(
  { label, indices, distances, representative, spread }: Cluster,
  records: readonly FaceRecord[],
  facts: FaceFacts & { readonly inside: readonly (number | null)[]; readonly minSamples: number },
  places: ResultPlaces,
): ClusterData {
  const own = indices.map((index) => records[index] as FaceRecord);
  const faces = own.map(({ imagePath, loc }, at): FaceData => {
    const index = indices[at] as number;
    const { top, right, bottom, left } = loc;
    const photoId = facts.photoId(imagePath) ?? null;
    const photo = facts.photo(imagePath);
    return {
      id: photoId === null ? null : faceId(photoId, loc),
      index,
      photo: imagePath,
      photoId,
      photoWidth: photo?.width ?? null,
      photoHeight: photo?.height ?? null,
      photoOrientation: photo?.orientation ?? null,
      photoTaken: photo?.taken ?? null,
      box: { top, right, bottom, left },
      distance: rounded(distances?.[at] ?? null),
      score: facts.measured(index)?.score ?? null,
      sharpness: rounded(facts.measured(index)?.sharpness ?? null),
      unclear: facts.unclear(index),
      inside: facts.inside[index] ?? null,
      ...places.face(label, index),
    };
  });
  const several = facts.several(label);
  const byPhoto = groupBy(own, ({ imagePath }) => imagePath);
  const distinctFaces = new Set(faces.map(({ id, photo, box }) => id ?? JSON.stringify([photo, box]))).size;
  return {
    label,
    name: facts.name(label) ?? null,
    ...countPhotos(faces),
    // A cluster may be smaller for another reason, too: faces at its edge that went to another one.
    onlyCopies: label >= 0 && distinctFaces < facts.minSamples && facts.minSamples <= own.length,
    photosWithSeveral:
      label < 0 ? null : [...byPhoto.values()].filter((onPhoto) => onPhoto.length > 1).length,
    spread: rounded(spread ?? null),
    several: several ? roundedSeveral(several) : null,
    folder: places.folder(label),
    montages: places.montages(label),
    representative: representative ?? null,
    cover: facts.cover(label) ?? null,
    faces,
  };
}

/** How many photos faces are on, of which a video is one, and how many there are without copies. */
export function countPhotos(
  faces: readonly Pick<FaceData, 'photo' | 'photoId'>[],
): Pick<ClusterData, 'photos' | 'distinctPhotos'> {
  return {
    photos: new Set(faces.map(({ photo }) => fileOfPath(photo))).size,
    distinctPhotos: new Set(
      faces.map(({ photo, photoId }) => {
        // What could not be identified is a photo of its own.
        if (photoId === null) return fileOfPath(photo);
        return frameIn(photo) ? fileOfPhoto(photoId) : photoId;
      }),
    ).size,
  };
}

function roundedSeveral({ halves, ...several }: Several): Several {
  return {
    ...several,
    halves: halves && { distance: rounded(halves.distance), share: rounded(halves.share) },
  };
}

/** As numbers of the kind are written. */
export function rounded(value: number): number;
export function rounded(value: number | null): number | null;
export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}
