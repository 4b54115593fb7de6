import { readFileSync } from 'node:fs';
import { UsageError } from './exit';

/** Options of commands that work with a queue. */
export const PASSWORD_FILE_OPTION = {
  type: 'string',
  describe: 'File with the password of the queue, if it is not in the environment as FACE_QUEUE_PASSWORD',
} as const;

/** Where the queue is, and the password, which stands in no command line: that is shown to all users of the computer. */
export function queueServer(
  queue: string,
  passwordFile: string | undefined,
): { readonly queue: string; readonly password?: string } {
  let hasPassword = false;
  try {
    const { password, searchParams } = new URL(queue);
    // PostgreSQL also takes it as an option.
    hasPassword = password !== '' || searchParams.has('password');
  } catch {
    // Said by whoever needs the address.
  }
  if (hasPassword) {
    throw new UsageError(
      'The address of a queue holds no password here: all users of this computer can see it. Give it in the environment, as FACE_QUEUE_PASSWORD, or in a file with --password-file.',
    );
  }
  const password = passwordFile === undefined ? process.env.FACE_QUEUE_PASSWORD : passwordIn(passwordFile);
  return { queue, ...(password !== undefined && password !== '' && { password }) };
}

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { whyNot } = require('../photos/find') as typeof import('../photos/find');
    throw new UsageError(`The file with the password, "${file}", ${whyNot(error)}.`);
  }
}
