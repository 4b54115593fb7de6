import type { FaceErrorCode } from '../base/errors';
import { messageOf } from '../base/errors';
import { ENCODING_LENGTH } from '../base/types';
import type { StoredResult } from '../encode/journal/records';
import {
  type Check,
  type Checked,
  exactly,
  finite,
  flag,
  integer,
  list,
  nullable,
  record,
  shape,
  text,
  WireError,
} from './check';

/*
 * All that goes over a queue, in one place. Both sides look at all that they are sent: a queue's server is a place where others
 * may write, too. Whatever has a name that can't be UTF-8 (see `file-name.ts`) stands in the JSON of a message, which is text
 * within what the engine makes JSON of in turn: so neither server has to understand it.
 */

/** To be raised when what stands in messages changes its meaning: who speaks another version keeps out. */
const PROTOCOL = 1;

/** Most photos of a job. */
export const MOST_PHOTOS = 64;
/** Most workers of a run that anything is said of. */
export const MOST_WORKERS = 1_000;
/** Longest file of a photo that a worker reads or is sent. */
export const MOST_BYTES = 1 << 29;
/**
 * How many bytes of photos are in a job at most, if they are sent: the server holds all of it in memory, and a third more as text. A
 * photo that is longer is not sent.
 */
export const MOST_SENT = 1 << 25;
/** Linux has no longer paths, in bytes; letters may take three each way. */
const LONGEST_PATH = 8192;
const LONGEST_REASON = 20_000;
const MOST_FACES = 10_000;

const digits = (length: number) => text(length, new RegExp(`^[0-9a-f]{${length}}$`));
const runId = digits(16);
const photoId = digits(64);
const path = text(LONGEST_PATH);
const reason = text(LONGEST_REASON);
const name = text(300);
const base64 = (longest: number) => text(Math.ceil(longest / 3) * 4, /^[A-Za-z0-9+/]*={0,2}$/);

/** Of 32 bits each, or of 64: see `packEncoding`. */
const encoding: Check<string> = (value, at) => {
  const packed = base64(8 * ENCODING_LENGTH)(value, at);
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length !== 4 * ENCODING_LENGTH && bytes.length !== 8 * ENCODING_LENGTH) {
    throw new WireError(`${at} has ${bytes.length} bytes`);
  }
  for (let i = 0; i < ENCODING_LENGTH; i++) {
    const number =
      bytes.length === 4 * ENCODING_LENGTH ? bytes.readFloatLE(4 * i) : bytes.readDoubleLE(8 * i);
    if (!Number.isFinite(number)) throw new WireError(`${at} holds what is no number`);
  }
  return packed;
};

const edge = integer(-(2 ** 24), 2 ** 24);
const box: Check<readonly [number, number, number, number]> = (value, at) => {
  const [top, right, bottom, left, ...more] = list(edge, 4)(value, at);
  if (
    left === undefined ||
    more.length > 0 ||
    (right as number) <= left ||
    (bottom as number) <= (top as number)
  ) {
    throw new WireError(`${at} is no box`);
  }
  return [top as number, right as number, bottom as number, left];
};

/** A check of `T`; none at all if it does not name each of its fields, which would be lost on the way. */
type Whole<T, C, Left = never> = [Exclude<keyof T, keyof Checked<C> | Left>] extends [never]
  ? Check<T>
  : never;

const faceFields = shape(
  { box, score: finite, encoding },
  { sharpness: finite, confirmed: flag, mirrored: encoding },
);
type StoredFace = StoredResult['faces'][number];
const face: Whole<StoredFace, typeof faceFields> = faceFields as Check<StoredFace>;

const side = integer(0, 2 ** 24);
const fault = shape({ code: text(40, /^FACE_[A-Z_]+$/) as Check<FaceErrorCode>, reason });
const resultFields = shape(
  { width: side, height: side, faces: list(face, MOST_FACES) },
  {
    orientation: nullable(integer(1, 8)),
    taken: nullable(text(64)),
    hash: base64(64),
    warning: reason,
    problem: shape({ code: text(40, /^FACE_IMAGE_DECODE$/) as Check<FaceErrorCode>, reason, by: name }),
  },
);
/** Which computer has found it is said by who it comes from, see `signed`. */
const storedResult: Whole<StoredResult, typeof resultFields, 'machine'> = resultFields as Check<StoredResult>;

const settings = shape(
  {
    method: exactly('hog', 'cnn'),
    upsample: integer(0, 8),
    numJitters: integer(1, 100_000),
    models: record(digits(64), 20),
    revision: integer(1, 1_000_000),
  },
  { detectSize: integer(100, 2 ** 24) },
);

