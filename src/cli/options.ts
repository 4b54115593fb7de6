import type { ArgumentsCamelCase, Argv, Options } from 'yargs';
import { Parser } from 'yargs/helpers';
import { nearestWord } from '../base/words';
import { UsageError } from './exit';

/** The options of a command and what it does. Its name and what it is for stand in main.ts, which loads it when it is called. */
export interface Command<Arguments> {
  builder(yargs: Argv): Argv<Arguments>;
  /** Sets the process's exit code. */
  handler(argv: ArgumentsCamelCase<Arguments>): Promise<void>;
}

/**
 * `example` is a number to give, of options that have no default; `isPlace` says that it is known by its place, as `<photos>` is;
 * `mayBeEmpty`, that nothing is a value, too.
 */
export type OptionTable = Readonly<
  Record<string, Options & { readonly example?: number; readonly isPlace?: true; readonly mayBeEmpty?: true }>
>;

/**
 * Adds the options to a command, and refuses what yargs would let pass: unknown options (with a suggestion), options
 * without their value, values that are not numbers, options given twice, and words that belong to no option.
 * @param wordHint completes the error for such a word, e.g. `Give the folder with the photos with --dataset.`
 */
export function withOptions<T extends OptionTable>(yargs: Argv, options: T, wordHint: string) {
  // Not strict about commands: yargs would call such a word an unknown command.
  const withValue = Object.entries(options).filter(([, { type, array }]) => type !== 'boolean' && !array);
  return yargs
    .options(options)
    .requiresArg(withValue.map(([name]) => name))
    .strictCommands(false)
    .check((argv) => {
      const stray = argv._[1];
      if (stray !== undefined) throw new UsageError(`Unexpected "${stray}". ${wordHint}`);
      checkNames(Object.keys(argv), options);
      for (const [name, option] of Object.entries(options))
        checkValue(option.isPlace ? `<${name}>` : `--${name}`, option, argv[name]);
      return true;
    }, false);
}

/** Words that have to be given and are known by their place. Without a default, yargs would show an empty list as theirs. */
export const PLACES = { isPlace: true, type: 'string', array: true, default: undefined } as const;

/** The encodings file. */
export const ENCODINGS_OPTION = {
  alias: 'e',
  type: 'string',
  default: 'encodings/encodings.pickle',
  describe: 'File that "encode", or encode_faces.py, has written',
} as const;

export const MODELS_OPTION = {
  type: 'string',
  describe: 'Folder of the model files, if they are not where "models" puts them',
} as const;

export const JOBS_OPTION = {
  alias: 'j',
  type: 'number',
  default: -1,
  describe: 'How many things to do at once; -1: as many as there are cores',
} as const;

export const MAX_MEMORY_OPTION = {
  type: 'string',
  describe: 'How much memory to use at most, e.g. 2GB; at least 256MB. Default: half of what there is',
} as const;

export const EXCLUDE_OPTION = {
  type: 'string',
  array: true,
  nargs: 1,
  describe:
    'Folders and photos to leave out: their names, or paths from the given folder on, * and ** for any part; may be given several times',
} as const;

export const INCLUDE_HIDDEN_OPTION = {
  type: 'boolean',
  default: false,
  describe: 'Search hidden folders, trash and thumbnails of other programs (.git, @eaDir, …), too',
} as const;

export const MAX_PIXELS_OPTION = {
  type: 'number',
  describe: 'Leave out photos with more pixels than this. Default: 268 million',
} as const;

export const RAW_AND_JPEG_OPTION = {
  choices: ['one', 'both'] as const,
  describe:
    'What to take of a raw photo and the JPEG or HEIC of the same name beside it: one, the JPEG, or both, each as a photo of its own',
} as const;

/** Videos, of commands that look for faces. */
export const VIDEO_OPTIONS = {
  video: {
    type: 'boolean',
    describe:
      'Look for faces in videos, too: on a picture every few seconds. Needs ffmpeg. Default: as before; the first time videos are left out',
  },
  'video-every': {
    type: 'number',
    example: 3,
    describe:
      'With --video: on a picture about every so many seconds, and at the beginnings of scenes. Default: as before; the first time 3',
  },
} as const;

/** @param argv what was given; one that says how often says that, too */
export function videoOf(argv: { readonly video?: boolean | undefined; readonly videoEvery?: unknown }): {
  readonly video?: boolean | { readonly every: number };
} {
  const { video, videoEvery } = argv;
  if (videoEvery === undefined) return video === undefined ? {} : { video };
  if (video === false)
    throw new UsageError('--video-every says how videos are looked at, and --video=false that they are not.');
  return { video: { every: videoEvery as number } };
}

/** Options that every command has. */
const COMMON = ['help', 'h', 'version', '_', '$0'];

function checkNames(given: readonly string[], options: OptionTable): void {
  const names = Object.entries(options).flatMap(([name, { alias }]) => [name, ...[alias ?? []].flat()]);
  // yargs adds the camelCase form of each.
  const known = new Set([...COMMON, ...names, ...names.map(Parser.camelCase)]);
  for (const name of given) {
    if (known.has(name)) continue;
    const guess = nearestWord(name, [...names, 'help', 'version']);
    throw new UsageError(
      `Unknown option ${dashed(name)}.${guess === undefined ? '' : ` Did you mean ${dashed(guess)}?`}`,
    );
  }
}

function checkValue(name: string, option: OptionTable[string], value: unknown): void {
  if (option.array && Array.isArray(value)) {
    for (const item of value) checkValue(name, { ...option, array: false }, item);
    return;
  }
  if (Array.isArray(value)) throw new UsageError(`${name} was given more than once. Give it once.`);
  if (option.type === 'number' && value !== undefined && !Number.isFinite(value)) {
    throw new UsageError(
      `${name} needs a number, e.g. ${option.isPlace ? '' : `${name} `}${option.default ?? option.example ?? 1}.`,
    );
  }
  if (option.type === 'string' && value === '' && !option.mayBeEmpty)
    throw new UsageError(`${name} needs a value.`);
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}
