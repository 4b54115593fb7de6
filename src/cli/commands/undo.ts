import type { InferredOptionTypes } from 'yargs';
import { describeDecision } from '../decision-words';
import { UsageError } from '../exit';
import { type Command, withOptions } from '../options';
import { DECIDE_OPTIONS, runDecision } from '../people-command';
import { ofPeople } from '../report';
import { commandName } from '../terminal/text';

const options = {
  ...DECIDE_OPTIONS,
  all: { type: 'boolean', default: false, describe: 'Undo everything that was ever decided' },
} as const;
const DECISION = {
  isPlace: true,
  type: 'number',
  describe: 'Number of the decision; "people --history" lists them. Default: the last one',
} as const;

type Arguments = InferredOptionTypes<typeof options & { decision: typeof DECISION }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, decision: DECISION }, 'Give one number.')
      .positional('decision', DECISION)
      .usage(
        'Usage: $0 undo [decision] [options]\n\n' +
          'Undoes a decision on people, whether it came from a command or from what you did to the folder. An undo can be undone, too.',
      )
      .example('$0 undo', 'undo the last decision')
      .example('$0 undo 4', 'undo decision 4 alone'),
  handler: (argv) =>
    runDecision('undo', argv, async ({ people }) => {
      const undone: number[] = [];
      if (argv.all) {
        while (people.decisions().some(({ counts, do: kind }) => counts && kind !== 'undo')) {
          undone.push(undoneBy(await people.undo()));
        }
      } else if (
        argv.decision !== undefined &&
        !people.decisions().some(({ id, counts }) => counts && id === argv.decision)
      ) {
        throw new UsageError(
          `There is no decision ${argv.decision} that could be undone. See them: ${commandName()} people --history${ofPeople(argv.output)}`,
        );
      } else undone.push(undoneBy(await people.undo(argv.decision)));
      if (undone.length === 0) return ['There is nothing to undo.'];
      if (argv.all) return [`Undone: ${undone.join(', ')}.`];
      const were = people
        .decisions()
        .filter(({ id, with: first }) => undone.some((of) => of === id || of === first));
      return [
        'Undone:',
        ...were.slice(0, SHOWN).map((decision) => describeDecision(decision, people.list())),
        ...(were.length > SHOWN ? [`      and ${were.length - SHOWN} more of the same`] : []),
      ];
    }),
};

/** Decisions of one gesture that are told. */
const SHOWN = 5;

function undoneBy(record: { readonly do: string; readonly of?: number }): number {
  return record.of as number;
}
