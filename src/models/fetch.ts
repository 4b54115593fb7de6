import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FaceError, messageOf, throwIfAborted } from '../errors';
import { path as validPath } from '../validate';
import { DiskError, discard, diskError, resumableBytes, sizeOf } from './download';
import { defaultModelsFolder, quoted } from './folders';
import { type ModelEntry, type ModelManifest, type ModelSource, modelManifest } from './manifest';
import { DEFAULT_PATIENCE, type Patience } from './patience';
import { tarEntries } from './tar';
import { BadContentError, bunzip2, gunzip } from './unpack';
import { modelProblem } from './verify';

/** What {@link fetchModels} is doing. */
export interface FetchProgress {
  /** Bytes of model files that have arrived. */
  readonly done: number;
  /** Bytes of all model files that are to be fetched. */
  readonly total: number;
  /** The file that is being received. */
  readonly file: string;
}

export interface FetchOptions {
  /** Folder to put the files into; made when missing. Default: `defaultModelsFolder()`. */
  readonly folder?: string;
  /** Copy from this folder instead of the network. */
  readonly from?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Other files or sources than the package's own; for tests and mirrors. */
  readonly manifest?: ModelManifest;
  /** @internal */
  readonly patience?: Patience;
}

/** What {@link fetchModels} has done. */
export interface FetchSummary {
  /** Absolute path of the folder that now holds all model files. */
  readonly folder: string;
  /** Names of the files that were fetched or copied. */
  readonly fetched: readonly string[];
  /** Names of the files that were there already and are intact. */
  readonly kept: readonly string[];
  /** Where the files came from, or undefined if all were there. */
  readonly source: string | undefined;
}

/**
 * Sees to it that `folder` holds every model file, intact: keeps those that are, fetches the others. A file gets its name
 * only after its SHA-256 has been checked, so whatever interrupts this, no half file is ever taken for a model; the next
 * call goes on where it stopped.
 *
 * @throws FaceError `FACE_MODEL_DOWNLOAD` (no source could deliver; says how to go on by hand), `FACE_MODEL_MISSING` or
 *   `FACE_MODEL_DAMAGED` (a file in `from`), `FACE_IO` (disk full, folder not writable), `FACE_ABORTED`.
 */
