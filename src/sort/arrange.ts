import { basename, dirname, join, resolve } from 'node:path';
import { countFiles, type PhotoId } from '../base/ids';
import { groupBy } from '../base/maps';
import type { PhotoProblem } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import { integer, options as knownOptions } from '../base/validate';
import type { EncodeProgress } from '../encode/encode';
import type { GroupedFace } from '../people/carry-over';
import type { PersonId } from '../people/decisions';
import type { PeopleChanges } from '../people/match';
import type { People } from '../people/people';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import type { PeopleFolder } from '../result/people-folder/people-folder';
import type { FolderSummary, GestureFacts } from '../result/people-folder/types';
import { resolveJobs } from '../system/jobs';
import { checkMaxMemory, memoryForPhotos } from '../system/machine-memory';
import { realPath } from '../system/real-path';
import { type Applied, isSameAs, latest } from './applied';
import { endForgetting } from './forgotten';
import { type FacesSource, type FoundFaces, readFoundFaces } from './found-faces';
import { checkSorted, notSorted, type Opened, withPeople } from './open';
import { type Published, publish } from './publish';
import { type Regrouped, regroup } from './regroup';
import { type SortSettings, writeSettings } from './settings';
import { type Shown, shownPeople } from './shown';
import { factsFor, type TakenOver, takeOver } from './take-over';

export interface ArrangeOptions {
  /** Folder of the people: a new or empty one, or that of earlier runs. */
  readonly output: string;
  /** How many things are done at once; -1, the default, is the number of cores. */
  readonly jobs?: number;
  /** How much memory to take, see `EngineOptions`; the faces come on top, 2.5 KB each. */
  readonly maxMemory?: number;
  /** Photos with more pixels are refused before they are decoded. Default: 268 million, see `decodeImage`. */
  readonly maxPixels?: number;
  /** Stops the work at once. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SortProgress) => void;
  /** Called for each photo that could not be used, at once. The summary holds them all, too. */
  readonly onProblem?: (problem: PhotoProblem) => void;
  /** Called for each thing that was taken over, see {@link TakenOver}. The summary holds them all, too. */
  readonly onTakenOver?: (taken: TakenOver) => void;
}

/** How far a job is. */
export interface SortProgress {
  /**
   * What is being done, in this order: choosing frames of videos, if these are looked at, looking for faces, and at photos of known
   * people, reading what was found, looking for the photos, comparing faces, reading names in photos, making small pictures and the
   * page, updating the folder.
   */
  readonly phase:
    | 'videos'
    | 'encode'
    | 'known'
    | 'read'
    | 'locate'
    | 'cluster'
    | 'names'
    | 'faces'
    | 'montage'
    | 'finish'
    | 'files';
  /** How much of this phase is done, in units of `total`: videos, photos, files, or 1. */
  readonly done: number;
  readonly total: number;
  /** Of the phases `encode` and `known`. */
  readonly encode?: EncodeProgress;
}

/** A person who has a folder. */
export interface SortedPerson {
  readonly id: PersonId;
  readonly name: string | undefined;
  /** Number of different photos. */
  readonly photos: number;
  readonly faces: number;
  /** Name of the folder. */
  readonly folder: string;
  /** Whether this looks like several people, see `Several`. */
  readonly several: boolean;
}

export interface ArrangeSummary {
  /** Number of faces. */
  readonly faces: number;
  /** Number of different photos that they are on. */
  readonly photos: number;
  /** Those who have a folder, by numbers. */
  readonly people: readonly SortedPerson[];
  /** Number of people who are hidden. */
  readonly hidden: number;
  /** Number of faces that are nobody's who has a folder. */
  readonly unsorted: number;
  /** How many of these are too unclear to tell who they are. */
  readonly unclear: number;
  /** What has changed since the run before. */
  readonly changes: PeopleChanges;
  /** What was done to the folder since then and what was made of it, and names that were taken over from elsewhere. */
  readonly takenOver: readonly TakenOver[];
  /** What was done to the folder now. */
  readonly folder: FolderSummary;
  /** Path of the page to look at the people with. */
  readonly page: string;
  /** See `ClusterSummary.nearestOnly`. */
  readonly nearestOnly: number;
  /** Photos that could not be used. */
  readonly problems: readonly PhotoProblem[];
  /** How long it took. */
  readonly seconds: number;
  /** Folder of the people. */
  readonly output: string;
}

export const ARRANGE_OPTIONS: Readonly<Record<keyof ArrangeOptions, true>> = {
  output: true,
  jobs: true,
  maxMemory: true,
  maxPixels: true,
  signal: true,
  onProgress: true,
  onProblem: true,
  onTakenOver: true,
};

