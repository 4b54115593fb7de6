export { type FetchOptions, type FetchProgress, type FetchSummary, fetchModels } from './fetch';
export {
  defaultModelsFolder,
  findModelsFolder,
  modelsFolders,
  userModelsFolder,
} from './folders';
export {
  type ModelEntry,
  type ModelManifest,
  type ModelRole,
  type ModelSource,
  modelManifest,
} from './manifest';
export { checkModel, type ModelPaths, modelPaths, verifyModels } from './verify';
