import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FaceError } from '../base/errors';
import type { PhotoId } from '../base/ids';
import type { PhotoProblem } from '../base/photo-problem';
import type { FaceRecord } from '../base/types';
import { integer, options as knownOptions, path } from '../base/validate';
import type { EncodeProgress } from '../encode/encode';
import type { GroupedFace } from '../people/carry-over';
import type { PersonId } from '../people/decisions';
import type { PeopleChanges } from '../people/match';
import { People } from '../people/people';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { loadSharp } from '../photos/formats/load-sharp';
import { MARKER } from '../result/names-in-result';
import { PeopleFolder } from '../result/people-folder/people-folder';
import type { FolderSummary, GestureFacts } from '../result/people-folder/types';
import { resolveJobs } from '../system/jobs';
import { checkMaxMemory, memoryForPhotos } from '../system/machine-memory';
import { DATA_FOLDER } from '../system/own-folder';
import { isThere, realPath } from '../system/real-path';
import { type FoundFaces, readFoundFaces } from './found-faces';
import { publish } from './publish';
import { regroup } from './regroup';
import { readSettings, type SortSettings, writeSettings } from './settings';
import { shownPeople } from './shown';
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
  /** Called for each thing that somebody did to the folder, see {@link TakenOver}. The summary holds them all, too. */
  readonly onTakenOver?: (taken: TakenOver) => void;
}

/** How far a job is. */
export interface SortProgress {
  /**
   * What is being done, in this order: looking for faces, reading what was found, looking for the photos, comparing faces,
   * making small pictures and the page, updating the folder.
   */
  readonly phase: 'encode' | 'read' | 'locate' | 'cluster' | 'faces' | 'montage' | 'finish' | 'files';
  /** How much of this phase is done, in units of `total`: photos, files, or 1. */
  readonly done: number;
  readonly total: number;
  /** Of the phase `encode`. */
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
  /** What was done to the folder since then, and what was made of it. */
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

/** A people folder that nobody else works on. @internal */
export interface Opened<Settings> {
  readonly folder: PeopleFolder;
  readonly people: People;
  /** Path of the encodings file. */
  readonly encodings: string;
  readonly settings: Settings;
}

/** Opens a people folder and closes it again after the work. @throws FaceError as `PeopleFolder.open` and `People.open` @internal */
export async function withPeople<T>(
  output: string,
  by: string,
  work: (opened: Opened<SortSettings | undefined>) => Promise<T>,
): Promise<T> {
  // Without it no picture can be made: to be told now, not when the faces have been compared.
  loadSharp();
  const { data } = await PeopleFolder.prepare(path('output', output));
  // With that, nobody else is at work on the folder.
  const people = await People.open(join(data, PEOPLE_FILE), { by });
  try {
    const folder = await PeopleFolder.open(output);
    return await work({
      folder,
      people,
      encodings: join(data, ENCODINGS_FILE),
      settings: await readSettings(data),
    });
  } finally {
    await people.close();
  }
}

/**
 * Opens the people of a folder to look at them; close them when done.
 * @throws FaceError FACE_IO if no photos were sorted into `output`; FACE_PEOPLE_INVALID, FACE_RESULT_INVALID
 * @internal
 */
export async function openSorted(output: string): Promise<{
  readonly people: People;
  /** The folder of data. */
  readonly data: string;
  /** Path of the encodings file. */
  readonly encodings: string;
  readonly minPhotos: number;
}> {
  await checkSorted(output);
  const data = join(output, DATA_FOLDER);
  const settings = await readSettings(data);
  if (settings === undefined) throw notSorted(output);
  const people = await People.open(join(data, PEOPLE_FILE), { readOnly: true });
  return { people, data, encodings: join(data, ENCODINGS_FILE), minPhotos: settings.minPhotos };
}

/**
 * Removes what {@link withPeople} has made, if nothing else came to be in it: after a typing mistake, no folder is left.
 * Never rejects.
 * @param wasThere whether the folder was there before, empty
 * @internal
 */
export async function removeUnused(output: string, wasThere: boolean): Promise<void> {
  const data = join(output, DATA_FOLDER);
  const ours = [MARKER, PEOPLE_FILE];
  const names = await readdir(data).catch(() => []);
  const all = await readdir(output).catch(() => []);
  if (names.length === 0 || !names.every((name) => ours.includes(name)) || all.length > 1) return;
  try {
    if ((await stat(join(data, PEOPLE_FILE))).size > LONGEST_EMPTY) return;
    for (const name of names) await rm(join(data, name));
    await rmdir(data);
    if (!wasThere) await rmdir(output);
  } catch {}
}

/** A file of decisions without any has its header alone. */
const LONGEST_EMPTY = 100;

/** In the folder of data. */
const ENCODINGS_FILE = 'faces.pickle';
const PEOPLE_FILE = 'people.jsonl';

/** Takes over, decides, groups, and brings the folder up to that. @internal */
export async function arrange(
  { folder, people, encodings, settings }: Opened<SortSettings>,
  options: ArrangeOptions,
  { decide, anew = false }: { decide?: DecideOnPeople | undefined; anew?: boolean } = {},
): Promise<ArrangeSummary> {
  const started = performance.now();
  const { signal } = options;
  const jobs = resolveJobs(options.jobs ?? -1);
  const maxMemory = checkMaxMemory(options.maxMemory);
  const maxPixels = integer('maxPixels', options.maxPixels ?? DEFAULT_MAX_PIXELS, 1);
  const report = (phase: SortProgress['phase'], done: number, total: number) =>
    options.onProgress?.({ phase, done, total });
  report('read', 0, 1);
  const onProblem = options.onProblem ?? (() => {});
  const found = await readFoundFaces(encodings, signal, onProblem, (done, total) =>
    report('locate', done, total),
  );
  const takenOver = await takeOver(folder, people, found, signal);
  for (const taken of takenOver) options.onTakenOver?.(taken);
  await decide?.(contextOf(folder, people, found));

  const { threshold, minPhotos, files } = settings;
  report('cluster', 0, 1);
  const { changes, parameters, compared, nearestOnly } = await regroup(people, found, {
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
  if (compared !== settings.compared) await writeSettings(folder.data, { ...settings, compared });

  const shown = shownPeople(people, found, minPhotos);
  const published = await publish(folder, encodings, found, shown, {
    files,
    parameters,
    jobs,
    maxMemory,
    maxPixels,
    signal,
    onDone: report,
  });
  return {
    faces: found.faces.length,
    photos: found.onPhoto.size,
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
    changes,
    takenOver,
    folder: published.folder,
    page: published.page,
    nearestOnly,
    problems: [...found.photos.problems(), ...published.folder.problems],
    seconds: (performance.now() - started) / 1000,
    output: folder.path,
  };
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

/** @throws FaceError FACE_IO if it is no people folder: none is made for those who only want to look */
async function checkSorted(output: string): Promise<void> {
  if (!(await isThere(join(path('output', output), DATA_FOLDER, ENCODINGS_FILE)))) throw notSorted(output);
}

function notSorted(output: string): FaceError {
  return new FaceError('FACE_IO', `No photos were sorted into the folder ${output} yet.`, {
    path: output,
    remedy: 'Sort some first ("sort" on the command line), or give the folder that they were sorted into.',
  });
}
