import type { InferredOptionTypes } from 'yargs';
import { personNamed } from '../../sort/person-named';
import { type Command, withOptions } from '../options';
import { DECIDE_OPTIONS, nameGiven, runDecision, titleOf, WHO } from '../people-command';
import { commandName } from '../terminal/text';

const NAME = {
  isPlace: true,
  type: 'string',
  describe: 'What they are called from now on; without it, they have no name any more',
} as const;

type Arguments = InferredOptionTypes<typeof DECIDE_OPTIONS & { who: typeof WHO; name: typeof NAME }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(
      yargs,
      { ...DECIDE_OPTIONS, who: WHO, name: NAME },
      'Put a name of several words into quotes.',
    )
      .positional('who', { ...WHO, demandOption: true })
      .positional('name', NAME)
      .usage(
        'Usage: $0 name <who> [name] [options]\n\n' +
          'Names a person, or gives them another name, and renames their folder. To rename the folder yourself and run "sort" ' +
          'comes to the same. Names stay, whatever is sorted later and however.',
      )
      .example('$0 name 2 Anna', 'Person 02 is Anna')
      .example("$0 name Anna 'Anna Schmidt'", 'and has a surname')
      .example('$0 name Anna', 'has no name any more'),
  handler: (argv) =>
    runDecision('name', argv, async ({ people }) => {
      const person = personNamed(people, argv.who as string);
      if (argv.name === undefined) {
        await people.decide([{ do: 'unname', person: person.id }]);
        return [`${titleOf(person)} has no name any more.`];
      }
      const name = nameGiven(argv.name);
      const others = people
        .list()
        .filter((one) => one.id !== person.id && one.name?.toLowerCase() === name.toLowerCase());
      await people.name(person.id, name);
      return [
        `${titleOf(person)} is ${name} now.`,
        ...others.map(
          ({ id }) =>
            `Number ${id} has that name, too. If they are one person: ${commandName()} merge ${person.id} ${id}`,
        ),
      ];
    }),
};
