import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { FaceError } from '../base/errors';
import { integer } from '../base/validate';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';
import { pageItself } from '../result/export/gallery/gallery';
import { pageLeadingTo } from '../result/export/gallery/lead-to-page';
import type { PageKind } from '../result/export/gallery/page-types';
import { DATA_FOLDER, GALLERY_PAGE, PICTURES_FOLDER } from '../result/names-in-result';
import { ioError } from '../system/io-error';
import { resolveJobs } from '../system/jobs';
import { checkMaxMemory } from '../system/machine-memory';
import type { AddFaceRequest, DecisionsRequest, UndoRequest } from './api-types';
import { Guard, HEADERS } from './guard';
import { Pictures } from './pictures';
import { answerFor, Refusal } from './refusal';
import * as schemas from './schemas';
import type { PeopleSession, SessionOptions } from './session';
import { Tabs } from './tabs';

/** What the server asks of a {@link PeopleSession}. */
export type ServedPeople = Pick<
  PeopleSession,
  | 'output'
  | 'state'
  | 'onState'
  | 'overview'
  | 'page'
  | 'decide'
  | 'undo'
  | 'history'
  | 'questions'
  | 'alike'
  | 'several'
  | 'addFace'
  | 'apply'
  | 'photo'
  | 'face'
>;

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
    private readonly waiting: Waiting,
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
    const guarding = () => (guard ??= new Guard((app.server.address() as AddressInfo).port));
    let tellOpened = () => {};
    const opened = new Promise<void>((resolve) => {
      tellOpened = resolve;
    });
    const app = makeApp(session, tabs, options, guarding, tellOpened);
    app.server.on('connection', (socket) => guarding().meet(socket));
    const waiting = new Waiting(app.server);
    try {
      await app.listen({ host: '127.0.0.1', port });
    } catch (cause) {
      await app.close();
      throw notListening(port, cause);
    }
    const { port: bound, token } = guarding();
    const stopListening = session.onState((state) => tabs.tell(state));
    const address = `http://127.0.0.1:${bound}/?token=${token}`;
    return new PageServer(app, tabs, stopListening, waiting, bound, address, opened);
  }

  /** Lets no more requests in, and waits for the answers that are under way. Never rejects. */
  async close(): Promise<void> {
    this.stopListening();
    this.tabs.end();
    const impatience = setTimeout(() => this.app.server.closeAllConnections(), LAST_ANSWERS_MS);
    const closed = this.app.close().catch(() => {});
    this.waiting.end();
    await closed;
    clearTimeout(impatience);
  }
}

/**
 * Connections on which nothing has been asked yet: browsers open some in case they need them, and others may say but half of what
 * they want. For the system's library for servers, both are at work.
 */
class Waiting {
  readonly #sockets = new Map<Socket, number>();
  #ended = false;

  constructor(server: FastifyInstance['server']) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.set(socket, 0);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => this.#count(socket, -1));
    });
  }

  /** Ends them, and the others as soon as they are answered. */
  end(): void {
    this.#ended = true;
    for (const socket of this.#sockets.keys()) this.#count(socket, 0);
  }

  #count(socket: Socket, change: number): void {
    const asked = this.#sockets.get(socket);
    if (asked === undefined) return;
    this.#sockets.set(socket, asked + change);
    // What was written is sent all the same.
    if (this.#ended && asked + change === 0) socket.destroySoon();
  }
}

/** The server and all that it answers, not listening yet. */
function makeApp(
  session: ServedPeople,
  tabs: Tabs,
  options: ServeOptions,
  guard: () => Guard,
  onOpened: () => void,
): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_BYTES,
    // Nothing is guessed of what is asked for: it is as the schemas say, or refused.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, discriminator: true },
    },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (_error, _request, reply) => refuse(reply.headers(HEADERS), noSuchPage()),
  });
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    guard().checkSource(request);
    if (!givesToken(request)) guard().checkCookie(request);
  });
  const refuse = (reply: FastifyReply, error: unknown) => {
    const { status, failure, own } = answerFor(error);
    if (own) options.onTrouble?.(error);
    if (status === 405) reply.header('allow', 'GET, POST');
    // The rest of what is too much is not waited for.
    if (status === 413) reply.header('connection', 'close');
    reply.header('cache-control', 'no-store').status(status);
    // To people in words: somebody has opened an address.
    if (reply.request.headers['sec-fetch-dest'] === 'document') reply.type(TYPES.text).send(failure.message);
    else reply.type(TYPES.json).send(failure);
  };
  app.setErrorHandler((error, _, reply) => refuse(reply, error));
  app.setNotFoundHandler((_, reply) => refuse(reply, noSuchPage()));

  routePage(app, guard, onOpened);
  routeSession(app, session, tabs);
  const jobs = resolveJobs(options.jobs ?? -1);
  const { maxPixels = DEFAULT_MAX_PIXELS } = options;
  const maxMemory = checkMaxMemory(options.maxMemory);
  const folder = join(session.output, DATA_FOLDER, PICTURES_FOLDER);
  routePictures(app, session, new Pictures(folder, { jobs, maxMemory, maxPixels }));
  return app;
}

