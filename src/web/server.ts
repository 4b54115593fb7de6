import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { FaceError } from '../base/errors';
import { integer } from '../base/validate';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { PAGE_FILES } from '../result/export/gallery/gallery';
import type { PageKind } from '../result/export/gallery/page-types';
import { DATA_FOLDER, GALLERY_PAGE } from '../result/names-in-result';
import { ioError } from '../system/io-error';
import { resolveJobs } from '../system/jobs';
import { checkMaxMemory } from '../system/machine-memory';
import type { AddFaceRequest, DecisionsRequest, PageState, UndoRequest } from './api-types';
import { Guard, HEADERS } from './guard';
import { Pictures, type ShownPhoto } from './pictures';
import { answerFor, Refusal } from './refusal';
import * as schemas from './schemas';
import type { PeopleSession, SessionOptions } from './session';
import { Tabs } from './tabs';

/** What the server needs of a {@link PeopleSession}, whose the rest is: opening, closing, applying at the end. */
export type ServedPeople = Pick<PeopleSession, keyof PeopleSession>;

export interface ServeOptions extends Pick<SessionOptions, 'jobs' | 'maxMemory' | 'maxPixels'> {
  /** From 1 to 65535; 0, the default: one that is free. */
  readonly port?: number;
  /** Is told of errors that no request is at fault of. */
  readonly onTrouble?: (error: unknown) => void;
  /** For tests: how long a second takes that the page is closed. */
  readonly secondMs?: number;
}

/** Whatever people decide at once is less. */
const BODY_BYTES = 1 << 20;

/** How long answers may take that are under way when the server ends. */
const LAST_ANSWERS_MS = 5_000;

/** A face's picture stays as it is as long as its id. */
const OF_ITS_ID = 'private, max-age=86400, immutable';

/**
 * Serves the page of a people folder to the browsers of this computer, from 127.0.0.1, to whoever has its address.
 *
 * ```ts
 * const server = await PageServer.start(session);
 * console.log(server.address); // http://127.0.0.1:40123/?token=…
 * await server.closed; // the last tab with the page, that is
 * await server.close();
 * ```
 */
export class PageServer {
  private constructor(
    private readonly app: FastifyInstance,
    private readonly tabs: Tabs,
    private readonly stopListening: () => void,
    readonly port: number,
    /** Where the page is, with the token that opens it. */
    readonly address: string,
    /** Resolves when the address has been opened for the first time. */
    readonly opened: Promise<void>,
  ) {}

  /** Resolves when the page was open and is in no tab any more. */
  get closed(): Promise<void> {
    return this.tabs.closed;
  }

  /** @throws FaceError FACE_INVALID_ARGUMENT; FACE_IO if it can't listen on the port */
  static async start(session: ServedPeople, options: ServeOptions = {}): Promise<PageServer> {
    const port = integer('port', options.port ?? 0, 0, 65535);
    const tabs = new Tabs(options.secondMs);
    // Bound first: who may ask depends on the port.
    let guard: Guard | undefined;
    let tellOpened = () => {};
    const opened = new Promise<void>((resolve) => {
      tellOpened = resolve;
    });
    const app = makeApp(session, tabs, options, () => guard as Guard, tellOpened);
    try {
      await app.listen({ host: '127.0.0.1', port });
    } catch (cause) {
      await app.close();
      throw notListening(port, cause);
    }
    const bound = (app.server.address() as AddressInfo).port;
    guard = new Guard(bound);
    const stopListening = session.onState((state) => tabs.tell(state));
    const address = `http://127.0.0.1:${bound}/?token=${guard.token}`;
    return new PageServer(app, tabs, stopListening, bound, address, opened);
  }

  /** Lets no more requests in, and waits for the answers that are under way. Never rejects. */
  async close(): Promise<void> {
    this.stopListening();
    this.tabs.end();
    const impatience = setTimeout(() => this.app.server.closeAllConnections(), LAST_ANSWERS_MS);
    await this.app.close().catch(() => {});
    clearTimeout(impatience);
  }
}
