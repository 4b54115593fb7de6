import type { ArgumentsCamelCase } from 'yargs';
import type { PhotoId } from '../base/ids';
import type { PersonId } from '../people/decisions';
import type { KnownPerson } from '../people/list';
import { personTitle } from '../people/names';
import type { People } from '../people/people';
import type { ArrangeSummary, DecideContext, SortProgress } from '../sort/arrange';
import { ExitCode, UsageError } from './exit';
import { CommandOutput, OUTPUT_OPTIONS, type Phase } from './output';
import { problemLines } from './report';
import { describeArranged } from './sort-summary';
import { commandName, printable } from './terminal/text';

/** The folder that commands on people work on. */
export const PEOPLE_OPTION = {
  alias: 'o',
  type: 'string',
  default: 'people',
  describe: 'Folder that "sort" has made',
} as const;

/** Options of the commands that decide something on people. */
export const DECIDE_OPTIONS = { output: PEOPLE_OPTION, ...OUTPUT_OPTIONS } as const;

export type DecideArguments = ArgumentsCamelCase<{
  readonly output: string;
  readonly quiet: boolean;
  readonly json: boolean;
}>;

/** What it means that such a command was stopped: decisions are on the disk as soon as they are made. */
export const WHEN_STOPPED =
  'What was decided by then is kept; "sort" brings the folder up to date, "undo" takes it back.';

/** Who is meant on a command line. */
export const WHO = {
  type: 'string',
  describe: 'A person: their number, their name, or the name of their folder',
} as const;

/**
 * Makes decisions, brings the folder up to them, and says what came of it.
 * @param decide makes them; returns what they are, for people
 */
export async function decideAndArrange(
  command: string,
  argv: DecideArguments,
  signal: AbortSignal,
  decide: (context: DecideContext) => Promise<string[]>,
): Promise<number> {
  // Loaded only now: "--help" must not wait for the image library.
  const { arrangePeople } = require('../sort/arrange') as typeof import('../sort/arrange');
  const out = new CommandOutput(command, argv);
  const said: string[] = [];
  try {
    const summary = await arrangePeople({
      output: argv.output,
      by: command,
      signal,
      decide: async (context) => {
        said.push(...(await decide(context)));
      },
      onProgress: ({ phase, done, total }) => out.progress(SORT_PHASES[phase], done, total),
      onProblem: (problem) => out.problem(problem),
    });
    const lines = [
      ...said.map(printable),
      ...describeArranged(summary, argv.output),
      ...problemLines('Could not be used:', summary.problems),
    ];
    out.done(summary, lines, fieldsOf(summary));
    return summary.problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    out.failed(error);
    throw error;
  }
}

function fieldsOf({ people, changes, takenOver, folder, problems, output, page }: ArrangeSummary) {
  return { people, changes, takenOver, folder, problems: problems.length, output, page };
}

/**
 * The person that somebody means.
 * @param who their number, their name in whatever case, or what their folder is called
 * @throws UsageError if that is nobody, or several people
 */
export function personNamed(people: People, who: string): KnownPerson {
  const all = people.list();
  const wanted = folded(who.replace(/\/+$/, '').split('/').at(-1) ?? who);
  const number = /^\d+$/.test(wanted) ? Number(wanted) : undefined;
  const found = all.filter(
    ({ id, name }) =>
      id === number ||
      [name, personTitle(id, undefined)].some((title) => title !== undefined && isTitle(title, wanted)),
  );
  const [person, other] = found;
  if (person && other) {
    const which = found.map(({ id, photos }) => `${id} (${photos} photos)`).join(', ');
    throw new UsageError(`Several people are called "${who}": ${which}. Give the number.`);
  }
  if (!person)
    throw new UsageError(`There is nobody called "${who}". See who there is: ${commandName()} people`);
  return person;
}

function isTitle(title: string, wanted: string): boolean {
  const own = folded(title);
  return (
    wanted === own || (wanted.startsWith(`${own} (`) && /^ \(\d+\)( \d+)?$/.test(wanted.slice(own.length)))
  );
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** What a person is called in messages. */
export function titleOf({ id, name }: Pick<KnownPerson, 'id' | 'name'>): string {
  return personTitle(id, name);
}

/** The faces of a person on photos that are named by their paths. @throws UsageError if there are none on one of them */
export async function facesOfPerson(
  { photoAt, facesOn }: DecideContext,
  person: PersonId,
  paths: readonly string[],
) {
  const photos: PhotoId[] = [];
  for (const path of paths) {
    const photo = await photoAt(path);
    if (photo === undefined) throw new UsageError(`"${path}" is not among the photos that were sorted.`);
    photos.push(photo);
  }
  return photos.flatMap((photo, i) => {
    const faces = facesOn(photo).filter((one) => one.person === person);
    if (faces.length === 0) throw new UsageError(`"${paths[i]}" does not show that person.`);
    return faces.map(({ face }) => face);
  });
}

/** What is being done, for the bars of all commands on people. */
export const SORT_PHASES: Readonly<Record<SortProgress['phase'], Phase>> = {
  encode: { name: 'encode', title: 'Looking for faces', unit: 'photo' },
  read: { name: 'read', title: 'Reading the faces', unit: '' },
  locate: { name: 'locate', title: 'Looking for the photos', unit: 'photo' },
  cluster: { name: 'cluster', title: 'Comparing the faces', unit: '' },
  faces: { name: 'faces', title: 'Cutting out the faces', unit: 'photo' },
  montage: { name: 'montage', title: 'Drawing', unit: 'overview picture' },
  finish: { name: 'finish', title: 'Writing the page', unit: '' },
  files: { name: 'files', title: 'Updating the folders', unit: 'file' },
};
