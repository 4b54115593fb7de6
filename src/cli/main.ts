#!/usr/bin/env node
import { existsSync } from 'node:fs';
import yargs, { type ArgumentsCamelCase, type Argv } from 'yargs';
import { ioError } from '../system/io-error';
import { processors } from '../system/jobs';
import { programVersion } from '../system/version';
import { EXIT_CODES_HELP, ExitCode, UsageError } from './exit';
import type { Command } from './options';
import { reportError } from './report';
import { outliveTerminal } from './stop';

/** What the commands are for, in the order of the help, by how they are called. */
const COMMANDS: Readonly<Record<string, string>> = {
  'sort [photos..]': 'Sort photos into people, a folder for each; again, when there are new ones',
  'view [output]': 'Look at the people in your web browser',
  people: 'List the people, or what was decided on them',
  'name <who> [name]': 'Name a person',
  'merge <who..>': 'Make several people one',
  'split <who> <photos..>': 'Make two of a person',
  'not <who> <photos..>': 'Say that photos do not show a person',
  'hide <who..>': 'Hide people, or show them again',
  suggest: 'List who may be one person, and answer',
  'undo [decision]': 'Undo the last decision on people, or another one',
  'find [query..]': 'Find photos, by who is on them and when they were taken',
  export: 'Copy the photos of a person, to give them away',
  tag: 'Write who is on photos into sidecars, where other programs look for it',
  'forget <who..>': 'Forget people for good',
  'encode [photos..]': 'As the Python project, step 1: look for faces and write down what each looks like',
  worker: "Look at photos for another computer's encode --queue",
  'queue [what] [address] [run]':
    'See what is going on on a queue that several computers share, or remove a run from it',
  cluster: 'As the Python project, step 2: sort the faces into people',
  'info [encodings]': 'What is in a file of encodings, and which setting of "cluster" suits it',
  'recognize <known> <unknown..>': 'Say who is on photos, by photos of people you know',
  'evaluate <photos..>': 'Measure how well people are told apart, on photos of whom you know',
  models: 'Check the model files, or copy them to another folder',
  doctor: 'Check that everything works on this computer; say how to mend what does not',
};

/** Each is loaded when it is called: nobody waits for what the others need. */
function load(command: string): Command<object> {
  return require(`./commands/${nameOf(command)}`).command;
}

function nameOf(command: string): string {
  return command.split(' ', 1)[0] as string;
}

/**
 * The image library works on Node.js's threads for files, which are 4 unless told otherwise, however many cores there are.
 * They start when they are first needed. (On Windows it has to be set before the start.)
 */
function useAllCores(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, 2 * processors()));
}

/**
 * What to do when a stream can't be written to. What reads it may have read enough, such as `head`, or the terminal be
 * closed (EIO): no reason to fail. If a disk is full, the work goes on, but who reads the exit code must know.
 */
function watchOutput(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO' || outputLost) return;
    outputLost = true;
    reportError(ioError('write the output', error));
    // Whatever the command makes of its own work.
    process.on('exit', () => {
      process.exitCode = ExitCode.failed;
    });
  });
}

let outputLost = false;

/** Node.js would show the library's warnings with its own words around them; its own warnings are nothing for users. */
function showWarningsPlainly(): void {
  process.removeAllListeners('warning').on('warning', (warning: Error & { readonly code?: string }) => {
    if (warning.code?.startsWith('FACE_')) process.stderr.write(`${warning.message}\n`);
  });
}

/** What yargs says by itself, in our words. */
const WORDS = {
  // Nothing would mean yargs' own.
  'Invalid values:': ' ',
  'Argument: %s, Given: %s, Choices: %s': 'The option "%s" can not be %s. Choose one of %s.',
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'Something is missing: given %s, needed at least %s.',
    other: 'Something is missing: given %s, needed at least %s.',
  },
  'Not enough arguments following: %s': 'The option "%s" needs a value after it.',
  'Did you mean %s?': 'There is no such command. Did you mean %s?',
};