/** All that what comes of a photo depends on, beside its bytes. */
const terms = shape({
  settings,
  mirror: flag,
  maxPixels: integer(1, Number.MAX_SAFE_INTEGER),
  /** The program that reads photos, with its versions. */
  reader: name,
});
export type Terms = Checked<typeof terms>;

/** Who a worker is. */
const worker = shape({
  /** Tells it from all others. */
  id: digits(16),
  /** Of the computer, for people. */
  host: name,
  pid: integer(0, 2 ** 32),
  program: name,
  /** The instruction set that it works with. */
  instructions: name,
  /** How many photos it works on at once. */
  jobs: integer(1, 1024),
  /** What the machine makes of a known picture, see `fingerprint.ts`. */
  fingerprint: digits(64),
});
export type WorkerCard = Checked<typeof worker>;

const count = integer(0, Number.MAX_SAFE_INTEGER);

/** How a worker is getting on. */
const workerState = shape({
  id: digits(16),
  host: name,
  pid: integer(0, 2 ** 32),
  jobs: integer(1, 1024),
  photos: count,
  perSecond: finite,
});
export type WorkerState = Checked<typeof workerState>;

/** What a run is about, on the board where workers look for work. */
const announcement = shape(
  {
    protocol: exactly(PROTOCOL),
    run: runId,
    host: name,
    program: name,
    terms,
    /** That of the workers; `null` as long as none is known. */
    fingerprint: nullable(digits(64)),
    /** Whether photos are sent as bytes; else they are files below a folder, of which this is one. */
    sends: flag,
    sample: nullable(shape({ within: path, bytes: integer(0, MOST_BYTES), content: photoId })),
    /** When this was written, by the clock of the computer that wrote it: milliseconds since 1970. */
    at: finite,
    done: count,
    total: count,
    workers: list(workerState, MOST_WORKERS),
  },
  {
    /** It is being removed: nobody is to take part any more. */
    over: flag,
  },
);
export type Announcement = Checked<typeof announcement>;

/** A photo of a job. */
const photo = shape(
  {
    /** What it is called in all that is said of it. */
    path,
    content: photoId,
    /** Length of its file. */
    bytes: integer(0, MOST_BYTES),
  },
  {
    /** Where it is below the folder with the photos, with `/`. */
    within: path,
    /** Its file, as base64; whatever it is has to have the right SHA-256. */
    data: text(Math.ceil(MOST_SENT / 3) * 4),
    /** What is known of it, where only something is missing. */
    known: storedResult,
  },
);
export type JobPhoto = Checked<typeof photo>;

const job = shape(
  {
    protocol: exactly(PROTOCOL),
    run: runId,
    photos: list(photo, MOST_PHOTOS),
  },
  {
    /** It may end the worker: it is done with nothing else in hand. */
    alone: flag,
  },
);
export type JobMessage = Checked<typeof job>;

/** What came of a photo of a job: one of three. */
const answer = shape(
  { path, content: photoId },
  {
    /** What is on it. */
    result: storedResult,
    /** Why it can't be used, whoever looks at it. */
    problem: fault,
    /** Why this worker can't look at it. */
    refused: fault,
  },
);
export type Answer = Checked<typeof answer>;

const report = shape(
  {
    protocol: exactly(PROTOCOL),
    run: runId,
    worker,
  },
  {
    /** Why it takes no part. */
    cannot: reason,
    job: text(100),
    answers: list(answer, MOST_PHOTOS),
    /** Why nothing came of a job: it has ended its worker twice, or is not one. */
    lost: exactly('killed', 'refused'),
    why: reason,
    /** Photos and pixels a second, at present. */
    perSecond: finite,
    pixelsPerSecond: finite,
    /** How many photos it has looked at. */
    photos: count,
  },
);
/** What a worker says: who it is and, if it is about a job, what came of that. */
export type Report = Checked<typeof report>;

const CHECKS = { announcement, job, report };
interface Messages {
  readonly announcement: Announcement;
  readonly job: JobMessage;
  readonly report: Report;
}

/** What the engine is given. */
export interface Envelope {
  readonly message: string;
}

/** @param message without the version of the protocol, which is this program's */
export function pack<K extends keyof Messages>(_kind: K, message: Omit<Messages[K], 'protocol'>): Envelope {
  return { message: JSON.stringify({ protocol: PROTOCOL, ...message }) };
}

/** @throws WireError if it is not a message of that kind */
export function unpack<K extends keyof Messages>(kind: K, envelope: unknown): Messages[K] {
  const { message } = shape({ message: text(2 ** 28) })(envelope, kind);
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch (error) {
    throw new WireError(`${kind} is no JSON: ${messageOf(error)}`);
  }
  return CHECKS[kind](value, kind) as Messages[K];
}
