/**
 * The self-test as a program of its own, `node self-test-process.js <models folder>`: an instruction that the processor
 * does not have, or too little memory, ends this process and not the one that reports it. Prints a
 * {@link SelfTestResult} as JSON.
 */
import { messageOf } from '../base/errors';
import { type SelfTestResult, selfTest } from './self-test';

selfTest(process.argv[2] as string)
  .catch((error: unknown): SelfTestResult => ({ wrong: [messageOf(error)], difference: null }))
  .then((result) => process.stdout.write(JSON.stringify(result)));