export async function fetchModels(options: FetchOptions = {}): Promise<FetchSummary> {
  const { signal, manifest = modelManifest(), patience = DEFAULT_PATIENCE } = options;
  const folder = resolve(validPath('folder', options.folder ?? defaultModelsFolder()));
  throwIfAborted(signal);

  const wanted: ModelEntry[] = [];
  for (const model of manifest.models) {
    if (await modelProblem(join(folder, model.name), model, signal)) wanted.push(model);
  }
  const kept = manifest.models.filter((model) => !wanted.includes(model)).map((model) => model.name);
  const fetched = wanted.map((model) => model.name);
  if (wanted.length === 0) return { folder, fetched, kept, source: undefined };

  const job = new FetchJob(folder, wanted, patience, signal, options.onProgress);
  try {
    await mkdir(folder, { recursive: true }).catch((cause) => {
      throw diskError(cause, folder);
    });
    const source =
      options.from === undefined
        ? await job.download(manifest.sources)
        : await job.copyFrom(resolve(validPath('from', options.from)));
    return { folder, fetched, kept, source };
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof DiskError) {
      throw new FaceError('FACE_IO', `The model files could not be stored in ${folder}: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** The files still wanted, and the ways to get them. */
class FetchJob {
  private readonly total: number;
  private arrived = 0;
  private readonly parts = new Set<string>();

  constructor(
    private readonly folder: string,
    private wanted: readonly ModelEntry[],
    private readonly patience: Patience,
    private readonly signal: AbortSignal | undefined,
    private readonly onProgress: ((progress: FetchProgress) => void) | undefined,
  ) {
    this.total = wanted.reduce((sum, model) => sum + model.bytes, 0);
  }

  /** Copies from a folder on this machine. */
  async copyFrom(from: string): Promise<string> {
    for (const model of this.wanted) {
      const file = join(from, model.name);
      // Before the copy, so that the error names the file that is wrong and not the copy of it.
      const problem = await modelProblem(file, model, this.signal);
      if (problem !== undefined) {
        throw new FaceError(problem.code, `${problem.message} It was not copied.`, { cause: problem.cause });
      }
      await this.store(model, createReadStream(file, { highWaterMark: 1 << 18 }));
    }
    return from;
  }

  /** Tries one source after the other until nothing is wanted. */
  async download(sources: readonly ModelSource[]): Promise<string> {
    const reasons: string[] = [];
    for (const source of sources) {
      try {
        if (source.kind === 'tarball') await this.fromTarball(source);
        else await this.fromSingleFiles(source);
        // What sources before this one got half-way is of no more use.
        await Promise.all([...this.parts].map(discard));
        return source.url;
      } catch (error) {
        throwIfAborted(this.signal);
        if (error instanceof DiskError) throw error;
        reasons.push(`  ${source.url}\n    ${messageOf(error)}`);
      }
    }
    throw new FaceError('FACE_MODEL_DOWNLOAD', downloadFailed(this.folder, this.wanted, reasons));
  }

  private async fromTarball(source: ModelSource & { kind: 'tarball' }): Promise<void> {
    const part = join(this.folder, `${basename(source.url)}.part`);
    await this.receive(source.url, part, async (bytes) => {
      for await (const entry of tarEntries(gunzip(bytes))) {
        const model = this.wanted.find(({ name }) => entry.name === `${source.folder}/${name}`);
        if (model !== undefined) await this.store(model, entry.content);
        // The rest of the archive, three quarters of it, is a model that we have no right and no need to use.
        if (this.wanted.length === 0) return;
      }
      const missing = this.wanted.map((model) => model.name).join(', ');
      throw new BadContentError(`it does not hold ${missing}`);
    });
  }

  private async fromSingleFiles(source: ModelSource & { kind: 'bzip2' }): Promise<void> {
    for (const model of this.wanted) {
      const url = source.url.replace('{name}', model.name);
      const part = join(this.folder, `${model.name}.bz2.part`);
      await this.receive(url, part, (bytes) => this.store(model, bunzip2(bytes)));
    }
  }

  /**
   * Hands the bytes of `url` to `use`. What is left in `part` of an earlier attempt may be wrong, so wrong content is
   * asked for once more from its beginning if there was any.
   */
  private async receive(
    url: string,
    part: string,
    use: (bytes: AsyncIterable<Buffer>) => Promise<void>,
  ): Promise<void> {
    this.parts.add(part);
    for (let resumed = (await sizeOf(part)) > 0; ; resumed = false) {
      // `use` may have enough before the transfer ends; this ends it then.
      const enough = new AbortController();
      const signal = this.signal ? AbortSignal.any([this.signal, enough.signal]) : enough.signal;
      try {
        await use(resumableBytes(url, part, this.patience, signal));
        return;
      } catch (error) {
        if (!(error instanceof BadContentError)) throw error;
        await discard(part);
        if (!resumed) throw error;
      } finally {
        enough.abort();
      }
    }
  }

  /** Writes one model file: to a file of another name first, which gets its own name when its SHA-256 is right. */
  private async store(model: ModelEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const target = join(this.folder, model.name);
    const part = `${target}.part`;
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(part, 'w').catch((cause) => {
      throw diskError(cause, this.folder);
    });
    try {
      for await (const chunk of content) {
        throwIfAborted(this.signal);
        bytes += chunk.length;
        if (bytes > model.bytes) break;
        hash.update(chunk);
        await file.writeFile(chunk).catch((cause) => {
          throw diskError(cause, this.folder);
        });
        this.onProgress?.({ done: this.arrived + bytes, total: this.total, file: model.name });
      }
      // A power cut after the rename must not leave an empty file under the final name.
      await file.sync();
    } catch (error) {
      await file.close();
      await discard(part);
      throw error;
    }
    await file.close();
    if (bytes !== model.bytes || hash.digest('hex') !== model.sha256) {
      await discard(part);
      throw new BadContentError(`${model.name} did not have the expected size and SHA-256`);
    }
    await rename(part, target);
    this.arrived += bytes;
    this.wanted = this.wanted.filter((other) => other !== model);
  }
}

/** The message for "every source failed": what happened, and how a person gets on from here. */
function downloadFailed(folder: string, wanted: readonly ModelEntry[], reasons: readonly string[]): string {
  const proxy = process.env.HTTPS_PROXY || process.env.https_proxy;
  const lines = [
    `The model files could not be downloaded (${wanted.map((model) => model.name).join(', ')}). Tried:`,
    ...reasons,
    'Running the same command again goes on where it stopped.',
  ];
  if (proxy && !process.env.NODE_USE_ENV_PROXY) {
    lines.push(
      `A proxy is set (HTTPS_PROXY), but Node.js uses it only when NODE_USE_ENV_PROXY=1 is set too, and only from ` +
        `Node.js 22.21 and 24 on; this is ${process.version}.`,
    );
  }
  lines.push(
    'Without a network: get one of these on another machine, unpack it, and run',
    `  npx face-cluster-native models --from FOLDER_WITH_THE_FILES --to ${quoted(folder)}`,
  );
  return lines.join('\n');
}
