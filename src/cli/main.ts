#!/usr/bin/env node
import yargs from 'yargs';
import { programVersion } from '../version';
import { clusterCommand } from './cluster';
import { doctorCommand } from './doctor';
import { encodeCommand } from './encode';
import { EXIT_CODES_HELP, UsageError } from './exit';
import { infoCommand } from './info';
import { modelsCommand } from './models';
import { reportError } from './report';
import { viewCommand } from './view';

/** The result may be piped into something that has read enough, such as `head`, or the terminal be closed (EIO): no reason to fail. */
function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

async function main(args: readonly string[]): Promise<void> {
  tolerateClosedPipe(process.stdout);
  tolerateClosedPipe(process.stderr);
  await yargs([...args])
    // Off: `--no-dataset` would mean `--dataset false`, and `--a.b c` an object.
    .parserConfiguration({ 'boolean-negation': false, 'dot-notation': false })
    .scriptName('face-cluster-native')
    .usage(
      'Usage: $0 <command> [options]\n\n' +
        'Point it at a folder of photos and get one folder for each person: first "encode", then "cluster", then "view".',
    )
    .command(encodeCommand)
    .command(clusterCommand)
    .command(viewCommand)
    .command(infoCommand)
    .command(modelsCommand)
    .command(doctorCommand)
    .example('$0 encode -i photos', 'step 1: find the faces in the folder "photos"')
    .example('$0 cluster -o people', 'step 2: make a folder "people" with one folder for each person')
    .example('$0 view people', 'step 3: look at them in your web browser')
    .epilogue(`${EXIT_CODES_HELP}\n\nFor the options of a command: $0 <command> --help`)
    .demandCommand(1, 'Say what to do: first "encode", then "cluster".')
    .strictCommands()
    .recommendCommands()
    .version(programVersion())
    .alias('help', 'h')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs finds wrong has no error of ours, and may be spread over lines.
      if (error && error.name !== 'YError') throw error;
      throw new UsageError((error?.message ?? message).replace(/\s+/g, ' '));
    })
    .parseAsync();
}

main(process.argv.slice(2)).catch((error: unknown) => reportError(error));
