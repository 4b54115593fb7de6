import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { checkBuilt } from '../support/cli';

/** The names that programs import. Taking one away breaks them; adding one is a promise: both deserve a look. */
const NAMES = [
  'ENCODING_LENGTH',
  'FaceEngine',
  'FaceError',
  'IMAGE_EXTENSIONS',
  'People',
  'arrangePeople',
  'clusterFaces',
  'copyModels',
  'createMontage',
  'dbscan',
  'decodeImage',
  'describeEncodings',
  'encodeFaces',
  'encodeFacesOnQueue',
  'evaluateClustering',
  'evaluatePhotos',
  'exportPerson',
  'faceDistance',
  'findImages',
  'findModelsFolder',
  'findPhotoCopies',
  'findPhotos',
  'forgetPeople',
  'identify',
  'kDistances',
  'linkage',
  'montageBackend',
  'queueStatus',
  'radiusNeighbors',
  'readClusters',
  'readEncodings',
  'recognizePhotos',
  'removeQueueRun',
  'runQueueWorker',
  'servePeople',
  'sortPhotos',
  'suggestMerges',
  'suggestPeople',
  'tagPhotos',
  'verifyModels',
  'writeEncodings',
  'writeMontage',
];

beforeAll(checkBuilt);

const root = join(__dirname, '../..');

// From inside the package its own name means what it means to those who installed it: package.json's "exports".
const evaluate = (type: 'commonjs' | 'module', code: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [`--input-type=${type}`, '--eval', code], { cwd: root, encoding: 'utf8' }),
  );

test('require gives the public names', () => {
  const code = `console.log(JSON.stringify(Object.keys(require('face-cluster-native'))))`;
  expect((evaluate('commonjs', code) as string[]).sort()).toEqual(NAMES);
});

test('import gives the same names', () => {
  const code = `import { ${NAMES.join(', ')} } from 'face-cluster-native';
    import * as all from 'face-cluster-native';
    const known = [${NAMES.join(', ')}].every((value) => value !== undefined);
    console.log(JSON.stringify({ known, names: Object.keys(all) }))`;
  const { known, names } = evaluate('module', code) as { known: boolean; names: string[] };
  expect(known).toBe(true);
  // Node adds what require() gave as a whole, and what marks compiled ES modules.
  const added = ['default', 'module.exports', '__esModule'];
  expect(names.filter((name) => !added.includes(name)).sort()).toEqual(NAMES);
});
