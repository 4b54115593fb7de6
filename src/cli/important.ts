/** What is told with `--quiet`, too: something is wrong, or is left for the user to do. */
export class Important {
  /** @param text one line or several */
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What a command says to people. */
export type Line = string | Important;

/** These lines, as something important; nothing if there are none. */
export function important(lines: readonly string[]): Important[] {
  return lines.length === 0 ? [] : [new Important(lines.join('\n'))];
}
