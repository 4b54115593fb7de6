import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { TagChange, TagSummary } from '../../album/tag';
import { ExitCode } from '../exit';
import type { Line } from '../important';
import { type Command, withOptions } from '../options';
import { CommandOutput, outputOptions, type Phase } from '../output';
import { PEOPLE_OPTION } from '../people-command';
import { problemLines, runStoppable } from '../report';
import { SORT_PHASES } from '../sort-phases';
import { count, printable, wrapped } from '../terminal/text';

const options = {
  output: PEOPLE_OPTION,
  sidecar: {
    choices: ['default', 'adobe'] as const,
    default: 'default',
    describe:
      'How sidecars are called: default, photo.jpg.xmp, where digiKam, Immich and PhotoPrism look; adobe, photo.xmp, where Lightroom does, for raw photos',
  },
  embed: {
    type: 'boolean',
    default: false,
    describe:
      'Write into the photos themselves instead, by exiftool, which has to be installed and keeps each photo of before as photo.jpg_original',
  },
  remove: {
    type: 'boolean',
    default: false,
    describe:
      'Take everything out again that this command has written, and nothing else; with --embed, out of the photos',
  },
  'dry-run': { type: 'boolean', default: false, describe: 'Say what would be written, and write nothing' },
  ...outputOptions('the list of --dry-run'),
} as const;

type Arguments = InferredOptionTypes<typeof options>;

const TAGS: Phase = { name: 'tags', title: 'Writing names', unit: 'photo' };
const DRY_TAGS: Phase = { ...TAGS, title: 'Looking what to write' };

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the folder with --output.')
      .usage(
        'Usage: $0 tag [options]\n\n' +
          'Writes who is on photos where other programs look for it: into small files beside them, sidecars, as face regions and ' +
          'keywords. Photos themselves are not touched, unless --embed asks for it. Only people who have a name are written, and no hidden ones. What other ' +
          'programs have written in a sidecar stays as it is. Run it again when people have changed: who has another name by ' +
          'then gets that, and where all is right, nothing is written.',
      )
      .example('$0 tag', 'write the names of the people in the folder "people" beside their photos')
      .example('$0 tag --dry-run', 'see what that would write')
      .example('$0 tag --remove', 'all sidecars as they were before')
      .epilogue(
        'For names that were given by renaming folders, run "sort" first. Sidecars with names can be read by everybody who may ' +
          'read the photos. --embed takes some 0.15 s for each photo; everybody keeps their names, and no photo has ' +
          'to be looked at again.',
      ),
  handler: (argv) => runStoppable((signal) => tag(argv, signal), 'What was written by then stays.'),
};

async function tag(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { tagPhotos } = require('../../album/tag') as typeof import('../../album/tag');
  const out = new CommandOutput('tag', argv);
  try {
    const summary = await tagPhotos({
      output: argv.output,
      sidecars: argv.sidecar as 'default' | 'adobe',
      embed: argv.embed,
      remove: argv.remove,
      dryRun: argv.dryRun as boolean,
      signal,
      onProgress: ({ phase, done, total }) =>
        out.progress(phase !== 'tags' ? SORT_PHASES[phase] : argv.dryRun ? DRY_TAGS : TAGS, done, total),
      onProblem: (problem) => out.problem(problem),
    });
    const { names, photos, changes, dryRun, problems, output } = summary;
    if (argv.quiet && dryRun && changes.length > 0) out.answer(changeLines(changes, argv.embed));
    out.done(summary, describe(summary, argv.embed), {
      names,
      photos,
      changes,
      dryRun,
      problems: problems.length,
      output,
    });
    return problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}

const SHOWN = 20;

function describe({ names, photos, changes, dryRun, problems }: TagSummary, embed: boolean): Line[] {
  const would = dryRun ? 'would be ' : '';
  const counts = (['created', 'changed', 'deleted'] as const)
    .map((kind) => ({ kind, all: changes.filter(({ change }) => change === kind).length }))
    .filter(({ all }) => all > 0)
    .map(
      ({ kind, all }, i) => `${i === 0 ? count(all, 'sidecar') : all.toLocaleString('en')} ${would}${kind}`,
    );
  const done =
    embed && changes.length > 0 ? `${count(changes.length, 'photo')} ${would}written` : counts.join(', ');
  const none = problems.length > 0 ? 'nothing was written' : 'nothing to do';
  const on = photos > 0 ? `${count(names, 'name')} on ${count(photos, 'photo')}: ` : '';
  const shown = dryRun ? changes.slice(0, SHOWN) : [];
  const rest = changes.length - shown.length;
  return [
    ...wrapped(`${on}${done || none}.`),
    ...changeLines(shown, embed),
    ...(dryRun && rest > 0 ? [`  … and ${count(rest, 'more', 'more')}`] : []),
    ...problemLines('Could not be tagged:', problems),
  ];
}

const WORDS: Readonly<Record<TagChange['change'], string>> = {
  created: 'create',
  changed: 'change',
  deleted: 'delete',
};

/** Of what would be done. */
function changeLines(changes: readonly TagChange[], embed: boolean): string[] {
  return changes.flatMap(({ file, change, names }) => {
    const whom = names.length > 0 ? ` (${names.join(', ')})` : '';
    return wrapped(printable(`  ${embed ? 'write' : WORDS[change]}: ${file}${whom}`), '    ');
  });
}
