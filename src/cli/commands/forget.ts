import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { FaceError } from '../../base/errors';
import type { KnownPerson } from '../../people/list';
import type { People } from '../../people/people';
import { peopleNamed, personNamed } from '../../sort/person-named';
import { ExitCode, UsageError } from '../exit';
import { important } from '../important';
import { type Command, withOptions } from '../options';
import { CommandOutput } from '../output';
import { DECIDE_OPTIONS, tellDecided, titleOf, WHOM } from '../people-command';
import { ofPeople, problemLines, runStoppable } from '../report';
import { SORT_PHASES } from '../sort-phases';
import { describeArranged, takenOverLine } from '../sort-summary';
import { ask, canAsk } from '../terminal/ask';
import { commandName, count, printable, wrapped } from '../terminal/text';

const options = {
  ...DECIDE_OPTIONS,
  yes: {
    alias: 'y',
    type: 'boolean',
    default: false,
    describe: 'Do not ask whether that is meant; needed in scripts, and with --quiet or --json',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options & { who: typeof WHOM }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, who: WHOM }, 'Put a name of several words into quotes.')
      .positional('who', { ...WHOM, demandOption: true })
      .usage(
        'Usage: $0 forget <who..> [options]\n\n' +
          'Forgets people for good: what their faces look like, the small pictures of them, their names, numbers and folders, and all ' +
          'that was decided on them; also what "tag" has written of them. That can not be undone. Your photos stay where they are, ' +
          'and later runs do not look at these faces any more. On new photos, the same people are somebody new: whether it is ' +
          'them can not be told any more.',
      )
      .example('$0 forget Anna', 'forget Anna, after asking once more')
      .example('$0 forget 14 15 --yes', 'forget two people, in a script'),
  handler: (argv) => {
    const state = { begun: false };
    return runStoppable(
      (signal) => forget(argv, signal, state),
      () =>
        state.begun
          ? `It was begun by then. To end it: ${commandName()} sort${ofPeople(argv.output)}, or any other command that works on the folder.`
          : 'Nobody was forgotten.',
    );
  },
};

async function forget(
  argv: ArgumentsCamelCase<Arguments>,
  signal: AbortSignal,
  state: { begun: boolean },
): Promise<number> {
  if (!argv.who?.length) throw new UsageError('Say whom to forget.');
  if (!argv.yes && !canAsk(argv)) {
    throw new UsageError('This can not be undone. If it is meant, add --yes.');
  }
  // Loaded only now: "--help" must not wait for the image library.
  const { countFaces, forgetChosen } = require('../../album/forget') as typeof import('../../album/forget');
  const out = new CommandOutput('forget', argv);
  const takenOver: string[] = [];
  const titles: string[] = [];
  try {
    const summary = await forgetChosen(
      {
        output: argv.output,
        signal,
        onProgress: ({ phase, done, total }) => out.progress(SORT_PHASES[phase], done, total),
        onProblem: (problem) => out.problem(problem),
        onTakenOver: (taken) => takenOver.push(takenOverLine(taken)),
      },
      async (people, ended) => {
        const given = chosen(people, argv.who ?? [], ended);
        out.stop();
        if (!argv.yes && given.length > 0) {
          const whom = given.map((person) => ({ title: titleOf(person), ...countFaces(people, person.id) }));
          await confirm(whom, argv.output, signal);
        }
        state.begun = given.length > 0;
        titles.push(...given.map(titleOf));
        return given.map(({ id }) => id);
      },
    );
    const { forgotten, left, tagged, named } = summary;
    const lines = [
      ...(summary.ended ? ['Ended what a run that was cut short had begun to forget.'] : []),
      ...forgotten.map(
        ({ faces, photos }, i) =>
          `${printable(titles[i] ?? '')} is forgotten: ${count(faces, 'face')} on ${count(photos, 'photo')}.`,
      ),
      ...describeArranged(summary, argv.output),
      ...left.flatMap((folder) =>
        important(
          wrapped(
            `Still there: ${printable(folder)}, with files in it that were not put there by this.`,
            '  ',
          ),
        ),
      ),
      ...problemLines(
        'Still have the name, written by "tag", and could not be changed:',
        tagged.map((reason) => ({ reason })),
      ),
      ...problemLines(
        'Still have the name, written by another program, and were left as they are:',
        named.map((reason) => ({ reason })),
      ),
      ...(named.length > 0
        ? important(
            wrapped(
              'To take it out, use that program. What "tag" makes of these photos from now on has it as well; "tag --remove" takes that away.',
            ),
          )
        : []),
      ...problemLines('Could not be used:', summary.problems),
    ];
    const { people, folder, problems, output, page } = summary;
    out.done(summary, lines, {
      forgotten,
      left,
      tagged,
      named,
      people,
      takenOver: summary.takenOver,
      folder,
      problems: problems.length,
      output,
      page,
    });
    return problems.length + tagged.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    tellDecided(out, argv.output, takenOver);
    out.failed(error);
    throw error;
  }
}

/** @param ended whether a run that was cut short had begun to forget somebody, who has no name any more */
function chosen(people: People, who: readonly string[], ended: boolean): KnownPerson[] {
  const still = ended ? who.filter((one) => peopleNamed(people, one).length > 0) : who;
  const given = still.map((one) => personNamed(people, one));
  return [...new Map(given.map((person) => [person.id, person])).values()].sort((a, b) => a.id - b.id);
}

/** @throws FaceError FACE_ABORTED if that is not meant */
async function confirm(
  whom: readonly { readonly title: string; readonly faces: number; readonly photos: number }[],
  output: string,
  signal: AbortSignal,
): Promise<void> {
  const names = whom.map(
    ({ title, faces, photos }) => `${title} (${count(faces, 'face')} on ${count(photos, 'photo')})`,
  );
  const told =
    `This takes ${printable(names.join(' and '))} out of ${printable(output)} for good: faces, name, folder, and all that was decided. ` +
    'It can not be undone. Your photos stay where they are.';
  process.stderr.write(`${wrapped(told).join('\n')}\n`);
  const answer = await ask('Forget? [y/N] ', signal).catch(() => '');
  if (!/^y(es)?$/i.test(answer.trim())) throw new FaceError('FACE_ABORTED', 'Nobody was forgotten.');
}
