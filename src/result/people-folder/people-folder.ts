import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FaceError } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import { PRIVATE_FOLDER, writeFileAtomically } from '../../system/atomic-file';
import { failingTo, unlessGone } from '../../system/io-error';
import { makeFolders } from '../../system/make-folders';
import { DATA_FOLDER, PEOPLE, readMarkerFile } from '../../system/own-folder';
import { sha256 } from '../../system/sha256';
import { isTemporaryName, removeLeftovers } from '../../system/temporary';
import { MARKER } from '../names-in-result';
import type { OnDone } from '../originals/label-folders';
import type { Placed } from '../originals/place-photo';
import { targetOf } from '../publish/folder';
import { DROPPINGS } from '../publish/marker';
import { Application } from './apply';
import { gesturesOf } from './gestures';
import { changesAnything, intentOf } from './intent';
import { matchFolder } from './match';
import { type Findings, Plan, planFolder } from './plan';
import {
  EMPTY_RECORD,
  type FolderRecord,
  readIntent,
  readRecord,
  recordText,
  writeIntent,
  writeRecord,
} from './record';
import { recover } from './recover';
import { filesBelow, type ScannedFile, scanFolder } from './scan';
import type { FolderPlan, FolderSummary, Gesture, WantedFolder } from './types';

/** In the data folder: what was left in the folder of people, and what is being done to it. */
const RECORD = 'folder.jsonl';
const INTENT = 'folder.next.jsonl';
/** Gestures that were taken over while the record was still that of before: its hash, then a line for each. */
const TAKEN = 'folder.taken.jsonl';

/**
 * The folder that people look at and change as they like: a folder for each person with their photos, `Not sorted`,
 * `Too unclear`. What was left in it is on record, so that what was done to it since is known, and nothing is touched but what
 * was made here.
 *
 * ```ts
 * const folder = await PeopleFolder.open('people');
 * const gestures = await folder.gestures(); // and what `decisionsOf` makes of them
 * const plan = await folder.plan(wanted);
 * await folder.apply(plan, 'hardlink');
 * ```
 *
 * One run at a time: the caller has the lock, that of the file of decisions in `data` say.
 */
export class PeopleFolder {
  /** Photos of files that are in no record, by path and state. */
  readonly #known = new Map<string, PhotoId>();
  /** What the last gestures have told, and what of; `undefined`: none since the folder was brought up to date. */
  #told:
    | { readonly gestures: string; readonly files: ReadonlySet<string>; readonly findings: Findings }
    | undefined;
  /** By path, as the last look has found them. */
  #photos: ReadonlyMap<string, PhotoId> = new Map();

  private constructor(
    /** Without links on the way. */
    readonly path: string,
    /** What only this program reads: `<path>/.data`. */
    readonly data: string,
    private record: FolderRecord,
    /** Whether what is being done to the folder is on record. */
    private underWay: boolean,
  ) {}

  /**
   * Opens a folder that was made here, or makes one where nothing is, or an empty folder. What a run that was killed has left
   * half done is no gesture, and the next `apply` puts it right. A folder that has lost its marker is known by the record of
   * what was left in it.
   * @throws FaceError FACE_IO if it is something else, or can't be written; FACE_PEOPLE_INVALID if the record is damaged.
   *   Nothing was touched then
   */
  static async open(output: string): Promise<PeopleFolder> {
    const { path, data } = await PeopleFolder.prepare(output);
    await removeLeftovers(data);
    const record = await readRecord(join(data, RECORD));
    const intent = await readIntent(join(data, INTENT));
    const folder = new PeopleFolder(path, data, record ?? EMPTY_RECORD, intent !== undefined);
    await folder.#recover();
    return folder;
  }

