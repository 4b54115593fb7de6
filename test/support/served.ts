import type { ChildProcess } from 'node:child_process';
import { type CliOptions, type CliResult, runCli } from './cli';
import { PORTRAITS } from './files';

/** What is known of the people that {@link sortPortraits} finds. */
export const FRANCK = { label: 1, photos: 14 };

/**
 * Sorts photos into people by the real command, in a second or two: those that come with the devDependencies are of 18 people on
 * 39 photos, {@link FRANCK} first.
 * @param output the people folder
 */
export async function sortPortraits(output: string, photos = PORTRAITS, minPhotos = 1): Promise<void> {
  const args = ['sort', photos, '-o', output, '-d', 'hog', '--min-photos', `${minPhotos}`, '--no-open'];
  const { code, stderr } = await runCli(args, { cwd: '/' });
  if (code !== 0 && code !== 3) throw new Error(`sort ended with ${code}: ${stderr}`);
}

/** The real command `view`, while it serves a page. */
export interface View {
  /** With the token. */
  readonly address: string;
  readonly child: ChildProcess;
  /** What it has said so far. */
  stderr(): string;
  /** How it ended. */
  readonly ended: Promise<CliResult>;
  /** Has it end as by Ctrl-C, and waits until it has. */
  stop(): Promise<CliResult>;
}

/** Starts `view --no-open`, and waits until the page is there. @throws Error if it ends before that */
export async function startView(
  output: string,
  args: readonly string[] = ['--no-open'],
  options: Partial<CliOptions> = {},
): Promise<View> {
  let child: ChildProcess | undefined;
  let said = '';
  let ended: Promise<CliResult> | undefined;
  const address = await new Promise<string>((resolve, reject) => {
    ended = runCli(['view', output, ...args], {
      cwd: '/',
      ...options,
      onSpawn: (spawned) => {
        child = spawned;
      },
      onStdout: (text) => {
        const [first] = text.match(/^http:\S+(?=\n)/) ?? [];
        if (first) resolve(first);
      },
      onStderr: (text) => {
        said = text;
      },
    });
    ended.then(({ code, stderr }) => reject(new Error(`view ended with ${code}: ${stderr}`)), reject);
  });
  return {
    address,
    child: child as ChildProcess,
    stderr: () => said,
    ended: ended as Promise<CliResult>,
    stop: () => {
      child?.kill('SIGINT');
      return ended as Promise<CliResult>;
    },
  };
}

/** A page of the browser, as far as the server sees of it: it has the cookie, and asks as browsers do. */
export class Client {
  private constructor(
    readonly origin: string,
    readonly cookie: string,
  ) {}

  /** Opens the address with the token. */
  static async open(address: string): Promise<Client> {
    const { origin } = new URL(address);
    const { headers } = await fetch(address, { redirect: 'manual' });
    return new Client(origin, headers.get('set-cookie')?.split(';', 1)[0] ?? '');
  }

  /** @param path as in `api/overview` */
  fetch(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
    return fetch(`${this.origin}/${path}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie: this.cookie, 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** @throws Error with what the server says */
  async get<T>(path: string): Promise<T> {
    return answerOf(await this.fetch(path));
  }

  /** @throws Error with what the server says */
  async post<T>(path: string, body: unknown, init: RequestInit = {}): Promise<T> {
    return answerOf(await this.send(path, JSON.stringify(body), {}, init));
  }

  send(
    path: string,
    body: string,
    headers: Readonly<Record<string, string>> = {},
    init: RequestInit = {},
  ): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      body,
      ...init,
      headers: { origin: this.origin, 'content-type': 'application/json', ...headers },
    });
  }

  /** Opens a tab: the stream of events. */
  async openTab(): Promise<Tab> {
    const stop = new AbortController();
    const { body } = await this.fetch('api/events', { signal: stop.signal });
    return new Tab(body as ReadableStream<Uint8Array>, () => stop.abort());
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** A tab that the page is open in. */
export class Tab {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(
    body: ReadableStream<Uint8Array>,
    readonly close: () => void,
  ) {
    this.#reader = body.getReader();
  }

  /** The next state that it is told of. @throws Error when the stream ends */
  async state<T>(): Promise<T> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const event = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as T;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error('The stream has ended.');
      this.#text += Buffer.from(value).toString();
    }
  }
}
