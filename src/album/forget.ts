import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { countFiles } from '../base/ids';
import { integer, options as knownOptions, oneOrMore } from '../base/validate';
import type { PersonId } from '../people/decisions';
import type { KnownPerson } from '../people/list';
import { titleIn } from '../people/names';
import type { People } from '../people/people';
import { titleOf } from '../result/people-folder/names';
import {
  ARRANGE_OPTIONS,
  type ArrangeOptions,
  type ArrangeSummary,
  arrange,
  checkRun,
  group,
  readAllFaces,
} from '../sort/arrange';
import { erasePeople } from '../sort/erase';
import { underWay } from '../sort/forgotten';
import { checkSorted, notSorted, type Opened, withPeople } from '../sort/open';
import type { SortSettings } from '../sort/settings';
import { takeOver } from '../sort/take-over';
import { foldedName } from '../system/file-name';
import { DATA_FOLDER } from '../system/own-folder';
import { arrangeRewritten } from './rewritten-photos';
import { filesStillNaming } from './still-named';
import { untagPeople } from './untag';

export interface ForgetPeopleOptions extends ArrangeOptions {
  /** Whom to forget. */
  readonly people: PersonId | readonly PersonId[];
}

/** Somebody who was forgotten. */
export interface ForgottenPerson {
  readonly id: PersonId;
  /** How many faces were known to be theirs, on how many different photos; also those that the last run has not found. */
  readonly faces: number;
  readonly photos: number;
}

export interface ForgetSummary extends ArrangeSummary {
  readonly forgotten: readonly ForgottenPerson[];
  /** Folders of theirs that are still there, as somebody has put files of their own into them. */
  readonly left: readonly string[];
  /**
   * Sidecars, and photos, that {@link tagPhotos} has written a name of theirs into, and that still have it: they are away, or can't be
   * written.
   */
  readonly tagged: readonly string[];
  /**
   * Other photos of theirs and sidecars beside these that have a name of theirs, which another program has written: they are left as
   * they are. What {@link tagPhotos} makes of these photos later has it as well.
   */
  readonly named: readonly string[];
  /** Whether a call that was cut short had begun to forget somebody, which was ended first. */
  readonly ended: boolean;
}

/**
 * Forgets people of a folder for good: takes the encodings of their faces, the pictures cut out of photos, their names, all decisions
 * that speak of them, and their folders out of it. Nothing of that can be undone. Everybody else keeps number, name and decisions.
 *
 * What {@link tagPhotos} has written of them is taken out again; what other programs have written into photos and sidecars stays, and is
 * told. Photos stay where they are. What is kept is where on which photos the
 * faces were, without whose they are: these are not looked at any more by later runs, also with `fresh`. On new photos, or edited ones,
 * the same people are found as somebody new: whether it is them could only be told by what was forgotten. Files are deleted as files
 * are: what the disk still has of them is not overwritten, and backups have what they have.
 *
 * Killed at any moment, the next call that works on the folder, of this or another function, goes on.
 * @throws FaceError FACE_INVALID_ARGUMENT for the number of nobody: nothing was forgotten then; as `arrangePeople`
 */
export async function forgetPeople(options: ForgetPeopleOptions): Promise<ForgetSummary> {
  const { people, ...rest } = knownOptions('options', options, { ...ARRANGE_OPTIONS, people: true });
  const given = oneOrMore('people', people, (name, value) => integer(name, value, 1));
  return forgetChosen(rest, async () => given);
}

/**
 * {@link forgetPeople} for those who are chosen when it is known what was done to the folder.
 * @param choose what it throws ends the call, before anything is forgotten
 * @internal
 */
export async function forgetChosen(
  options: ArrangeOptions,
  choose: (people: People, ended: boolean) => Promise<readonly PersonId[]>,
): Promise<ForgetSummary> {
  await checkSorted(options.output);
  const ended = (await underWay(join(options.output, DATA_FOLDER))) !== undefined;
  return withPeople(options.output, 'forget', async ({ settings, ...others }) => {
    if (settings === undefined) throw notSorted(options.output);
    const opened: Opened<SortSettings> = { ...others, settings };
    const { people, folder, encodings } = opened;
    if (ended) await arrange(opened, options);
    const run = checkRun(options);
    const found = await readAllFaces(opened, run);
    const takenOver = await takeOver(folder, people, found, run.signal);
    for (const taken of takenOver) options.onTakenOver?.(taken);
    // Whose the faces are has to be known to forget all of them.
    if (people.facesLost) await group(opened, found, run, false);
    const chosen = new Set(await choose(people, ended));
    const persons = people.list().filter(({ id }) => chosen.has(id));
    const forgotten = [...chosen].sort((a, b) => a - b).map((id) => ({ id, ...countFaces(people, id) }));
    let tagged: readonly string[] = [];
    let named: readonly string[] = [];
    if (chosen.size > 0) {
      // First: killed before the rest, nobody is forgotten yet, and the same call does it again.
      const untagged = await untagPeople({ people, data: folder.data, encodings }, found, chosen, run.signal);
      await arrangeRewritten(opened, untagged.rewritten, options);
      tagged = untagged.left;
      const still = await filesStillNaming(people, found, chosen, run.signal);
      named = still.filter((file) => !tagged.includes(file));
      await erasePeople(folder.data, encodings, people, [...chosen]);
    }
    const arranged = await arrange(opened, options);
    return {
      ...arranged,
      takenOver: [...takenOver, ...arranged.takenOver],
      forgotten,
      left: await foldersLeft(arranged, persons),
      tagged,
      named,
      ended,
    };
  });
}

/** How many faces are forgotten with a person, and on how many photos. @internal */
export function countFaces(people: People, person: PersonId): { faces: number; photos: number } {
  const faces = people.everyFaceOf(person);
  return { faces: faces.length, photos: countFiles(faces.map(({ photo }) => photo)) };
}

async function foldersLeft(
  { output, people }: ArrangeSummary,
  persons: readonly KnownPerson[],
): Promise<string[]> {
  const titles = new Set(persons.map(({ id, name }) => foldedName(titleOf(id, name))));
  const others = new Set(people.map(({ folder }) => folder));
  const names = await readdir(output);
  return names.filter((name) => !others.has(name) && titles.has(foldedName(titleIn(name))));
}
