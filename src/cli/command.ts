import type { ArgumentsCamelCase, Argv } from 'yargs';

/** The options of a command and what it does. Its name and what it is for stand in main.ts, which loads it when it is called. */
export interface Command<Arguments> {
  builder(yargs: Argv): Argv<Arguments>;
  /** Sets the process's exit code. */
  handler(argv: ArgumentsCamelCase<Arguments>): Promise<void>;
}
