import type { InferredOptionTypes } from 'yargs';
import { personNamed } from '../../sort/person-named';
import { UsageError } from '../exit';
import { type Command, withOptions } from '../options';
import { DECIDE_OPTIONS, runDecision, titleOf, WHOM } from '../people-command';

const PEOPLE = {
  ...WHOM,
  describe: 'People who are one; the last of them stays',
} as const;

type Arguments = InferredOptionTypes<typeof DECIDE_OPTIONS & { who: typeof PEOPLE }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...DECIDE_OPTIONS, who: PEOPLE }, 'Put a name of several words into quotes.')
      .positional('who', { ...PEOPLE, demandOption: true })
      .usage(
        'Usage: $0 merge <who..> [options]\n\n' +
          'Says that several people are one. They stay one, whatever is sorted later; "undo" makes them several again. To put one ' +
          'folder into the other yourself and run "sort" comes to the same.',
      )
      .example('$0 merge 7 12 Anna', 'persons 7 and 12 are Anna, too'),
  handler: (argv) =>
    runDecision('merge', argv, async ({ people }) => {
      const given = (argv.who ?? []).map((who) => personNamed(people, who));
      const into = given.at(-1);
      // Named twice, by number and name say, they are one already.
      const others = given.filter(
        ({ id }, i) => id !== into?.id && given.findIndex((one) => one.id === id) === i,
      );
      if (!into || others.length === 0) throw new UsageError('Give two people at least, e.g. merge 7 Anna.');
      await people.decide(others.map(({ id }) => ({ do: 'merge', person: id, into: into.id })));
      return [`${others.map(titleOf).join(', ')} and ${titleOf(into)} are one now.`];
    }),
};
