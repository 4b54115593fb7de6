import { createInterface } from 'node:readline/promises';

/** Whether somebody is there to be asked. */
export function canAsk({ quiet, json }: { readonly quiet: boolean; readonly json: boolean }): boolean {
  return !quiet && !json && Boolean(process.stdin.isTTY) && Boolean(process.stderr.isTTY);
}

/** The line that somebody types as an answer. Rejects if there is none. */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  // As a terminal it would keep Ctrl-C to itself.
  const input = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await input.question(question, { signal });
  } finally {
    input.close();
  }
}