/** The page itself, as the build has made it. */
function routePage(app: FastifyInstance, guard: () => Guard, onOpened: () => void): void {
  app.get<{ Querystring: { readonly token?: unknown } }>('/', (request, reply) => {
    if (!givesToken(request)) return reply.type(TYPES.html).send(files.get(GALLERY_PAGE));
    if (!guard().isToken(request.query.token)) guard().checkCookie(request);
    else onOpened();
    reply.header('set-cookie', guard().setCookie);
    // Another page that has led here is still the one that asks after a redirection, and has no right to the cookie.
    if (cameFromElsewhere(request)) return reply.type(TYPES.html).send(pageLeadingTo('/'));
    return reply.redirect('/', 303);
  });
  const files = new Map<string, string | Buffer>();
  for (const { name, content } of pageItself()) {
    files.set(name, content as Buffer);
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1) as keyof typeof TYPES];
    if (name !== GALLERY_PAGE) app.get(`/${name}`, (_, reply) => reply.type(type).send(content));
  }
  // In the place of that of a page on the disk: it fetches all it shows.
  app.get('/gallery/data/overview.js', (_, reply) => reply.type(TYPES.js).send('startServed();\n'));
}

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  text: 'text/plain; charset=utf-8',
} as const;

/** Whether it is the address that was printed, token and all. */
function givesToken({ url, query }: FastifyRequest): boolean {
  return url.startsWith('/?') && typeof (query as { token?: unknown }).token === 'string';
}

function cameFromElsewhere({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'cross-site' || headers['sec-fetch-site'] === 'same-site';
}

/** See api-types.ts. */
function routeSession(app: FastifyInstance, session: ServedPeople, tabs: Tabs): void {
  // All photos that browsers do not show are converted.
  app.get('/api/overview', () => ({ ...session.overview(), notShown: {} }));
  app.get<{ Params: { kind: PageKind; n: string }; Querystring: { revision: string } }>(
    '/api/pages/:kind/:n',
    { schema: { params: schemas.PAGE_IN_PATH, querystring: schemas.REVISION } },
    ({ params, query }) => {
      if (Number(query.revision) !== session.state.revision)
        throw new Refusal(409, 'REVISION', 'The people have changed meanwhile.');
      return session.page(params.kind, Number(params.n)) ?? fail(noSuchPage());
    },
  );
  app.post<{ Body: DecisionsRequest }>(
    '/api/decisions',
    { schema: { body: schemas.DECISIONS } },
    ({ body }) => session.decide(body.decisions),
  );
  app.post<{ Body: UndoRequest }>('/api/undo', { schema: { body: schemas.UNDO } }, ({ body }) =>
    session.undo(body.gesture),
  );
  app.get('/api/history', () => session.history());
  app.get('/api/questions', () => session.questions());
  app.get<{ Params: { label: string } }>(
    '/api/people/:label/alike',
    { schema: { params: schemas.LABEL_IN_PATH } },
    ({ params }) => session.alike(Number(params.label)),
  );
  app.get<{ Params: { label: string } }>(
    '/api/people/:label/several',
    { schema: { params: schemas.LABEL_IN_PATH } },
    async ({ params }) =>
      (await session.several(Number(params.label))) ?? fail(notThere('There are not enough faces to tell.')),
  );
  app.post<{ Body: AddFaceRequest }>('/api/faces', { schema: { body: schemas.FACE } }, ({ body }) =>
    session.addFace(body),
  );
  app.post('/api/apply', () => session.apply());
  app.post('/api/goodbye', (_, reply) => {
    tabs.goodbye();
    reply.status(204).send();
  });
  app.get('/api/events', (_, reply) => {
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream' };
    reply.hijack();
    reply.raw.writeHead(200, headers as Record<string, string>);
    tabs.add(reply.raw, session.state);
  });
}

/** By their ids alone: no path comes from a request. */
function routePictures(app: FastifyInstance, session: ServedPeople, pictures: Pictures): void {
  const options = { schema: { params: schemas.ID_IN_PATH } };
  type ById = { Params: { id: string } };
  app.get<ById>('/photos/:id', options, async ({ params, headers }, reply) => {
    const photo = session.photo(params.id) ?? fail(notThere('There is no such photo.'));
    const shown = await pictures.shown(photo, headers['if-none-match'], untilGone(reply));
    // Photos may be edited: browsers ask each time whether what they have is still right.
    reply.header('cache-control', 'private, no-cache').header('etag', shown.tag);
    if (shown.bytes === undefined) return reply.status(304).send();
    reply.type(shown.type);
    if (shown.bytes instanceof Uint8Array) return reply.send(shown.bytes);
    const { handle, size } = shown.bytes;
    return reply.header('content-length', size).send(handle.createReadStream({ start: 0, end: size - 1 }));
  });
  app.get<ById>('/thumbnails/photos/:id', options, async ({ params }, reply) => {
    const photo = session.photo(params.id) ?? fail(notThere('There is no such photo.'));
    const bytes = await pictures.ofPhoto(params.id, photo, untilGone(reply));
    return reply.header('cache-control', OF_ITS_ID).type('image/jpeg').send(bytes);
  });
  app.get<ById>('/thumbnails/faces/:id', options, async ({ params }, reply) => {
    const face = session.face(params.id) ?? fail(notThere('There is no such face.'));
    const bytes = await pictures.ofFace(params.id, face, untilGone(reply));
    return reply.header('cache-control', OF_ITS_ID).type('image/jpeg').send(bytes);
  });
}

/** Is aborted when the client has gone away, or has got its answer. */
function untilGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}

function notThere(message: string): Refusal {
  return new Refusal(404, 'NOT_FOUND', message);
}

function noSuchPage(): Refusal {
  return notThere('There is no such page.');
}

function fail(refusal: Refusal): never {
  throw refusal;
}

function notListening(port: number, cause: unknown): FaceError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return ioError('serve the page', cause);
  return new FaceError(
    'FACE_IO',
    code === 'EACCES'
      ? `Port ${port} can't be used by you.`
      : `Port ${port} is in use by another program already.`,
    { cause, remedy: 'Choose another one, or none: then a free one is found.' },
  );
}
