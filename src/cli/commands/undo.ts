import type { InferredOptionTypes } from 'yargs';
import { type Command, withOptions } from '../options';
import { DECIDE_OPTIONS, decideAndArrange, WHEN_STOPPED } from '../people-command';
import { runStoppable } from '../report';

const options = {
  ...DECIDE_OPTIONS,
  all: { type: 'boolean', default: false, describe: 'Undo everything that was ever decided' },
} as const;
const DECISION = {
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
    runStoppable(
      (signal) =>
        decideAndArrange('undo', argv, signal, async ({ people }) => {
          const undone: number[] = [];
          if (argv.all) {
            while (people.decisions().some(({ counts, do: kind }) => counts && kind !== 'undo')) {
              undone.push(undoneBy(await people.undo()));
            }
          } else undone.push(undoneBy(await people.undo(argv.decision)));
          return undone.length === 0 ? ['There is nothing to undo.'] : [`Undone: ${undone.join(', ')}.`];
        }),
      WHEN_STOPPED,
    ),
};

function undoneBy(record: { readonly do: string; readonly of?: number }): number {
  return record.of as number;
}