/** What is known when decisions are made: who is on which photo. */
export interface DecideContext extends Pick<GestureFacts, 'facesOn' | 'likest'> {
  readonly people: People;
  /** The faces that were found, as `People.suggest` takes them. */
  readonly faces: readonly GroupedFace[];
  /**
   * The photo that a path leads to: in the people folder, or where it was found, even if it is not there any more; `undefined` if
   * that is none of them.
   */
  photoAt(path: string): Promise<PhotoId | undefined>;
}

export interface ArrangePeopleOptions extends ArrangeOptions {
  /** Where the decisions come from, for those who read the file: a program or a command. Default `library`. */
  readonly by?: string;
  /** Makes decisions, by `context.people`. */
  readonly decide?: DecideOnPeople;
}

/** Makes decisions, by `context.people`; what it returns does not matter. */
export type DecideOnPeople = (context: DecideContext) => Promise<unknown>;

/**
 * Makes decisions on the people of a folder and brings the folder up to them: as {@link sortPhotos} does, without looking for
 * new photos.
 *
 * ```ts
 * await arrangePeople({ output: 'people', decide: ({ people }) => people.name(2, 'Anna') });
 * ```
 * @throws FaceError as `sortPhotos`; FACE_IO if no photos were sorted into `output`; what `decide` throws: nothing was changed
 *   then but by decisions that it made before
 */
export async function arrangePeople(options: ArrangePeopleOptions): Promise<ArrangeSummary> {
  const { by = 'library', decide, ...rest } = knownOptions('options', options, ARRANGE_PEOPLE_OPTIONS);
  await checkSorted(options.output);
  return withPeople(options.output, by, async ({ settings, ...opened }) => {
    if (settings === undefined) throw notSorted(options.output);
    return arrange({ ...opened, settings }, rest, { decide });
  });
}

const ARRANGE_PEOPLE_OPTIONS: Readonly<Record<keyof ArrangePeopleOptions, true>> = {
  ...ARRANGE_OPTIONS,
  by: true,
  decide: true,
};

/** How the work is done; no result depends on it. @internal */
export interface ArrangeRun {
  readonly jobs: number;
  readonly maxMemory: number;
  readonly maxPixels: number;
  readonly signal: AbortSignal | undefined;
  report(phase: SortProgress['phase'], done: number, total: number): void;
}

/** @throws FaceError FACE_INVALID_ARGUMENT @internal */
export function checkRun({
  jobs,
  maxMemory,
  maxPixels,
  signal,
  onProgress,
}: Pick<ArrangeOptions, 'jobs' | 'maxMemory' | 'maxPixels' | 'signal' | 'onProgress'>): ArrangeRun {
  return {
    jobs: resolveJobs(jobs ?? -1),
    maxMemory: checkMaxMemory(maxMemory),
    maxPixels: integer('maxPixels', maxPixels ?? DEFAULT_MAX_PIXELS, 1),
    signal,
    report: (phase, done, total) => onProgress?.({ phase, done, total }),
  };
}

/** Makes decisions on those whom a grouping has found. @internal */
export type DecideOnGroups = (
  people: People,
  found: FoundFaces,
  run: ArrangeRun,
) => Promise<readonly TakenOver[]>;

/** Takes over, decides, groups, and brings the folder up to that. @internal */
export async function arrange(
  opened: Opened<SortSettings>,
  options: ArrangeOptions,
  {
    decide,
    afterwards,
    anew = false,
  }: {
    readonly decide?: DecideOnPeople | undefined;
    /** Decides once everybody is found; then it is grouped again by that. */
    readonly afterwards?: DecideOnGroups;
    readonly anew?: boolean;
  } = {},
): Promise<ArrangeSummary> {
  const started = performance.now();
  const run = checkRun(options);
  const found = await readAllFaces(opened, run, options.onProblem);
  const { people } = opened;
  const takenOver: TakenOver[] = [];
  const tell = (taken: TakenOver) => {
    takenOver.push(taken);
    options.onTakenOver?.(taken);
  };
  for (const taken of await takeOver(opened.folder, people, found, run.signal)) tell(taken);
  await decide?.(contextOf(opened.folder, people, found));
  let grouped = await group(opened, found, run, anew);
  const decided = (await afterwards?.(people, found, run)) ?? [];
  for (const taken of decided) tell(taken);
  if (decided.some(({ decision }) => decision !== undefined)) {
    const again = await group({ ...opened, settings: grouped.settings }, found, run, false);
    grouped = { ...again, changes: bothChanges(grouped.changes, again.changes, people) };
  }
  const published = await bringUpToDate(opened, found, grouped, run);

  const { shown } = grouped;
  return {
    faces: found.faces.length,
    photos: countFiles(found.onPhoto.keys()),
    people: shown.people.map(({ id, name, photos, faces }) => ({
      id,
      name,
      photos,
      faces: faces.length,
      folder: published.plan.folder(id) as string,
      several: published.several.has(id),
    })),
    hidden: people.list().filter(({ hidden, faces }) => hidden && faces.length > 0).length,
    unsorted: shown.unsorted,
    unclear: shown.unclear,
    changes: grouped.changes,
    takenOver,
    folder: published.folder,
    page: published.page,
    nearestOnly: grouped.nearestOnly,
    problems: [...found.photos.problems(), ...published.folder.problems],
    seconds: (performance.now() - started) / 1000,
    output: opened.folder.path,
  };
}

