import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { Command } from './command';
import { ExitCode, UsageError } from './exit';
import { withOptions } from './options';
import { showProgress } from './progress';
import { runStoppable } from './report';
import { count, printable } from './text';

const options = {
  to: {
    type: 'string',
    describe: 'Folder to put them into, if not where the other commands look for them',
    requiresArg: true,
  },
  from: {
    type: 'string',
    describe: 'Folder to copy them from, instead of the network',
    requiresArg: true,
  },
  check: {
    type: 'boolean',
    default: false,
    describe: 'Change nothing; only say whether all are there and intact',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const modelsCommand: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the folder to put the files into with --to.')
      .usage(
        'Usage: $0 models [options]\n\n' +
          'Gets the trained models that the other commands find and measure faces with, and checks each of them. ' +
          'Files that are there and intact are left alone; a download that was interrupted goes on where it stopped.',
      )
      .example('$0 models', 'get what is missing')
      .example('$0 models --from /media/usb', 'without a network: copy them from a folder')
      .example('$0 models --check', 'see whether all are there and intact'),
  handler: (argv) =>
    runStoppable(
      (signal) => (argv.check ? check(argv, signal) : get(argv, signal)),
      'What has arrived is kept: run it again to go on.',
    ),
};

async function check(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  if (argv.from !== undefined) throw new UsageError('--check copies nothing. Leave out --from or --check.');
  const { modelManifest, verifyModels } = require('../models') as typeof import('../models');
  const paths = await verifyModels(argv.to, signal);
  for (const { role, what } of modelManifest().models) {
    process.stdout.write(`${printable(paths[role])}: intact; ${what}\n`);
  }
  return ExitCode.ok;
}

async function get(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { fetchModels } = require('../models') as typeof import('../models');
  const progress = showProgress('Getting the models', '');
  try {
    const { folder, fetched, source } = await fetchModels({
      ...(argv.to !== undefined && { folder: argv.to }),
      ...(argv.from !== undefined && { from: argv.from }),
      signal,
      onProgress: ({ done, total }) =>
        progress.update(done, total, `${megabytes(done)} of ${megabytes(total)} MB`),
    });
    progress.stop();
    process.stdout.write(
      source === undefined
        ? `All model files are there and intact: ${printable(folder)}\n`
        : `${count(fetched.length, 'model file')} from ${printable(source)}, checked: ${printable(folder)}\n`,
    );
    return ExitCode.ok;
  } finally {
    progress.stop();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
