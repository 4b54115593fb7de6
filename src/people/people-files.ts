import { open, realpath, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FaceError } from '../base/errors';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../system/atomic-file';
import { failingTo } from '../system/io-error';
import { acquireLock, type Lock } from '../system/lock';
import { makeFolders } from '../system/make-folders';
import { removeLeftovers } from '../system/temporary';
import type { DecisionRecord } from './decisions';
import { DecisionsFile } from './decisions-file';
import type { Register } from './register';
import { facesPath, readRegister, writeRegister } from './register-file';

/** Files of people, and what was in the one of faces: nothing if it is not there, why not if it is damaged. */
export interface OpenedFiles {
  readonly files: PeopleFiles;
  readonly found: Register | FaceError | undefined;
}

/** The two files of people, that of decisions and that of faces, and the lock that keeps other programs out. */
export class PeopleFiles {
  /** Gives what is yet to be written of what the groupings have come to; what writes it. */
  #unwritten: (() => Register) | undefined;
  #writing: Promise<void> | undefined;

  private constructor(
    /** Path of the file of decisions, without links on the way. */
    readonly path: string,
    private decisions: DecisionsFile,
    private readonly lock: Lock | undefined,
  ) {}

  /** To look only. @throws FaceError FACE_PEOPLE_INVALID, FACE_IO */
  static async read(path: string): Promise<OpenedFiles> {
    const given = resolve(path);
    const target = await realpath(given).catch(() => given);
    const found = await readRegister(facesPath(target));
    await mustHaveDecisions(target, found);
    return { files: new PeopleFiles(target, await DecisionsFile.read(target), undefined), found };
  }

  /**
   * Opens the files, or makes that of decisions.
   * @param by who has them from now on
   * @throws FaceError FACE_LOCKED, FACE_PEOPLE_INVALID, FACE_IO. Nothing was changed then.
   */
  static async open(path: string, by: string): Promise<OpenedFiles> {
    const given = resolve(path);
    await makeFolders(dirname(given), PRIVATE_FOLDER).catch(failingTo(`make the folder ${dirname(given)}`));
    // Two names of one file are one file, also if a link was there first.
    const target = await makeFile(given).catch(failingTo(`open the file of people ${given}`));
    const lock = await acquireLock(lockPath(target), path, by);
    try {
      await removeLeftovers(dirname(target));
      const found = await readRegister(facesPath(target));
      await mustHaveDecisions(target, found);
      return { files: new PeopleFiles(target, await DecisionsFile.open(target), lock), found };
    } catch (error) {
      await removeIfEmpty(target);
      await lock.release();
      throw error;
    }
  }

  /** All decisions, in the order in which they were made. */
  get records(): readonly DecisionRecord[] {
    return this.decisions.records;
  }

  /** @throws FaceError FACE_LOCKED if the lock was taken away; as {@link DecisionsFile.checkUnchanged} */
  async checkWritable(): Promise<void> {
    if (this.lock?.lost.aborted) throw this.lock.lost.reason;
    await this.decisions.checkUnchanged();
  }

  /** Fulfilled when the decisions are on the disk. @throws FaceError as {@link checkWritable}, and as {@link DecisionsFile.append} */
  async append(records: readonly DecisionRecord[]): Promise<void> {
    await this.checkWritable();
    await this.decisions.append(records);
  }

  /** Puts these decisions alone in the place of all. @throws FaceError FACE_IO */
  async replaceDecisions(records: readonly DecisionRecord[]): Promise<void> {
    await DecisionsFile.replace(this.path, records);
    await this.decisions.close();
    this.decisions = await DecisionsFile.open(this.path);
  }

  /** Fulfilled when it is on the disk. @throws FaceError FACE_IO */
  async writeRegister(register: Register): Promise<void> {
    await this.#writeNoMore();
    await writeRegister(facesPath(this.path), register);
  }

  /** Fulfilled when there is no file of faces. @throws FaceError FACE_IO */
  async removeRegister(): Promise<void> {
    await this.#writeNoMore();
    const path = facesPath(this.path);
    await rm(path, { force: true }).catch(failingTo(`remove ${path}`));
  }

  /** Writes it in the background, at the latest when the files are closed. @param latest gives what it is by then */
  writeRegisterLater(latest: () => Register): void {
    this.#unwritten = latest;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** What was to be written in the background is out of date. */
  async #writeNoMore(): Promise<void> {
    this.#unwritten = undefined;
    await this.#writing;
  }

  /** Never rejects: what can't be written follows from the decisions. */
  async #writeAll(): Promise<void> {
    do {
      await nextTurn();
      if (!this.#unwritten || this.lock?.lost.aborted) return;
      const register = this.#unwritten();
      this.#unwritten = undefined;
      await writeRegister(facesPath(this.path), register).catch(() => {});
    } while (this.#unwritten);
  }

  /** Lets other programs have the files. Never rejects. */
  async close(): Promise<void> {
    await this.#writing;
    await this.decisions.close();
    await this.lock?.release();
  }
}

/** The file that keeps others out while a file of decisions is open. @internal */
export function lockPath(path: string): string {
  return `${path}.lock`;
}

/** Makes an empty file, if there is none. @returns its path, without links on the way */
async function makeFile(path: string): Promise<string> {
  const handle = await open(path, 'a', PRIVATE_FILE);
  await handle.close();
  return realpath(path);
}

/** What was made and could not be used must not look like something. Never rejects. */
async function removeIfEmpty(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isFile() && there.size === 0) await rm(path, { force: true }).catch(() => {});
}

/**
 * Where who all faces are is known, there is a file of decisions, if only its header: without it, nobody would have their name.
 * @throws FaceError FACE_PEOPLE_INVALID
 */
async function mustHaveDecisions(path: string, found: Register | FaceError | undefined): Promise<void> {
  if (found === undefined || (await stat(path).catch(() => undefined))?.size) return;
  const remedy = `Bring it back from a backup. If there is none, delete ${facesPath(path)} to begin without it.`;
  const message = `${path} is gone or empty, and with it all names and corrections. ${remedy} Nothing was changed.`;
  throw new FaceError('FACE_PEOPLE_INVALID', message, { path, remedy });
}
