/**
 * Finds the faces on photos, measures them and sorts them into people.
 *
 * ```ts
 * import { arrangePeople, FaceEngine, faceDistance, sortPhotos } from 'face-cluster-native';
 *
 * // The whole job: a folder of photos in, a folder for each person out; the same call again when there are new photos.
 * const { people } = await sortPhotos({ photos: 'photos', output: 'people' });
 * console.log(people); // [ { id: 1, name: undefined, photos: 14, folder: 'Person 01 (14)', … }, … ]
 * await arrangePeople({ output: 'people', decide: ({ people }) => people.name(1, 'Anna') });
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
  type ExportPersonOptions,
  type ExportProgress,
  type ExportSummary,
  exportPerson,
} from './album/export';
export {
  type FindPhotosOptions,
  type FindProgress,
  type FoundPhoto,
  findPhotos,
  type PhotosFound,
} from './album/find';
export {
  type ForgetPeopleOptions,
  type ForgetSummary,
  type ForgottenPerson,
  forgetPeople,
} from './album/forget';
export type { PlacedAlbum } from './album/place';
export {
  type TagChange,
  type TagPhotosOptions,
  type TagProgress,
  type TagSummary,
  tagPhotos,
} from './album/tag';
export { type ErrorFacts, FaceError, type FaceErrorCode } from './base/errors';
export type { FaceId, PhotoId } from './base/ids';
export type { PhotoProblem, PhotoWarning } from './base/photo-problem';
export {
  type Box,
  type DetectionMethod,
  ENCODING_LENGTH,
  type FaceRecord,
  type FileBlob,
  type FileInput,
  type FileUrl,
  type ImageInput,
  type RawImage,
} from './base/types';
export {
  type ClusterFacesOptions,
  type ClusterMontageOptions,
  type ClusterProgress,
  type ClusterSummary,
  clusterFaces,
  type FolderNaming,
  type Person,
} from './cluster';
export type { LargeCluster } from './clustering/advice';
export type { ClusteringParameters, DbscanParameters, LinkageParameters } from './clustering/clusterer';
export { type DbscanOptions, type DbscanResult, dbscan, faceDistance } from './clustering/dbscan';
export type { KnownPeople } from './clustering/known-people';
export {
  type LinkageOptions,
  type LinkageResult,
  linkage,
  type MergeSuggestion,
  type SuggestMergesOptions,
  suggestMerges,
} from './clustering/linkage';
export type { Matrix, PointsOptions } from './clustering/matrix';
export {
  type KDistancesOptions,
  kDistances,
  type RadiusNeighbors,
  type RadiusNeighborsOptions,
  radiusNeighbors,
} from './clustering/neighbors';
export type { Several, SeveralReason } from './clustering/several';
export type { ClusteringTrial } from './clustering/trials';
export { findPhotoCopies, type PhotoCopies, type PhotoCopiesOptions } from './encode/copies';
export {
  type EncodeFacesOptions,
  type EncodeProgress,
  type EncodeSummary,
  encodeFaces,
  type VideoChoices,
} from './encode/encode';
export type { FileCount } from './encode/file-count';
export type { JournalReport } from './encode/journal/journal';
export type { EncodeSettings } from './encode/journal/settings';
export type { EncodeAlternative, EncodeForecast } from './encode/time-left';
export type { VideoProgress } from './encode/video-frames';
export { type EncodingsFileOptions, readEncodings, writeEncodings } from './encodings/encodings';
export {
  type DetectOptions,
  type EncodeFaceOptions,
  type EngineOptions,
  FaceEngine,
  type MeasureOptions,
  type NetworkEngine,
} from './engine/engine';
export type { DetectedFace, EncodedFace, FaceMeasures, Landmarks, Point } from './engine/faces';
export {
  type ClusteringQuality,
  evaluateClustering,
  type QualityFigures,
} from './evaluate/clustering-quality';
export {
  type EvaluatePhotosOptions,
  type EvaluateProgress,
  type EvaluateSummary,
  evaluatePhotos,
  type TruthSource,
} from './evaluate/evaluate-photos';
export type { EvaluatedClustering } from './evaluate/thresholds';
export {
  type DistanceHistogram,
  describeEncodings,
  type EncodingsInfo,
  type EncodingsInfoOptions,
  type EncodingsInfoProgress,
  type EncodingsOrigin,
  type KDistanceCurve,
} from './info';
export type { SidecarStyle } from './metadata/sidecars';
export { type CopyModelsOptions, type CopyModelsSummary, copyModels } from './models/copy';
export { findModelsFolder } from './models/folders';
export type { ModelEntry, ModelManifest, ModelRole } from './models/manifest';
export { type ModelPaths, verifyModels } from './models/verify';
export type { GroupedFace } from './people/carry-over';
export type { PeopleConstraints } from './people/constraints';
export type {
  Decision,
  DecisionRecord,
  DecisionToMake,
  FaceOnPhoto,
  PersonId,
  PersonSeen,
  StoredFace,
} from './people/decisions';
export type { FoundFace } from './people/faces';
export type { KnownPerson } from './people/list';
export type { PeopleChanges } from './people/match';
export {
  type DecideOptions,
  type DecisionMade,
  People,
  type PeopleOptions,
  type PeopleUpdateOptions,
  type SplitRecord,
} from './people/people';
export type { PeopleSuggestion, PeopleSuggestOptions } from './people/suggest';
export { type DecodedImage, type DecodeOptions, decodeImage } from './photos/decode';
export { type FindImagesOptions, type FindProblem, type FoundImages, findImages } from './photos/find';
export { IMAGE_EXTENSIONS, type UnreadKind } from './photos/formats/formats';
export type { LeaveOutOptions, LeftOut, LeftOutCount } from './photos/left-out';
export type { RawAndJpeg } from './photos/raw-and-jpeg';
export { type EncodeOnQueueOptions, encodeFacesOnQueue } from './queue/encode-on-queue';
export type { QueueServerOptions, QueueWorkerState } from './queue/options';
export { type RemoveQueueRunOptions, removeQueueRun } from './queue/remove';
export {
  type QueueRunStatus,
  type QueueStatus,
  type QueueStatusOptions,
  queueStatus,
} from './queue/status';
export {
  type QueueRunEvent,
  type QueueWorker,
  type QueueWorkerOptions,
  type QueueWorkerProgress,
  type QueueWorkerSummary,
  runQueueWorker,
} from './queue/worker';
export { type Identified, type IdentifyOptions, identify, type PersonExamples } from './recognize/identify';
export {
  type RecognizedFace,
  type RecognizedPhoto,
  type RecognizePhotosOptions,
  type RecognizeProgress,
  type RecognizeSummary,
  recognizePhotos,
} from './recognize/recognize';
export type {
  ClusterData,
  ClustersData,
  ClustersParameters,
  FaceData,
  FacePlaces,
} from './result/export/clusters-data';
export { type ReadClustersOptions, readClusters } from './result/export/json';
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
} from './result/montage/montage';
export type { MontageOrder } from './result/montage/result-montages';
export type { PlacedCounts } from './result/originals/label-folders';
export type { FileMode, Placed } from './result/originals/place-photo';
export type { FolderSummary, GestureFacts, Place } from './result/people-folder/types';
export type { KeptPhoto } from './result/publish/last-copies';
export type { ResultLayout } from './result/result';
export {
  type ArrangeOptions,
  type ArrangePeopleOptions,
  type ArrangeSummary,
  arrangePeople,
  type DecideContext,
  type DecideOnPeople,
  type SortedPerson,
  type SortProgress,
} from './sort/arrange';
export { type SortPhotosOptions, type SortSummary, sortPhotos } from './sort/sort';
export { type PairOfPeople, type SuggestPeopleOptions, suggestPeople } from './sort/suggestions';
export type { TakenOver } from './sort/take-over';
export { type PeoplePage, type ServePeopleOptions, servePeople } from './web/people-page';
