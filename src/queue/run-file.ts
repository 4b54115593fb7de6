import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { besideEncodings } from '../encodings/beside';
import { writeFileAtomically } from '../system/atomic-file';
import { realPath } from '../system/real-path';
import { sha256 } from '../system/sha256';

/*
 * Beside the encodings file, for as long as something of a run may be on a queue: what the run is called there, so that a
 * coordinator that was killed finds it again. Only who has the journal's lock reads and writes it.
 */

const FORMAT = 'face-cluster-native queue run';

interface RunFileContent {
  readonly format: typeof FORMAT;
  /** Tells this run from all others. */
  readonly nonce: string;
  /** What comes of its photos depends on these; see `termsId`. */
  readonly terms: string;
  /** What machines make of a known picture that take part; absent as long as there is none. */
  readonly fingerprint?: string;
  /** Address of the queue, without the password. */
  readonly queue: string;
}

/** What is known of a run from before. */
export interface EarlierRun {
  readonly run: string;
  readonly terms: string;
  readonly queue: string;
  readonly fingerprint: string | undefined;
}

export class RunFile {
  private constructor(
    private readonly path: string,
    private readonly where: string,
    private content: RunFileContent | undefined,
  ) {}

  /** @param encodings the file that the run writes */
  static async open(encodings: string): Promise<RunFile> {
    const path = await besideEncodings(encodings, 'queue', '');
    const where = join(await realPath(dirname(path)), basename(path));
    const text = await readFile(path, 'utf8').catch(() => '');
    return new RunFile(path, where, parse(text));
  }

  get earlier(): EarlierRun | undefined {
    const { content } = this;
    return content && { run: this.#idOf(content), ...content, fingerprint: content.fingerprint };
  }

  /** What machines make of a known picture that take part, as far as that is known. */
  get fingerprint(): string | undefined {
    return this.content?.fingerprint;
  }

  /** A run in place of the one from before. @returns its id */
  async begin(terms: string, queue: string, fingerprint: string | undefined): Promise<string> {
    const nonce = randomBytes(16).toString('hex');
    this.content = { format: FORMAT, nonce, terms, queue, ...(fingerprint !== undefined && { fingerprint }) };
    await this.#write();
    return this.#idOf(this.content);
  }

  async setFingerprint(fingerprint: string): Promise<void> {
    this.content = { ...(this.content as RunFileContent), fingerprint };
    await this.#write();
  }

  /** Nothing of the run is left. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** A copy of the file elsewhere is another run's. */
  #idOf({ nonce, terms }: RunFileContent): string {
    return sha256(`${nonce} ${terms} ${this.where}`).slice(0, 16);
  }

  async #write(): Promise<void> {
    await writeFileAtomically(this.path, 'name of the run', (handle) =>
      handle.writeFile(`${JSON.stringify(this.content)}\n`),
    );
  }
}

function parse(text: string): RunFileContent | undefined {
  try {
    const content = JSON.parse(text) as RunFileContent;
    const texts = [content.nonce, content.terms, content.queue];
    return content.format === FORMAT && texts.every((one) => typeof one === 'string') ? content : undefined;
  } catch {
    return undefined;
  }
}
