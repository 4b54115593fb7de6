import type { InferredOptionTypes } from 'yargs';
import { personNamed } from '../../sort/person-named';
import { UsageError } from '../exit';
import { type Command, withOptions } from '../options';
import { DECIDE_OPTIONS, runDecision, titleOf, WHOM } from '../people-command';

const options = {
  ...DECIDE_OPTIONS,
  show: { type: 'boolean', default: false, describe: 'The reverse: show them again' },
} as const;

type Arguments = InferredOptionTypes<typeof options & { who: typeof WHOM }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, who: WHOM }, 'Put a name of several words into quotes.')
      .positional('who', { ...WHOM, demandOption: true })
      .usage(
        'Usage: $0 hide <who..> [options]\n\n' +
          'Hides people: they have no folder and are not on the page, but are known, so that their faces are nobody else. To delete ' +
          'their folder yourself and run "sort" comes to the same.',
      )
      .example('$0 hide 14 15', 'hide two people')
      .example('$0 hide 14 --show', 'show one of them again'),
  handler: (argv) =>
    runDecision('hide', argv, async ({ people }) => {
      const given = [...new Set((argv.who ?? []).map((who) => personNamed(people, who)))];
      if (given.length === 0) throw new UsageError('Say whom to hide.');
      await people.decide(given.map(({ id }) => ({ do: argv.show ? 'show' : 'hide', person: id })));
      return [`${given.map(titleOf).join(', ')}: ${argv.show ? 'shown again' : 'hidden'}.`];
    }),
};
