import { setTimeout as wait } from 'node:timers/promises';
import { abortError, FaceError, messageOf, throwIfAborted } from '../base/errors';

/*
 * What servers of queues say of their troubles, and what to do about that. Redis has codes at the beginning of its texts,
 * PostgreSQL has five letters, Node.js its own for connections.
 */

interface Trouble {
  /** Of the error's code, or of what its text begins with. */
  readonly codes: readonly string[];
  /** Put after "The queue's server <address> ". */
  readonly what: string;
  readonly remedy?: string;
  /** Of what the server says, nothing helps. */
  readonly saysAll?: boolean;
  /** Whether it may be over in a while, without anybody's doing. */
  readonly passes: boolean;
  /** Whether it is over as soon as the server answers whatever it is asked. */
  readonly isAway?: true;
}

/** The server does not answer; it may later. */
class ServerAway extends FaceError {}

const PASSWORD = 'Give it in the environment, FACE_QUEUE_PASSWORD, or in a file, --password-file.';
const LEAVE = 'It is tried again and again; what is done is kept.';

const TROUBLES: readonly Trouble[] = [
  {
    codes: ['NOAUTH'],
    what: 'asks for a password',
    remedy: PASSWORD,
    saysAll: true,
    passes: false,
  },
  {
    codes: ['no pg_hba.conf entry', 'pg_hba.conf rejects'],
    what: 'lets nobody in from here by this address',
    remedy:
      'Give it a line for that in pg_hba.conf; if all that is said to be missing is encryption, put ?sslmode=verify-full behind the address.',
    passes: false,
  },
  {
    codes: ['WRONGPASS', '28P01', '28000', 'ERR AUTH', 'ERR invalid password', 'SASL'],
    what: 'refuses the name or the password',
    remedy: PASSWORD,
    passes: false,
  },
  {
    codes: ['NOPERM', '42501'],
    what: 'lets this user do too little',
    remedy:
      'Redis: all commands on the keys face-cluster-native:*; PostgreSQL: CREATE on the database, or a schema face_cluster_native of its own.',
    passes: false,
  },
  {
    codes: ['3D000'],
    what: 'has no such database',
    remedy: 'Make it with createdb, or check the address.',
    passes: false,
  },
  {
    codes: ['OOM'],
    what: 'is full',
    remedy: 'Give it more memory (maxmemory), or take other things off it.',
    passes: true,
  },
  {
    codes: ['53100'],
    what: 'has no room left on its disk',
    remedy: 'Make room there.',
    passes: true,
  },
  {
    codes: ['53200'],
    what: 'has too little memory',
    remedy: 'Give it more.',
    passes: true,
  },
  {
    codes: ['MISCONF'],
    what: "can't write to its disk",
    remedy: 'Look whether that is full.',
    passes: true,
  },
  {
    codes: ['READONLY', '25006'],
    what: 'is a copy that may only be read',
    remedy: 'Give the address of the one that may be written to.',
    passes: false,
  },
  {
    codes: ['LOADING', '57P01', '57P02', '57P03', '53300', 'BUSY', 'TRYAGAIN', 'MASTERDOWN'],
    what: 'is starting, stopping or busy',
    passes: true,
    isAway: true,
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    what: "can't be found: there is no computer of that name",
    remedy: 'Check the name for typing mistakes, and the network.',
    passes: true,
    isAway: true,
  },
  {
    codes: [
      'ERR_TLS',
      'ERR_SSL',
      'EPROTO',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT',
      'UNABLE_TO_',
      'CERT_',
      'The server does not support SSL',
    ],
    what: 'gives no connection by TLS that could be trusted',
    remedy:
      'A certificate of your own is trusted by NODE_EXTRA_CA_CERTS=<its file>, for the name that it was made for. Without TLS, the address begins with redis://, or has no sslmode.',
    passes: false,
  },
  {
    codes: [
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'EPIPE',
      '08',
      'Connection is closed',
      'Connection terminated',
      'timeout exceeded when trying to connect',
      'Reached the max retries',
      'Client has encountered a connection error',
      'Connection closed unexpectedly',
    ],
    what: "can't be reached",
    remedy:
      'Is it running? Check the address (redis:// without TLS, rediss:// with it), the port and the firewall.',
    passes: true,
    isAway: true,
  },
];

