import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { isOtherUsers } from '../system/peer';
import { Refusal } from './refusal';

/**
 * On every answer. The page loads what it needs from this server alone, runs no script and no style but its files', is shown in
 * no frame, and sends nothing anywhere; other pages can't use what comes from here.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'x-robots-tag': 'noindex',
  // But for pictures, which say what may be kept of them.
  'cache-control': 'no-store',
};

/** 256 bits. */
const SECRET_BYTES = 32;

/**
 * Who may ask the server for what: whoever has the address with the token, which is printed for the user alone. It stays good as
 * long as the server runs, so that the address can be opened in a second browser; a browser gets a cookie for it, with a value
 * of its own, and leaves the address with the token at once.
 *
 * Browsers send a cookie to all servers of this computer, whatever their ports, and so to those of other users: where the system
 * tells whose a connection is, another user's is refused, whatever comes by it.
 */
export class Guard {
  readonly token = randomBytes(SECRET_BYTES).toString('base64url');
  readonly #pass = randomBytes(SECRET_BYTES).toString('base64url');
  /** Cookies are those of a computer, whatever the port: that of another server must not take this one's place. */
  readonly #cookie: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #ofOthers = new WeakSet<Socket>();

  /** @param port that the server listens on */
  constructor(readonly port: number) {
    this.#cookie = `face-cluster-${port}`;
    // Browsers leave out the port that http has anyway.
    const hosts = ['127.0.0.1', 'localhost'].flatMap((name) => [
      `${name}:${port}`,
      ...(port === 80 ? [name] : []),
    ]);
    this.#hosts = new Set(hosts);
    this.#origins = new Set(hosts.map((host) => `http://${host}`));
  }

  /** The header that gives a browser the cookie. */
  get setCookie(): string {
    return stringifySetCookie(this.#cookie, this.#pass, { httpOnly: true, sameSite: 'strict', path: '/' });
  }

  /** Looks at who has made a connection. */
  meet(socket: Socket): void {
    if (isOtherUsers(socket)) this.#ofOthers.add(socket);
  }

  /** Whether that is the token of the address. */
  isToken(given: unknown): boolean {
    return typeof given === 'string' && isSame(given, this.token);
  }

  hasCookie({ headers }: FastifyRequest): boolean {
    const given = headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[this.#cookie];
    return given !== undefined && isSame(given, this.#pass);
  }

  /**
   * Refuses what no page of this server asks for, before anything is looked at that could tell who asks.
   * @throws Refusal
   */
  checkSource({ headers, method, url, socket }: FastifyRequest): void {
    if (this.#ofOthers.has(socket))
      throw new Refusal(403, 'USER', 'This page is for another user of this computer.');
    // With a whole address in its first line, a request is for the host that is named there.
    if (!this.#hosts.has(headers.host ?? '') || !url.startsWith('/'))
      throw new Refusal(403, 'HOST', 'This server is asked by its own address alone.');
    if (method !== 'GET' && method !== 'POST')
      throw new Refusal(405, 'METHOD', 'There is only GET and POST.');
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    // Browsers say where a POST comes from, always. From elsewhere the page itself may be opened, and nothing of it be used.
    const fromHere =
      method === 'POST'
        ? origin !== undefined && this.#origins.has(origin)
        : (origin === undefined || this.#origins.has(origin)) &&
          (site === undefined || site === 'same-origin' || site === 'none' || isOpening(url, headers));
    const sameSite = method !== 'POST' || site === undefined || site === 'same-origin';
    if (!fromHere || !sameSite)
      throw new Refusal(403, 'ORIGIN', 'Another page has asked for this: only its own page may.');
  }

  /** @throws Refusal for those who have no cookie */
  checkCookie(request: FastifyRequest): void {
    if (!this.hasCookie(request)) {
      throw new Refusal(
        401,
        'TOKEN',
        'Open the whole address that "view" has printed in the terminal, with the token at its end.',
      );
    }
  }
}

/** Whether the page is opened, by a link say, and not used by another. */
function isOpening(url: string, headers: FastifyRequest['headers']): boolean {
  return (
    url.split('?', 1)[0] === '/' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  );
}

/** In a time that tells nothing of where they differ, nor of how long they are. */
function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