/** `face-cluster-native photos` means `face-cluster-native sort photos`, where `photos` is there and no command. */
function withCommand(args: readonly string[]): readonly string[] {
  const [first] = args;
  if (first === undefined || first.startsWith('-') || isCommand(first) || first === 'help') return args;
  return existsSync(first) ? ['sort', ...args] : args;
}

function isCommand(word: string): boolean {
  return Object.keys(COMMANDS).some((one) => nameOf(one) === word);
}

/**
 * `help cluster` means `cluster --help`. Help for a command that does not exist is none: without `--help`, yargs says
 * that there is no such command.
 */
function withHelp(args: readonly string[]): string[] {
  const words = args.filter((arg) => arg !== '--help' && arg !== '-h');
  if (words[0] === 'help') words.shift();
  if (words.length === args.length) return words;
  const [command] = words;
  return command === undefined || command.startsWith('-') || isCommand(command)
    ? [...words, '--help']
    : words;
}

/** What no word of a command line can have in it. */
const NUL = '\0';

/**
 * Has everything behind `--` known by its place, whatever it looks like. yargs keeps it from what commands take, so it is told of the
 * end of the options by an option that takes nothing; {@link asGiven} puts the words back.
 * @param read makes of what is in front of it what yargs is given
 */
function withPlaces(args: readonly string[], read: (args: readonly string[]) => string[]): string[] {
  const end = args.indexOf('--');
  if (end < 0) return read(args);
  // A number looks like nothing else, and has to stay one.
  const words = args.slice(end + 1).map((word) => (/^\d+$/.test(word) ? word : NUL + word));
  return [...read(args.slice(0, end)), `--${NUL}`, ...words];
}

function asGiven(argv: Record<string, unknown>): void {
  delete argv[NUL];
  const word = (value: unknown) =>
    typeof value === 'string' && value.startsWith(NUL) ? value.slice(NUL.length) : value;
  for (const [name, value] of Object.entries(argv))
    argv[name] = Array.isArray(value) ? value.map(word) : word(value);
}

async function main(args: readonly string[]): Promise<void> {
  useAllCores();
  watchOutput(process.stdout);
  watchOutput(process.stderr);
  outliveTerminal();
  showWarningsPlainly();
  await yargs(withPlaces(args, (given) => withHelp(withCommand(given))))
    .locale('en')
    .updateStrings(WORDS as object as Record<string, string>)
    // Off: `--no-dataset` would mean `--dataset false`, and `--a.b c` an object.
    .parserConfiguration({ 'boolean-negation': false, 'dot-notation': false })
    .option(NUL, { type: 'boolean', hidden: true })
    .middleware(asGiven, true)
    .scriptName('face-cluster-native')
    .usage(
      'Usage: $0 <command> [options]\n\n' +
        'Point it at a folder of photos and get one folder for each person.',
    )
    .command(
      Object.entries(COMMANDS).map(([command, describe]) => ({
        command,
        describe,
        builder: (yargs: Argv) => load(command).builder(yargs),
        handler: (argv: ArgumentsCamelCase<object>) => load(command).handler(argv),
      })),
    )
    .example('$0 photos', 'make a folder "people" with one folder for each person in "photos"')
    .example('$0 view people', 'look at them in your web browser')
    .example('$0 name 2 Anna', 'say who is who')
    .epilogue(`${EXIT_CODES_HELP}\n\nFor the options of a command: $0 <command> --help`)
    .demandCommand(1, 'Give the folder with your photos.')
    .strictCommands()
    .recommendCommands()
    .version(programVersion())
    .alias('help', 'h')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs finds wrong has no error of ours, and may be spread over lines.
      if (error && error.name !== 'YError') throw error;
      throw new UsageError((error?.message ?? message).replace(/\s+/g, ' ').trim());
    })
    .parseAsync();
}

main(process.argv.slice(2)).catch((error: unknown) => reportError(error));
