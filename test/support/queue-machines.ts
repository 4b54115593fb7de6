import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import type { EncodeOnQueueOptions } from '../../src/queue/encode-on-queue';
import { checkBuilt, MAIN, runCli } from './cli';
import { newTempFolder, PORTRAITS } from './files';
import type { QueueServerProcess } from './queue-servers';

type Event = { readonly event: string; readonly [name: string]: unknown };

/** The real command in a process of its own, as it would run on another computer, and what it says with `--json`. */
export class Machine {
  readonly events: Event[] = [];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stderr = '';
  #changed: (() => void)[] = [];

  constructor(readonly child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      this.events.push(JSON.parse(line) as Event);
      this.#ring();
    });
    this.ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(([[code, signal]]) => {
      this.#ring();
      return { code, signal } as { code: number | null; signal: NodeJS.Signals | null };
    });
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits for an event; fails when the process ends without it. */
  async saw(is: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const found = this.events.find(is);
      if (found) return found;
      if (!this.isRunning) throw this.endedEarly;
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  /** Number of photos done, as the last progress event says it; fails when the process has ended without one. */
  get done(): number {
    const last = this.events.findLast(({ event }) => event === 'progress');
    if (!last && !this.isRunning) throw this.endedEarly;
    return Number(last?.done ?? 0);
  }

  /** Waits until it has told people something. */
  async told(what: RegExp): Promise<string> {
    const { message } = await this.saw(
      ({ event, message }) => event === 'note' && what.test(String(message)),
    );
    return String(message);
  }

  /** That it has ended before what was expected of it. */
  get endedEarly(): Error {
    return new Error(`it has ended: ${this.stderr}${JSON.stringify(this.events.at(-1))}`);
  }

  /** All that it has told people, or would have. */
  get notes(): string[] {
    return this.events.flatMap(({ event, message }) => (event === 'note' ? [String(message)] : []));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.isRunning) this.child.kill(signal);
    await this.ended;
  }

  #ring(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

/** Several computers with a server between them, in a folder of their own. */
export interface Network<Server extends QueueServerProcess = QueueServerProcess> {
  readonly cwd: string;
  readonly server: Server;
  /** What machines have in their environment beside the password. */
  readonly env?: NodeJS.ProcessEnv;
  readonly machines: Set<Machine>;
  /** The folder's path, or that of something in it. */
  readonly temp: (...parts: string[]) => string;
}

/** A test of its own network: of those that run at once, each has one. All of it is gone when the test has ended. */
export function onNetwork<Server extends QueueServerProcess>(
  start: () => Promise<Server>,
  run: (network: Network<Server>) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const cwd = newTempFolder();
    const machines = new Set<Machine>();
    let server: Server | undefined;
    try {
      server = await start();
      await run({ cwd, server, machines, temp: (...parts) => join(cwd, ...parts) });
    } finally {
      await Promise.all([...machines].map((machine) => machine.kill()));
      await server?.remove();
      rmSync(cwd, { recursive: true, force: true });
    }
  };
}

/** Checks now and then whether something is so. @param by brings it about: fails when that ends without it */
export async function until(isSo: () => boolean | Promise<boolean>, by?: Machine): Promise<void> {
  for (;;) {
    const hasEnded = by?.isRunning === false;
    if (await isSo()) return;
    if (hasEnded) throw (by as Machine).endedEarly;
    await wait(20);
  }
}

function machine(args: readonly string[], { cwd, server, env, machines }: Network): Machine {
  checkBuilt();
  const { npm_command: _, FACE_DEBUG: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args, '--queue', server.url, '--json'], {
    cwd,
    env: { ...inherited, ...server.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server.keep(child);
  const started = new Machine(child);
  machines.add(started);
  return started;
}

/** `encode --queue`, on the photos in the folder `photos`. */
export function coordinator(network: Network, ...args: string[]): Machine {
  return machine(['encode', 'photos', '-d', 'hog', '-e', 'queue/faces.pickle', ...args], network);
}

/** The same in this process, where no photo is looked at. */
export function coordinatorOptions(
  { url }: Pick<QueueServerProcess, 'url'>,
  temp: Network['temp'],
  more: Partial<EncodeOnQueueOptions>,
): EncodeOnQueueOptions {
  return {
    queue: url,
    dataset: temp('photos'),
    encodings: temp('queue/faces.pickle'),
    method: 'hog',
    work: false,
    ...more,
  };
}

/** `worker`, with a folder of photos, if one is given. */
export function worker(network: Network, folder: string | undefined, ...args: string[]): Machine {
  return machine(
    ['worker', ...(folder === undefined ? [] : ['--photos', folder]), '-j', '1', ...args],
    network,
  );
}

/** Small photos with faces, each with bytes of its own, in several folders. */
export async function makePhotos(folder: string, count: number, width = 160): Promise<void> {
  const portraits = readdirSync(PORTRAITS).filter((name) => name.endsWith('.jpg'));
  const small = await Promise.all(
    portraits
      .slice(0, count)
      .map((name) => sharp(join(PORTRAITS, name)).resize(width).jpeg({ quality: 95 }).toBuffer()),
  );
  for (let i = 0; i < count; i++) {
    const path = join(folder, `album ${i % 5}`, `${String(i).padStart(5, '0')}.jpg`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, withComment(small[i % small.length] as Buffer, `photo ${i}`));
  }
}

/** A JPEG with the same pixels and other bytes. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(2 + comment.length);
  return Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.of(0xff, 0xfe),
    length,
    Buffer.from(comment),
    jpeg.subarray(2),
  ]);
}

/** The contents that a journal has results of, each as often as it has one. */
export function resultsIn(journal: string): string[] {
  return readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const { content, result } = JSON.parse(line.slice(9)) as { content?: string; result?: object };
      return result ? [content as string] : [];
    });
}

/** As one computer does it, without a queue. */
export const ENCODE = ['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle'];

/** What a run on the queue has left is what one computer makes of the same photos, and nothing is on the server. */
export async function expectSame({ cwd, temp, server }: Network): Promise<void> {
  const { stderr, code } = await runCli(ENCODE, { cwd });
  expect([3, 0]).toContain(code);
  expect(stderr).not.toContain('Error');
  expect(readFileSync(temp('queue/faces.pickle')).equals(readFileSync(temp('one/faces.pickle')))).toBe(true);
  const results = resultsIn(temp('queue/faces.pickle.journal'));
  expect(new Set(results).size).toBe(new Set(resultsIn(temp('one/faces.pickle.journal'))).size);
  expect(readdirSync(temp('queue')).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
  await until(async () => (await server.holds()).length === 0);
}
