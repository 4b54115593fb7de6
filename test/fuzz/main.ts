import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomIntegers } from '../support/pickle-bytes';
import { heicTarget, imagesTarget } from './images';
import { pickleTarget } from './pickle';
import type { FuzzTarget } from './target';

const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  pickle: pickleTarget,
  images: imagesTarget,
  heic: heicTarget,
};

/** What scripts/fuzz.js hands to the process that does the work. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** File whose first 8 bytes say which input is being tried: it outlives a crash. */
  readonly progress: string;
  /** Folder for inputs that break a promise. */
  readonly keep: string;
}

/** The input with this number: any can be made again without those before it. */
function inputNumber(target: FuzzTarget, seed: number, index: number): Uint8Array {
  return target.input(randomIntegers(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b)));
}

/** Tries the inputs from `from` up to `to`; prints a line of JSON for each that breaks a promise, and one at the end. */
export async function fuzz({ target: name, seed, from, to, progress, keep }: Job): Promise<void> {
  const target = await (TARGETS[name] as () => Promise<FuzzTarget>)();
  const file = openSync(progress, 'w');
  const number = Buffer.alloc(8);
  const outcomes: Record<string, number> = {};
  let bytes = 0;
  for (let index = from; index < to; index++) {
    number.writeDoubleLE(index);
    writeSync(file, number, 0, 8, 0);
    const input = inputNumber(target, seed, index);
    bytes += input.length;
    try {
      const outcome = await target.check(input);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      writeFileSync(join(keep, `${name}-${seed}-${index}`), input);
      console.log(JSON.stringify({ index, broken: error instanceof Error ? error.stack : String(error) }));
    }
  }
  closeSync(file);
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ outcomes, bytes, peak: maxRSS * 1024, cpu }));
}

/** Writes one input to a file, to look at what a crash or a hang left no time for. */
export async function keepInput({ target: name, seed, from, keep }: Job): Promise<void> {
  const target = await (TARGETS[name] as () => Promise<FuzzTarget>)();
  writeFileSync(join(keep, `${name}-${seed}-${from}`), inputNumber(target, seed, from));
}