/** What two groupings have changed, one after the other, of those who are there by now. */
function bothChanges(first: PeopleChanges, then: PeopleChanges, people: People): PeopleChanges {
  const isThere = (person: PersonId) => people.whoIs(person) === person;
  const joined = groupBy(
    [...first.joined, ...then.joined].filter(({ person }) => isThere(person)),
    ({ person }) => person,
  );
  return {
    joined: Array.from(joined, ([person, all]) => ({
      person,
      faces: all.reduce((sum, { faces }) => sum + faces, 0),
      photos: all.reduce((sum, { photos }) => sum + photos, 0),
    })),
    newPeople: [...first.newPeople, ...then.newPeople].filter(isThere),
    absorbed: [...first.absorbed, ...then.absorbed],
    separated: [...first.separated, ...then.separated],
    mayBeOne: then.mayBeOne,
    gone: first.gone,
    back: first.back,
  };
}

/** @throws FaceError as `readFoundFaces` @internal */
export function readAllFaces(
  source: FacesSource,
  { signal, report }: ArrangeRun,
  onProblem: ArrangeOptions['onProblem'] = () => {},
): Promise<FoundFaces> {
  report('read', 0, 1);
  return readFoundFaces(source, signal, onProblem, (done, total) => report('locate', done, total));
}

/** Who is who after all that was decided by then. @internal */
export interface Grouped extends Regrouped {
  readonly shown: Shown;
  /** With what is to be remembered of it. */
  readonly settings: SortSettings;
  /** The last of what is in it. */
  readonly upTo: Applied;
}

/** Groups all faces anew, by what was decided. @throws FaceError as `regroup` @internal */
export async function group(
  { folder, people, settings }: Opened<SortSettings>,
  found: FoundFaces,
  { jobs, maxMemory, signal, report }: ArrangeRun,
  anew: boolean,
): Promise<Grouped> {
  const { threshold, minPhotos } = settings;
  report('cluster', 0, 1);
  const regrouped = await regroup(people, found, {
    threshold,
    minPhotos,
    compared: settings.compared,
    anew,
    run: {
      threads: jobs,
      maxMemory: memoryForPhotos(maxMemory),
      ...(signal && { signal }),
      onProgress: (fraction) => report('cluster', fraction, 1),
    },
  });
  const now = { ...settings, compared: regrouped.compared };
  if (now.compared !== settings.compared) await writeSettings(folder.data, now);
  const shown = shownPeople(people, found, minPhotos);
  return { ...regrouped, shown, settings: now, upTo: latest(people, found) };
}

/**
 * Brings the folder and its page up to who is who. What is decided meanwhile is not in it.
 * @returns also what is to be remembered of it, as it was written down
 * @throws FaceError as `publish`
 * @internal
 */
export async function bringUpToDate(
  { folder, encodings }: Opened<SortSettings>,
  found: FoundFaces,
  { shown, settings, parameters, upTo }: Grouped,
  { report, ...run }: ArrangeRun,
): Promise<Published & { readonly settings: SortSettings }> {
  const { files } = settings;
  const options = { files, parameters, ...run, onDone: report };
  const published = await publish(folder, encodings, found, shown, options);
  await endForgetting(folder.data);
  const now = { ...settings, applied: upTo };
  if (!isSameAs(upTo, settings.applied)) await writeSettings(folder.data, now);
  return { ...published, settings: now };
}

function contextOf(folder: PeopleFolder, people: People, found: FoundFaces): DecideContext {
  const ids = new Map(found.faces.map(({ photo }, i) => [(found.records[i] as FaceRecord).imagePath, photo]));
  return {
    ...factsFor(people, found),
    people,
    faces: found.faces,
    async photoAt(path) {
      // The folder may be given by a link; what is in it may be a link, too, and is looked up by its own name.
      const inFolder = join(await realPath(dirname(path)).catch(() => dirname(path)), basename(path));
      return (
        folder.photoAt(inFolder) ?? ids.get(resolve(path)) ?? ids.get(await realPath(path).catch(() => ''))
      );
    },
  };
}
