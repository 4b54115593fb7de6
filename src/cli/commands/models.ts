import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { ExitCode, UsageError } from '../exit';
import { type Command, withOptions } from '../options';
import { runStoppable } from '../report';
import { count, printable } from '../terminal/text';

const options = {
  to: {
    type: 'string',
    describe: 'Folder to copy them into',
  },
  from: {
    type: 'string',
    describe: "Folder to copy them from, if not the package's own",
  },
  check: {
    type: 'boolean',
    default: false,
    describe:
      'Change nothing; only say whether all are there and intact. This is what it does without options',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the folder to copy the files into with --to.')
      .usage(
        'Usage: $0 models [options]\n\n' +
          'Checks the trained models that the other commands find and measure faces with, to the last byte, or copies ' +
          'them to another folder. They come with the package: no network is used.',
      )
      .example('$0 models', 'see whether all are there and intact')
      .example('$0 models --to /srv/models', 'copy them; --models /srv/models then uses those')
      .example('$0 models --from /media/usb', 'get them from a folder, where the package has none'),
  handler: (argv) =>
    runStoppable(
      (signal) =>
        argv.check || (argv.to === undefined && argv.from === undefined)
          ? check(argv, signal)
          : copy(argv, signal),
      'Files that were copied whole are kept: run it again to go on.',
    ),
};

async function check(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  if (argv.from !== undefined) throw new UsageError('--check copies nothing. Leave out --from or --check.');
  const { modelManifest } = require('../../models/manifest') as typeof import('../../models/manifest');
  const { verifyModels } = require('../../models/verify') as typeof import('../../models/verify');
  const paths = await verifyModels(argv.to, signal);
  for (const { role, what } of modelManifest().models) {
    process.stdout.write(`${printable(paths[role])}: intact; ${what}\n`);
  }
  return ExitCode.ok;
}

async function copy({ from, to }: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { copyModels } = require('../../models/copy') as typeof import('../../models/copy');
  const { folder, copied } = await copyModels({
    ...(to !== undefined && { to }),
    ...(from !== undefined && { from }),
    signal,
  });
  process.stdout.write(
    copied.length === 0
      ? `All model files are there and intact: ${printable(folder)}\n`
      : `${count(copied.length, 'model file')} copied and checked: ${printable(folder)}\n`,
  );
  return ExitCode.ok;
}
