import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { type EncodePhotoOptions, thisReader } from '../encode/encode-photo';
import { encodeSettings } from '../encode/journal/settings';
import { native } from '../native';
import { sha256 } from '../system/sha256';
import { programVersion } from '../system/version';
import type { Announcement, Terms, WorkerCard } from './messages';

/** All that what comes of a photo depends on, beside its bytes. */
export function termsOf({
  settings,
  mirror,
  maxPixels,
}: Pick<EncodePhotoOptions, 'settings' | 'mirror' | 'maxPixels'>): Terms {
  return { settings: encodeSettings(settings), mirror, maxPixels, reader: thisReader() };
}

/** What workers do at most, whoever asks for it: more, by mistake or on purpose, would keep one busy with a photo for days. */
export const MOST_JITTERS = 1_000;
export const MOST_UPSAMPLE = 4;

/**
 * Why a run asks too much of a worker, for people; `undefined` if it does not.
 * @param maxPixels of the largest photos that it looks at: what decides how much memory one takes that is alone
 */
export function whyTooMuch(
  { terms, host }: Pick<Announcement, 'terms' | 'host'>,
  maxPixels: number,
): string | undefined {
  const { upsample, numJitters } = terms.settings;
  const asked = (option: string, value: number, most: number) =>
    value > most
      ? `The run of ${host} has ${option} ${value.toLocaleString('en')}; workers go up to ${most.toLocaleString('en')}.`
      : undefined;
  const pixels = asked('--max-pixels', terms.maxPixels, maxPixels);
  return (
    asked('--num-jitters', numJitters, MOST_JITTERS) ??
    asked('--upsample', upsample, MOST_UPSAMPLE) ??
    (pixels && `${pixels} This one takes part if it is started with --max-pixels ${terms.maxPixels}.`)
  );
}

/** Tells terms apart. */
export function termsId(terms: Terms): string {
  return sha256(JSON.stringify(terms)).slice(0, 16);
}

/** What this program is called on a queue. */
export function programName(): string {
  return `face-cluster-native ${programVersion()}`;
}

/** @param nonce tells it from all others: 16 hexadecimal digits */
export function thisWorker(nonce: string, jobs: number, fingerprint: string): WorkerCard {
  return {
    id: nonce,
    host: hostname().slice(0, 300),
    pid: process.pid,
    program: programName(),
    instructions: native().instructionSets()[0] ?? 'none',
    jobs,
    fingerprint,
  };
}

/** What people call a worker. */
export function nameOf({ host, pid }: Pick<WorkerCard, 'host' | 'pid'>): string {
  return `${host} (process ${pid})`;
}

/** Why a worker's results would not be those of a run, for people; `undefined` if they would. */
export function whyOther(
  { terms, fingerprint, host, program }: Pick<Announcement, 'terms' | 'fingerprint' | 'host' | 'program'>,
  worker: Pick<WorkerCard, 'fingerprint' | 'instructions'>,
): string | undefined {
  const { settings, reader } = terms;
  const own = encodeSettings(settings);
  const sameVersion = `Install the same version of face-cluster-native (and of sharp) on both.`;
  if (own.revision !== settings.revision) {
    return (
      `This version gives other results than that of ${host}: revision ${own.revision}, not ${settings.revision} ` +
      `(${programName()} here, ${program} there). ${sameVersion}`
    );
  }
  if (!isDeepStrictEqual(own.models, settings.models)) {
    const roles = Object.keys({ ...own.models, ...settings.models }).filter(
      (role) => own.models[role] !== settings.models[role],
    );
    return `The models are not those of ${host} (${roles.join(', ')}). Take them from there.`;
  }
  if (thisReader() !== reader) {
    return `Photos are read by ${thisReader()} here, by ${reader} on ${host}. ${sameVersion}`;
  }
  if (fingerprint !== null && fingerprint !== worker.fingerprint) {
    return (
      `This computer does not come to the same numbers as the others of the run of ${host}, to the last bit: ` +
      `it works with ${worker.instructions}. Processors with and without fused multiply-add (x86 before AVX2) can't share a run.`
    );
  }
  return undefined;
}
