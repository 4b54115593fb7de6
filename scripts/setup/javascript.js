'use strict';
/* Steps that need nothing but Node: node_modules, TypeScript, model files. */
const fs = require('node:fs');
const path = require('node:path');
const { hashOfFiles, inRoot } = require('./project');
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

/** @returns {import('./run').Step} */
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

/** @returns {import('./run').Step} */
function typescriptStep() {
  const made = ['lib/index.js', 'lib/cli/main.js', 'lib/models/index.js'];
  return {
    name: 'typescript',
    title: 'TypeScript to JavaScript',
    needs: ['node-modules'],
    inputs: () =>
      hashOfFiles(
        'src',
        'tsconfig.json',
        'tsconfig.build.json',
        'package.json',
        'node_modules/typescript/package.json',
      ),
    result: () => (made.every((file) => fs.existsSync(inRoot(file))) ? 'there' : undefined),
    async run(log) {
      // What was compiled from a source that has gone would stay behind and be packed.
      fs.rmSync(inRoot('lib'), { recursive: true, force: true });
      await run(log, [
        process.execPath,
        inRoot('node_modules/typescript/bin/tsc'),
        '-p',
        'tsconfig.build.json',
      ]);
    },
  };
}

/** @returns {import('./run').Step} */
function modelsStep() {
  const folder = process.env.FACE_CLUSTER_MODELS
    ? path.resolve(process.env.FACE_CLUSTER_MODELS)
    : inRoot('models');
  return {
    name: 'models',
    title: 'Model files',
    needs: ['typescript'],
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
      const { fetchModels } = require(inRoot('lib/models/index.js'));
      let last;
      const onProgress = ({ file }) => {
        if (file !== last) log.write(`receiving ${file}`);
        last = file;
      };
      const { fetched, source } = await fetchModels({ folder, onProgress }).catch((error) => {
        throw new StepError(error.message);
      });
      const remark =
        fetched.length === 0
          ? 'intact'
          : `${fetched.length} files from ${new URL(source).host}, SHA-256 checked`;
      log.write(remark);
      return remark;
    },
  };
}

module.exports = { nodeModulesStep, typescriptStep, modelsStep, npmCommand };
