import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultModelsFolder,
  findModelsFolder,
  modelsFolders,
  userModelsFolder,
} from '../../src/models/folders';
import { type ModelManifest, modelManifest } from '../../src/models/manifest';
import { checkModel, modelPaths, verifyModels } from '../../src/models/verify';

const CONTENT = Buffer.from('made up');
const MANIFEST: ModelManifest = {
  models: (['resnet', 'mmod', 'landmarks'] as const).map((role) => ({
    name: `${role}.dat`,
    role,
    what: 'made up',
    bytes: CONTENT.length,
    sha256: createHash('sha256').update(CONTENT).digest('hex'),
    author: 'nobody',
    licence: 'CC0-1.0',
  })),
};

let folder: string;
const savedEnvironment = process.env.FACE_CLUSTER_MODELS;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
  delete process.env.FACE_CLUSTER_MODELS;
  for (const model of MANIFEST.models) writeFileSync(join(folder, model.name), CONTENT);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (savedEnvironment === undefined) delete process.env.FACE_CLUSTER_MODELS;
  else process.env.FACE_CLUSTER_MODELS = savedEnvironment;
});

/** What `run` throws. */
function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the manifest', () => {
  test('names the three files we need and not the 68-point one, which may not be used commercially', () => {
    const { models } = modelManifest();
    expect(models.map(({ role }) => role).sort()).toEqual(['landmarks', 'mmod', 'resnet']);
    expect(JSON.stringify(models)).not.toContain('68');
    for (const model of models) {
      expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(model.bytes).toBeGreaterThan(0);
      expect(model.licence).toBe('CC0-1.0');
    }
  });
});

describe('findModelsFolder', () => {
  test('looks in the package, then in the user folder', () => {
    expect(modelsFolders()).toEqual([join(__dirname, '..', '..', 'models'), userModelsFolder()]);
  });

  test('a folder named by the caller, or else by the environment, is the only one', () => {
    process.env.FACE_CLUSTER_MODELS = folder;
    expect(modelsFolders('/elsewhere')).toEqual(['/elsewhere']);
    expect(modelsFolders()).toEqual([folder]);
    expect(defaultModelsFolder()).toBe(folder);
    expect(findModelsFolder(undefined, MANIFEST)).toBe(folder);
  });

  test('says where it looked, what is missing there, and what to run', () => {
    rmSync(join(folder, 'mmod.dat'));
    expect(errorOf(() => findModelsFolder(folder, MANIFEST))).toMatchObject({
      code: 'FACE_MODEL_MISSING',
      message: expect.stringMatching(
        new RegExp(`${folder} \\(lacks mmod\\.dat\\)[^]*npx face-cluster-native models --to ${folder}`),
      ),
    });
  });

  test('names every folder when none was given', () => {
    const elsewhere = {
      ...MANIFEST,
      models: MANIFEST.models.map((m) => ({ ...m, name: `no-such-${m.name}` })),
    };
    const { message } = errorOf(() => findModelsFolder(undefined, elsewhere)) as Error;
    for (const looked of modelsFolders()) expect(message).toContain(looked);
    expect(message).toMatch(/To get them: npm run setup/);
  });

  test('an empty environment variable counts as none', () => {
    process.env.FACE_CLUSTER_MODELS = '';
    expect(modelsFolders()).toHaveLength(2);
  });
});

test('the user folder follows each system and its variables', () => {
  const home = homedir();
  const tail = join('face-cluster-native', 'models');
  expect(userModelsFolder({}, 'linux')).toBe(join(home, '.local', 'share', tail));
  expect(userModelsFolder({ XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', tail));
  expect(userModelsFolder({}, 'darwin')).toBe(join(home, 'Library', 'Application Support', tail));
  expect(userModelsFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', tail));
});

describe('modelPaths and verifyModels', () => {
  test('give a path for each role', async () => {
    const paths = {
      resnet: join(folder, 'resnet.dat'),
      mmod: join(folder, 'mmod.dat'),
      landmarks: join(folder, 'landmarks.dat'),
    };
    expect(modelPaths(folder, MANIFEST)).toEqual(paths);
    await expect(verifyModels(folder, undefined, MANIFEST)).resolves.toEqual(paths);
  });

  test('refuse a file that was cut short', async () => {
    writeFileSync(join(folder, 'resnet.dat'), CONTENT.subarray(1));
    const expected = {
      code: 'FACE_MODEL_DAMAGED',
      message: expect.stringMatching(
        /resnet\.dat is damaged: it has 6 bytes instead of 7.*npx face-cluster-native models --to/,
      ),
    };
    expect(errorOf(() => modelPaths(folder, MANIFEST))).toMatchObject(expected);
    await expect(verifyModels(folder, undefined, MANIFEST)).rejects.toMatchObject(expected);
  });

  test('only verifyModels sees a changed byte', async () => {
    writeFileSync(join(folder, 'resnet.dat'), 'made uq');
    expect(() => modelPaths(folder, MANIFEST)).not.toThrow();
    await expect(verifyModels(folder, undefined, MANIFEST)).rejects.toMatchObject({
      code: 'FACE_MODEL_DAMAGED',
      message: expect.stringContaining('SHA-256'),
    });
  });

  test('checkModel names a file that is not there, and obeys its signal', async () => {
    const [model] = MANIFEST.models;
    if (model === undefined) throw new Error('no model');
    await expect(checkModel(join(folder, 'none.dat'), model)).rejects.toMatchObject({
      code: 'FACE_MODEL_MISSING',
    });
    await expect(checkModel(join(folder, model.name), model, AbortSignal.abort())).rejects.toMatchObject({
      code: 'FACE_ABORTED',
    });
  });
});