function troubleOf(error: unknown): Trouble | undefined {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  // Node.js tries all addresses of a name.
  if (Array.isArray(errors) && errors.length > 0) return troubleOf(errors[0]);
  const said = [typeof code === 'string' ? code : '', messageOf(error).replace(/^ReplyError: /, '')];
  return TROUBLES.find(({ codes }) => said.some((text) => codes.some((known) => begins(text, known))));
}

function begins(text: string, known: string): boolean {
  if (!text.startsWith(known)) return false;
  // Classes of PostgreSQL's codes are their first letters.
  return known.length > 2 || text.length === 5;
}

/** Whether what went wrong with a server may be over in a while. */
export function isTransient(error: unknown): boolean {
  return troubleOf(error)?.passes === true;
}

/** Whether a server can't be used as it is. */
export function isUnusable(error: unknown): boolean {
  return troubleOf(error)?.passes === false;
}

/** Whether Redis lets this user not do something, or nobody. */
export function isForbidden(error: unknown): boolean {
  return /^(NOPERM|ERR unknown command)/.test(messageOf(error));
}

/**
 * What went wrong with the server at `address`, in words. The error itself may hold the password, and is not kept.
 * @param again whether what may be over in a while is tried until it is
 */
export function queueError(error: unknown, address: string, again = false): FaceError {
  if (error instanceof FaceError) return error;
  const trouble = troubleOf(error);
  const reason = messageOf(error) || String((error as { code?: unknown }).code ?? 'no reason given');
  // Redis adds in which of the engine's programs, and where there.
  const plain = reason.replace(/ script: [0-9a-f]{40}, on @user_script:\d+/, '');
  const said = trouble?.saysAll ? '' : `: ${plain.replace(/\.+$/, '')}`;
  const remedies = [trouble?.remedy, again && trouble?.passes ? LEAVE : undefined].filter((one) => one);
  const Kind = trouble?.isAway ? ServerAway : FaceError;
  return new Kind('FACE_QUEUE', `The queue's server ${address} ${trouble?.what ?? 'failed'}${said}.`, {
    ...(remedies.length > 0 && { remedy: remedies.join(' ') }),
  });
}

/** That a server is back which somebody was told is away. @param address without the password */
export function answersAgain(address: string): string {
  return `The queue's server ${address} answers again.`;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Does something with a server, again and again while that may help.
 * @param onTrouble is told of each attempt that failed
 * @throws FaceError FACE_QUEUE if it would not help; FACE_ABORTED
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  address: string,
  signal: AbortSignal | undefined,
  onTrouble: (error: FaceError) => void,
): Promise<T> {
  for (let ms = FIRST_WAIT_MS; ; ms = Math.min(2 * ms, LONGEST_WAIT_MS)) {
    throwIfAborted(signal);
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      const told = queueError(error, address, true);
      if (!isTransient(error)) throw told;
      onTrouble(told);
    }
    await wait(ms, undefined, { ...(signal && { signal }) }).catch(() => {});
  }
}

/** How long nothing is said of a trouble that has been told. */
const TOLD_FOR_MS = 60_000;

/** Tells of each trouble once a minute: several connections have the same. */
export class Troubles {
  readonly #told = new Map<string, number>();
  #lastAway = Number.NEGATIVE_INFINITY;
  #isAwayTold = false;

  /** @param tellBack is called when the server answers again of which was told that it does not */
  constructor(
    private readonly tell: (error: FaceError) => void,
    private readonly tellBack: () => void,
  ) {}

  add(error: FaceError): void {
    // What is in brackets, or after the colon, differs from connection to connection.
    const kind = error.remedy ?? error.message;
    const now = performance.now();
    const isAway = error instanceof ServerAway;
    if (isAway) this.#lastAway = now;
    if (now - (this.#told.get(kind) ?? Number.NEGATIVE_INFINITY) < TOLD_FOR_MS) return;
    this.#told.set(kind, now);
    if (isAway) this.#isAwayTold = true;
    this.tell(error);
  }

  /** @param asked when the server was asked what it has answered now, by `performance.now()` */
  answered(asked: number): void {
    if (!this.#isAwayTold || asked < this.#lastAway) return;
    this.#isAwayTold = false;
    this.tellBack();
  }
}
