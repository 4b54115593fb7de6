import cliProgress from 'cli-progress';
import type { CommandModule } from 'yargs';
import { defaultModelsFolder, type FetchProgress, fetchModels, modelManifest, verifyModels } from '../models';

interface ModelsArguments {
  to: string | undefined;
  from: string | undefined;
  check: boolean;
}

/** `face-cluster-native models`: fetches the model files, or checks those that are there. */
export const modelsCommand: CommandModule<object, ModelsArguments> = {
  command: 'models',
  describe: 'Fetch the model files (28 MB, once) and check them',
  builder: (yargs) =>
    yargs
      .option('to', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder to put them into [default: where they are looked for]',
      })
      .option('from', {
        type: 'string',
        requiresArg: true,
        describe: 'Copy them from this folder instead of the network',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        conflicts: 'from',
        describe: 'Fetch nothing; only say whether every file is there and intact',
      })
      .example('$0 models', 'Fetch what is missing')
      .example('$0 models --from /media/usb', 'Without a network: copy from a folder')
      .example('$0 models --check', 'Look, but change nothing'),
  handler: ({ to, from, check }) => (check ? checkFiles(to) : fetchFiles(to, from)),
};

async function checkFiles(folder: string | undefined): Promise<void> {
  const paths = await verifyModels(folder);
  for (const { role, what } of modelManifest().models) console.log(`${paths[role]}: intact (${what})`);
}

async function fetchFiles(to: string | undefined, from: string | undefined): Promise<void> {
  // Ctrl-C leaves the part that has arrived, so that the next run goes on from there.
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  const report = process.stderr.isTTY ? progressBar() : progressLines();
  try {
    const { folder, fetched, source } = await fetchModels({
      folder: to ?? defaultModelsFolder(),
      ...(from === undefined ? {} : { from }),
      signal: stop.signal,
      onProgress: report.update,
    });
    report.end();
    console.log(
      fetched.length === 0
        ? `All model files are there and intact: ${folder}`
        : `Model files in ${folder}: ${fetched.join(', ')}; from ${source}, SHA-256 checked.`,
    );
  } finally {
    report.end();
    process.removeListener('SIGINT', onInterrupt);
  }
}

interface Reporter {
  update(progress: FetchProgress): void;
  end(): void;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function progressBar(): Reporter {
  const bar = new cliProgress.SingleBar({
    format: 'Models [{bar}] {percentage}% | {received} of {size} MB | {file}',
    hideCursor: true,
    clearOnComplete: true,
  });
  let started = false;
  return {
    update({ done, total, file }) {
      const payload = { received: megabytes(done), size: megabytes(total), file };
      if (started) bar.update(done, payload);
      else bar.start(total, done, payload);
      started = true;
    },
    end() {
      if (started) bar.stop();
      started = false;
    },
  };
}

/** A line per file: enough for a log. */
function progressLines(): Reporter {
  let last = '';
  return {
    update({ total, file }) {
      if (file === last) return;
      last = file;
      console.error(`Fetching ${file} (${megabytes(total)} MB in all)`);
    },
    end() {},
  };
}
