export { type CopyModelsOptions, type CopyModelsSummary, copyModels } from './copy';
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
  modelManifest,
} from './manifest';
export { checkModel, type ModelPaths, modelPaths, verifyModels } from './verify';
