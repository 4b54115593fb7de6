/**
 * Finds the faces on photos, measures them and sorts them into people.
 *
 * ```ts
 * import { clusterFaces, encodeFaces, FaceEngine, faceDistance } from 'face-cluster-native';
 *
 * // The whole job: a folder of photos in, a folder for each person out.
 * await encodeFaces({ dataset: 'photos', encodings: 'faces.pickle' });
 * const { people } = await clusterFaces({ encodings: 'faces.pickle', output: 'people' });
 * console.log(people); // [ { label: 0, faces: 26, photos: 26, … }, … ]
 *
 * // Or face by face.
 * const engine = new FaceEngine();
 * const [anna] = await engine.detectAndEncode('anna.jpg');
 * for (const { box, encoding } of await engine.detectAndEncode('party.jpg', { method: 'hog' })) {
 *   if (anna && faceDistance([anna.encoding], encoding)[0]! <= 0.6) console.log('Anna is at', box);
 * }
 * engine.dispose();
 * ```
 *
 * Every function that fails does so with a {@link FaceError}, whose `code` is stable. Long ones take an `AbortSignal`.
 * @packageDocumentation
 */

export {
  type ClusterFacesOptions,
  type ClusterMontageOptions,
  type ClusterProgress,
  type ClusterSummary,
  clusterFaces,
  type Person,
} from './cluster';
export { type DbscanOptions, type DbscanResult, dbscan, faceDistance } from './dbscan';
export {
  type EncodeFacesOptions,
  type EncodeProgress,
  type EncodeSummary,
  encodeFaces,
  type PhotoWarning,
} from './encode';
export {
  type DetectedFace,
  type DetectOptions,
  type EncodedFace,
  type EncodeFaceOptions,
  type EngineOptions,
  FaceEngine,
  type Landmarks,
  type NetworkEngine,
  type Point,
} from './engine';
export { FaceError, type FaceErrorCode } from './errors';
export { type DecodedImage, type DecodeOptions, decodeImage } from './images/decode';
export { type FindImagesOptions, type FindProblem, type FoundImages, findImages } from './images/find';
export { IMAGE_EXTENSIONS, type UnreadKind } from './images/formats';
export type { LeaveOutOptions, LeftOut, LeftOutCount } from './images/left-out';
export {
  type ClusterTrial,
  type DistanceHistogram,
  describeEncodings,
  type EncodingsInfo,
  type EncodingsInfoOptions,
  type EncodingsInfoProgress,
  type EncodingsOrigin,
  type KDistanceCurve,
  type LargeCluster,
} from './info';
export { type EncodingsFileOptions, readEncodings, writeEncodings } from './io/encodings';
export type { JournalReport } from './journal/journal';
export type { EncodeSettings } from './journal/settings';
export type { Matrix, PointsOptions } from './matrix';
export {
  type CopyModelsOptions,
  type CopyModelsSummary,
  copyModels,
  findModelsFolder,
  type ModelEntry,
  type ModelManifest,
  type ModelPaths,
  type ModelRole,
  verifyModels,
} from './models';
export {
  createMontage,
  type Montage,
  type MontageBackendName,
  type MontageOptions,
  type MontageProblem,
  type MontageReport,
  type MontageTile,
  montageBackend,
  writeMontage,
} from './montage';
export {
  type KDistancesOptions,
  kDistances,
  type RadiusNeighbors,
  type RadiusNeighborsOptions,
  radiusNeighbors,
} from './neighbors';
export type {
  ClusterData,
  ClustersData,
  ClustersParameters,
  FaceData,
  FacePlaces,
} from './output/clusters-data';
export type { PlacedCounts } from './output/label-folders';
export type { KeptPhoto } from './output/last-copies';
export type { MontageOrder } from './output/montages';
export type { FileMode, Placed } from './output/place-photo';
export type { ResultLayout } from './output/result';
export type { PhotoProblem } from './problem';
export {
  type Box,
  type DetectionMethod,
  ENCODING_LENGTH,
  type FaceRecord,
  type ImageInput,
  type RawImage,
} from './types';
