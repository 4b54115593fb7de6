import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ArgumentsCamelCase } from 'yargs';
import type { PhotoId } from '../base/ids';
import type { PersonId } from '../people/decisions';
import { canBeName, tidyName } from '../people/faults';
import type { KnownPerson } from '../people/list';
import { personTitle, titleIn } from '../people/names';
import { DATA_FOLDER } from '../result/names-in-result';
import { namesAPerson } from '../result/people-folder/names';
import type { ArrangeSummary, DecideContext } from '../sort/arrange';
import { personNamed } from '../sort/person-named';
import { foldedName } from '../system/file-name';
import { listFolder } from '../system/list-folder';
import { ExitCode, UsageError } from './exit';
import { Important } from './important';
import { PLACES } from './options';
import { CommandOutput, OUTPUT_OPTIONS } from './output';
import { ofPeople, PEOPLE_FOLDER, problemLines, runStoppable } from './report';
import { SORT_PHASES } from './sort-phases';
import { describeArranged, takenOverLine } from './sort-summary';
import { commandName, printable } from './terminal/text';

/** The folder that commands on people work on. */
export const PEOPLE_OPTION = {
  alias: 'o',
  type: 'string',
  default: PEOPLE_FOLDER,
  describe: 'Folder that "sort" has made',
} as const;

/** Options of the commands that decide something on people. */
export const DECIDE_OPTIONS = { output: PEOPLE_OPTION, ...OUTPUT_OPTIONS } as const;

export type DecideArguments = ArgumentsCamelCase<{
  readonly output: string;
  readonly quiet: boolean;
  readonly json: boolean;
}>;

/** Who is meant on a command line. */
export const WHO = {
  isPlace: true,
  type: 'string',
  describe: 'A person: their number, their name, or the name of their folder',
} as const;

/** The same, of commands that take several people. */
export const WHOM = { ...WHO, ...PLACES } as const;

/** The work of a command that decides something, see {@link decideAndArrange}. */
export function runDecision(
  command: string,
  argv: DecideArguments,
  decide: (context: DecideContext) => Promise<string[]>,
): Promise<void> {
  return runStoppable((signal) => decideAndArrange(command, argv, signal, decide), WHEN_STOPPED);
}

/** What was decided by then is said where that is known: see {@link decideAndArrange}. */
export const WHEN_STOPPED = '';

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
  const takenOver: string[] = [];
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
      onTakenOver: (taken) => takenOver.push(takenOverLine(taken)),
    });
    const lines = [
      ...said.map(printable),
      ...describeArranged(summary, argv.output),
      ...problemLines('Could not be used:', summary.problems),
    ];
    out.done(summary, lines, fieldsOf(summary));
    return summary.problems.length > 0 ? ExitCode.problems : ExitCode.ok;
  } catch (error) {
    tellDecided(out, argv.output, [...takenOver, ...said]);
    out.failed(error);
    throw error;
  }
}

/** What was decided by a run that did not end: it holds, and the next one will not tell it. */
export function tellDecided(out: CommandOutput, output: string, said: readonly string[]): void {
  const then =
    said.length > 0
      ? [`That holds. To bring the folder up to it: ${commandName()} sort${ofPeople(output)}`]
      : [];
  for (const line of [...said, ...then]) out.note(new Important(line));
}

function fieldsOf({ people, changes, takenOver, folder, problems, output, page }: ArrangeSummary) {
  return { people, changes, takenOver, folder, problems: problems.length, output, page };
}

/**
 * A name that somebody is given.
 * @throws UsageError if that is none, or what folders of others are called
 */
export function nameGiven(name: string): string {
  const tidy = tidyName(name);
  if (!canBeName(tidy)) throw new UsageError('A name is one line of 1 to 200 characters that can be seen.');
  if (namesAPerson(tidy)) return tidy;
  throw new UsageError(
    `"${tidy}" can't be a name: folders of people without a name, or of photos of nobody, are called like that.`,
  );
}

/** What a person is called in messages. */
export function titleOf({ id, name }: Pick<KnownPerson, 'id' | 'name'>): string {
  return personTitle(id, name);
}

/**
 * Who is meant, and their faces on the photos that are named by their paths.
 * @param which photos are wanted, for people
 * @throws UsageError if that is nobody, or they have no face on one of the photos
 */
export async function personOnPhotos(
  context: DecideContext,
  {
    who,
    photos = [],
  }: { readonly who?: string | undefined; readonly photos?: readonly string[] | undefined },
  which: string,
) {
  const person = personNamed(context.people, who as string);
  if (photos.length === 0) throw new UsageError(`Give the ${which}.`);
  return { person, faces: await facesOfPerson(context, person.id, photos) };
}

/** That a person's folder has another name by now, as the number of its photos is another; nothing if that is not so. */
async function movedText(photo: string): Promise<string | undefined> {
  const folder = dirname(photo);
  const people = dirname(folder);
  if (existsSync(folder) || !existsSync(join(people, DATA_FOLDER))) return undefined;
  const title = foldedName(titleIn(basename(folder)));
  const beside = await listFolder(people).catch(() => []);
  const alike = beside
    .filter((entry) => entry.isDirectory() && foldedName(titleIn(entry.name)) === title)
    .map(({ name }) => join(people, name));
  // Several people may have one name.
  const [now, other] =
    alike.length > 1 ? alike.filter((one) => existsSync(join(one, basename(photo)))) : alike;
  if (now === undefined || other !== undefined) return undefined;
  return `The folder "${folder}" is called "${now}" now: the number is that of its photos.`;
}

async function facesOfPerson(
  { photoAt, facesOn }: DecideContext,
  person: PersonId,
  paths: readonly string[],
) {
  const photos: PhotoId[] = [];
  for (const path of paths) {
    const photo = await photoAt(path);
    if (photo === undefined)
      throw new UsageError((await movedText(path)) ?? `"${path}" is not among the photos that were sorted.`);
    photos.push(photo);
  }
  return photos.flatMap((photo, i) => {
    const faces = facesOn(photo).filter((one) => one.person === person);
    if (faces.length === 0) throw new UsageError(`"${paths[i]}" does not show that person.`);
    return faces.map(({ face }) => face);
  });
}