  /**
   * What {@link PeopleFolder.open} does that others may be at work meanwhile: makes sure that it is a folder of people, or makes one.
   * @returns where it is without links on the way, and its data
   * @throws FaceError as `open`
   */
  static async prepare(output: string): Promise<Pick<PeopleFolder, 'path' | 'data'>> {
    const path = await targetOf(output);
    const data = join(path, DATA_FOLDER);
    const there = await unlessGone(path, stat(path));
    if (there && !there.isDirectory()) {
      const remedy = 'Choose another folder for the people, or move this one away.';
      throw new FaceError('FACE_IO', `${path} is not a folder.`, { path, remedy });
    }
    if ((await readMarkerFile(data))?.format !== PEOPLE) {
      const isKnown = (await readRecord(join(data, RECORD))) ?? (await readIntent(join(data, INTENT)));
      if (there && !isKnown) await mustBeEmpty(path);
      await mustNotBeIn(dirname(path));
      await makeFolders(data, PRIVATE_FOLDER).catch(failingTo(`make the folder ${data}`));
      await writeFileAtomically(join(data, MARKER), 'marker of the folder', async (handle) => {
        await handle.writeFile(`${JSON.stringify({ format: PEOPLE, version: 1 })}\n`);
      });
    }
    return { path, data };
  }

  /**
   * The photo at a path, as the last look at the folder has found it; `undefined` if there is none.
   * @param file path of the photo, as the working directory sees it
   */
  photoAt(file: string): PhotoId | undefined {
    return this.#photos.get(relative(this.path, resolve(file)).split(sep).join('/'));
  }

  /**
   * What was done to the folder since it was left, in the order: names, folders put into others, folders that are gone,
   * photos. Photos are read only where their inodes, sizes and times are new. Asked again, it tells the same, but for what was
   * {@link PeopleFolder.tookOver}.
   * @throws FaceError FACE_IO, FACE_ABORTED
   */
  async gestures(signal?: AbortSignal): Promise<Gesture[]> {
    const findings = await this.#look(signal);
    const { record, scan, matching } = findings;
    const gestures = gesturesOf(record, scan, matching);
    const files = new Set(scan.folders.flatMap((folder) => filesBelow(folder).map(keyOf)));
    this.#told = { gestures: JSON.stringify(gestures), files, findings };
    if (gestures.length === 0) return [];
    const taken = await readFile(join(this.data, TAKEN), 'utf8').catch(() => '');
    const [before, ...lines] = taken.split('\n');
    if (before !== sha256(recordText(record))) return gestures;
    const known = new Set(lines);
    return gestures.filter((gesture) => !known.has(JSON.stringify(gesture)));
  }

