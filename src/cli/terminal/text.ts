import colors from 'picocolors';

export { count } from '../../base/words';

/**
 * Makes text from file names safe to print: control characters (a terminal would obey them), line breaks, characters
 * that turn the direction of writing around and halves of surrogate pairs are shown as `\x1b` or `\u{202e}`.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How wide the terminal is that stdout is shown on; what is no terminal has room for lines of any length. */
function outputColumns(): number {
  return process.stdout.columns || Number.POSITIVE_INFINITY;
}

/**
 * The words of a sentence in lines of less than `columns`, by default of the width of the terminal; the second and later ones
 * begin with `indent`.
 */
export function wrapped(sentence: string, indent = '', columns = outputColumns()): string[] {
  const lines: string[] = [];
  // A number stays with its sign.
  for (const word of sentence.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + word.length + 1 < columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}

/** How this command was called, for hints about what to type next. */
export function commandName(): string {
  // npx does not put the command onto the PATH.
  return process.env.npm_command === 'exec' ? 'npx face-cluster-native' : 'face-cluster-native';
}

/** Colours for what is written to `stream`: none unless it is a terminal, whatever CI or FORCE_COLOR say: logs are read as text. */
export function coloursFor(stream: NodeJS.WriteStream) {
  return colors.createColors(Boolean(stream.isTTY) && colors.isColorSupported);
}
