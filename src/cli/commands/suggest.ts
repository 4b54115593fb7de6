import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { DecisionToMake, PersonId } from '../../people/decisions';
import { Merges } from '../../people/merges';
import { ExitCode, UsageError } from '../exit';
import { type Command, withOptions } from '../options';
import { outputOptions } from '../output';
import { DECIDE_OPTIONS, decideAndArrange, titleOf, WHEN_STOPPED } from '../people-command';
import { ofPeople, runStoppable } from '../report';
import { commandName, count, printable } from '../terminal/text';

const options = {
  ...DECIDE_OPTIONS,
  ...outputOptions('the pairs'),
  yes: { type: 'number', array: true, describe: 'The pairs with these numbers are one person each' },
  no: {
    type: 'number',
    array: true,
    describe: 'The pairs with these numbers are two people each, however alike',
  },
  count: { type: 'number', default: 20, describe: 'How many pairs to list, at most' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the numbers of pairs after --yes or --no.')
      .usage(
        'Usage: $0 suggest [options]\n\n' +
          'Lists pairs of people who may be one person, the surest first. Look at both folders, then answer with the numbers of the ' +
          'list.',
      )
      .example('$0 suggest', 'who may be one person')
      .example('$0 suggest --yes 1 2 --no 3', 'pairs 1 and 2 are, pair 3 is not'),
  handler: (argv) =>
    runStoppable((signal) => (argv.yes || argv.no ? answer(argv, signal) : list(argv, signal)), WHEN_STOPPED),
};

async function list(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { suggestPeople } = require('../../sort/suggestions') as typeof import('../../sort/suggestions');
  const { openSorted } = require('../../sort/open') as typeof import('../../sort/open');
  const pairs = await suggestPeople({ output: argv.output, count: argv.count, signal });
  if (argv.json) {
    process.stdout.write(`${JSON.stringify(pairs)}\n`);
    return ExitCode.ok;
  }
  const { people } = await openSorted(argv.output);
  const known = new Map(people.list().map((person) => [person.id, person]));
  await people.close();
  const told = (id: number) => {
    const person = known.get(id);
    return person ? `${titleOf(person)} (${count(person.photos, 'photo')})` : `${id}`;
  };
  const lines = pairs.map(
    ({ people: [one, other] }, i) => `${String(i + 1).padStart(3)}  ${told(one)} and ${told(other)}`,
  );
  const how = [
    '',
    `Answer with the numbers, e.g. ${commandName()} suggest${ofPeople(argv.output)} --yes 1 --no 2`,
  ];
  const none = ['No two people look like one.'];
  const said = [...lines.map(printable), ...(argv.quiet ? [] : pairs.length > 0 ? how : none)];
  process.stdout.write(said.map((line) => `${line}\n`).join(''));
  return ExitCode.ok;
}

async function answer(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { lastSuggested } = require('../../sort/suggestions') as typeof import('../../sort/suggestions');
  const pairs = await lastSuggested(argv.output);
  const pair = (number: number) => {
    const found = pairs[number - 1];
    if (!found)
      throw new UsageError(
        `There is no pair ${number} in the list. See it again: ${commandName()} suggest${ofPeople(argv.output)}`,
      );
    return found;
  };
  if (!argv.yes?.length && !argv.no?.length)
    throw new UsageError('Give the numbers of pairs, e.g. suggest --yes 1 2 --no 3.');
  const [yes, no] = [(argv.yes ?? []).map(pair), (argv.no ?? []).map(pair)];
  return decideAndArrange('suggest', argv, signal, async ({ people }) => {
    const decisions: DecisionToMake[] = [
      ...no.map(([person, other]) => ({ do: 'differ', person, other }) as const),
      ...mergesOf(yes),
    ];
    await people.decide(decisions);
    return [
      ...(yes.length > 0
        ? [`${count(yes.length, 'pair')} of people ${yes.length === 1 ? 'is' : 'are'} one now.`]
        : []),
      ...(no.length > 0 ? [`${count(no.length, 'pair')} of people will not be asked about again.`] : []),
    ];
  });
}

/** Pairs may share people, or say the same once more: who was merged by one is who they were merged with by the next. */
function mergesOf(pairs: readonly (readonly [PersonId, PersonId])[]): DecisionToMake[] {
  const merges = new Merges();
  return pairs.flatMap((pair) => {
    const [into, person] = [merges.rootOf(pair[0]), merges.rootOf(pair[1])];
    if (person === into) return [];
    merges.join(person, into);
    return { do: 'merge', person, into };
  });
}