  /**
   * Says that all that the last {@link PeopleFolder.gestures} found is on file by now: a run that is killed before `apply` has
   * brought the folder up to that leaves nothing to be told once more, whatever is decided meanwhile.
   * @throws FaceError FACE_IO
   */
  async tookOver(): Promise<void> {
    if (!this.#told) return;
    const { record, scan, matching } = this.#told.findings;
    const gestures = gesturesOf(record, scan, matching).map((gesture) => JSON.stringify(gesture));
    await writeRecord(join(this.data, TAKEN), [sha256(recordText(record)), ...gestures].join('\n'));
  }

  /**
   * What has to be done for the folder to be as wanted; the names of all files are known by that. Touches nothing.
   *
   * Photos that are in their folder stay there, as they are and under the name that they have; so do all files that were not
   * placed here. One that is the photo that belongs there is taken for it. What somebody has done to the folder since
   * {@link PeopleFolder.gestures} told of it is left for the next run.
   * @throws FaceError FACE_IO, FACE_ABORTED
   */
  async plan(wanted: readonly WantedFolder[], signal?: AbortSignal): Promise<FolderPlan> {
    const now = await this.#look(signal);
    const told = this.#told;
    const isNews = told && JSON.stringify(gesturesOf(now.record, now.scan, now.matching)) !== told.gestures;
    return planFolder(isNews ? told.findings : now, wanted);
  }

  /**
   * Does what the last `plan` says, and nothing to what is right. Photos go from folder to folder where they can; others are
   * placed before any is taken away, and a photo that is not known to be elsewhere is kept, in `kept-originals-not-found`. Killed
   * at any moment, no photo is lost, and the next run goes on.
   * @throws FaceError FACE_IO, a full disk say; FACE_ABORTED: the next run goes on, too
   */
  async apply(
    plan: FolderPlan,
    mode: Placed,
    {
      signal,
      onDone = () => {},
    }: { readonly signal?: AbortSignal | undefined; readonly onDone?: OnDone } = {},
  ): Promise<FolderSummary> {
    if (!(plan instanceof Plan)) throw new FaceError('FACE_INTERNAL', 'apply takes what plan gives.');
    const work = new Application(this.path, this.data, plan, mode);
    const path = join(this.data, RECORD);
    if (changesAnything(plan, mode)) {
      await writeIntent(join(this.data, INTENT), intentOf(this.path, plan, mode));
      this.underWay = true;
    }
    await work.run(signal, onDone);
    const record = await work.record();
    if (recordText(record) !== recordText(this.record)) await writeRecord(path, recordText(record));
    await this.#finish(record);
    return work.summary;
  }

  async #look(signal: AbortSignal | undefined): Promise<Findings> {
    await this.#recover();
    const { record, path: root } = this;
    const scan = await scanFolder(root, record, this.#known, signal);
    const found = scan.folders.flatMap(filesBelow);
    this.#photos = new Map(found.flatMap(({ path, photo }) => (photo === undefined ? [] : [[path, photo]])));
    const told = this.#told;
    const isTold = (file: ScannedFile) => told === undefined || told.files.has(keyOf(file));
    return { root, record, scan, matching: matchFolder(record, scan), isTold };
  }

  /** After a run that was cut short. */
  async #recover(): Promise<void> {
    if (!this.underWay) return;
    const intent = await readIntent(join(this.data, INTENT));
    if (!intent) return;
    const record = await recover(this.path, this.data, intent);
    await writeRecord(join(this.data, RECORD), recordText(record));
    await this.#finish(record);
  }

  async #finish(record: FolderRecord): Promise<void> {
    if (this.underWay) {
      const intent = join(this.data, INTENT);
      await rm(intent, { force: true }).catch(failingTo(`remove ${intent}`));
    }
    // Of another record by now; if it stays, nothing comes of it.
    await rm(join(this.data, TAKEN), { force: true }).catch(() => {});
    this.record = record;
    this.underWay = false;
    this.#told = undefined;
  }
}

function keyOf({ path, state }: ScannedFile): string {
  return `${path}\n${state}`;
}

/** What is in a folder of people is taken for what somebody did to it. @throws FaceError FACE_IO */
async function mustNotBeIn(parent: string): Promise<void> {
  if ((await readMarkerFile(join(parent, DATA_FOLDER)))?.format === PEOPLE) {
    const remedy = 'Choose a place beside it.';
    throw new FaceError('FACE_IO', `A folder of people can't be in another one, ${parent}. ${remedy}`, {
      path: parent,
      remedy,
    });
  }
  if (dirname(parent) !== parent) await mustNotBeIn(dirname(parent));
}

/** @throws FaceError FACE_IO */
async function mustBeEmpty(path: string): Promise<void> {
  const isEmpty = async (folder: string) =>
    ((await unlessGone(folder, readdir(folder))) ?? []).every(
      (name) => DROPPINGS.has(name) || isTemporaryName(name),
    );
  const names = (await readdir(path).catch(failingTo(`look into the folder ${path}`))).filter(
    (name) => !DROPPINGS.has(name),
  );
  if (names.length === 0) return;
  if (names.length === 1 && names[0] === DATA_FOLDER && (await isEmpty(join(path, DATA_FOLDER)))) return;
  throw new FaceError(
    'FACE_IO',
    `The folder ${path} is not empty and is no folder of people that was made here; nothing in it was touched.`,
    { path, remedy: 'Choose another folder for the people, or move this one away.' },
  );
}
