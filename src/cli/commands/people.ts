import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { ExitCode } from '../exit';
import { type Command, withOptions } from '../options';
import { PEOPLE_OPTION, titleOf } from '../people-command';
import { runStoppable } from '../report';
import { commandName, count, printable } from '../terminal/text';

const options = {
  output: PEOPLE_OPTION,
  all: {
    type: 'boolean',
    default: false,
    describe: 'Also those without a folder: hidden ones, and people on few photos',
  },
  history: {
    type: 'boolean',
    default: false,
    describe: 'What was decided so far, with the numbers that "undo" takes',
  },
  json: { type: 'boolean', default: false, describe: 'Write it as JSON, for other programs' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the folder with --output.')
      .usage(
        'Usage: $0 people [options]\n\n' +
          'Lists the people in a folder that "sort" has made: their numbers, names, and on how many photos they are.',
      )
      .example('$0 people', 'who is there')
      .example('$0 people --history', 'what was decided, by commands and by what was done to the folder'),
  handler: (argv) => runStoppable(() => list(argv)),
};

async function list({ output, all, history, json }: ArgumentsCamelCase<Arguments>): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { openSorted } = require('../../sort/open') as typeof import('../../sort/open');
  const { people, settings } = await openSorted(output);
  try {
    const write = (lines: readonly string[]) =>
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    if (history) {
      const decisions = people.decisions();
      if (json) write([JSON.stringify(decisions)]);
      else if (decisions.length === 0) write(['Nothing was decided yet.']);
      else {
        const { describeDecision } = require('../decision-words') as typeof import('../decision-words');
        write(decisions.map((decision) => printable(describeDecision(decision, people.list()))));
      }
      return ExitCode.ok;
    }
    const everybody = people.list();
    const { hasFolder } = require('../../sort/shown') as typeof import('../../sort/shown');
    const shown = everybody.filter((person) => all || hasFolder(person, settings.minPhotos));
    if (json) {
      write([JSON.stringify(shown.map(({ faces, ...person }) => ({ ...person, faces: faces.length })))]);
      return ExitCode.ok;
    }
    const largest = shown.sort((a, b) => b.photos - a.photos || a.id - b.id);
    const width = String(Math.max(...largest.map(({ id }) => id), 0)).length;
    write([
      ...largest.map(
        (person) =>
          `${String(person.id).padStart(width)}  ${printable(titleOf(person))}: ${count(person.photos, 'photo')}${person.hidden ? ', hidden' : ''}`,
      ),
      ...(largest.length === 0 ? ['Nobody is on enough photos to have a folder.'] : []),
      ...(all || everybody.length === shown.length
        ? []
        : [
            '',
            `${count(everybody.length - shown.length, 'more', 'more')} without a folder: ${commandName()} people --all`,
          ]),
    ]);
    return ExitCode.ok;
  } finally {
    await people.close();
  }
}
