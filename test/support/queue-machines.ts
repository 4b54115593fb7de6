import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { checkBuilt, MAIN } from './cli';
import { PORTRAITS } from './files';
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
      if (!this.isRunning)
        throw new Error(`it has ended: ${this.stderr}${JSON.stringify(this.events.at(-1))}`);
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  /** Number of photos done, as the last progress event says it. */
  get done(): number {
    return Number(this.events.findLast(({ event }) => event === 'progress')?.done ?? 0);
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

const all = new Set<Machine>();

/** Ends what a test has left running. */
export async function endMachines(): Promise<void> {
  await Promise.all([...all].map((machine) => machine.kill()));
  all.clear();
}

export interface MachineOptions {
  readonly cwd: string;
  readonly server: QueueServerProcess;
  readonly env?: NodeJS.ProcessEnv;
}

function machine(args: readonly string[], { cwd, server, env }: MachineOptions): Machine {
  checkBuilt();
  const { npm_command: _, FACE_DEBUG: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args, '--queue', server.url, '--json'], {
    cwd,
    env: {
      ...inherited,
      ...(server.password !== undefined && { FACE_QUEUE_PASSWORD: server.password }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = new Machine(child);
  all.add(started);
  return started;
}

/** `encode --queue`, on the photos in the folder `photos`. */
export function coordinator(options: MachineOptions, ...args: string[]): Machine {
  return machine(['encode', 'photos', '-d', 'hog', '-e', 'queue/faces.pickle', ...args], options);
}

/** `worker`, with a folder of photos, if one is given. */
export function worker(options: MachineOptions, folder: string | undefined, ...args: string[]): Machine {
  return machine(
    ['worker', ...(folder === undefined ? [] : ['--photos', folder]), '-j', '1', ...args],
    options,
  );
}

/** Small photos with faces, each with bytes of its own, in several folders. */
export async function makePhotos(folder: string, count: number, width = 160): Promise<void> {
  const portraits = readdirSync(PORTRAITS).filter((name) => name.endsWith('.jpg'));
  for (let i = 0; i < count; i++) {
    const path = join(folder, `album ${i % 5}`, `${String(i).padStart(5, '0')}.jpg`);
    mkdirSync(dirname(path), { recursive: true });
    await sharp(join(PORTRAITS, portraits[i % portraits.length] as string))
      .resize(width)
      // No two have the same bytes.
      .withExif({ IFD0: { ImageDescription: `photo ${i}` } })
      .jpeg({ quality: 95 })
      .toFile(path);
  }
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
