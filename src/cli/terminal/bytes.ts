import { LEAST_MEMORY } from '../../system/machine-memory';
import { UsageError } from '../exit';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/**
 * Reads the value of --max-memory, in bytes, as people write it: `2GB`, `1.5 gb`, `500M`, `1GiB`, or plain bytes.
 * @throws UsageError if it is none, or too little
 */
export function parseMaxMemory(text: string): number {
  const [, digits, unit] = /^([\d.]+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const letters = unit?.toUpperCase() ?? '';
  // `500M` is short for `500MB`.
  const factor = UNITS[letters] ?? UNITS[`${letters}B`];
  const bytes = Math.floor(Number(digits) * (factor ?? Number.NaN));
  if (!Number.isFinite(bytes)) {
    throw new UsageError(
      '--max-memory needs an amount of memory, e.g. --max-memory 2GB or --max-memory 500MB.',
    );
  }
  if (bytes >= LEAST_MEMORY) return bytes;
  const unitless = letters === '' && bytes < 1e6 ? ', which are bytes' : '';
  throw new UsageError(
    `--max-memory has to be at least ${LEAST_MEMORY / 1e6}MB, and is ${text.trim()}${unitless}.`,
  );
}

/** `812 bytes`, `1.2 MB`, `34 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${['', 'KB', 'MB', 'GB', 'TB'][power]}`;
}
