/** Eighths of a character, for bars that are finer than characters are wide. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `fraction` of `width` characters; something, if little, for anything above 0. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(fraction * width * 8);
  const shown = fraction > 0 ? Math.max(1, eighths) : 0;
  return '█'.repeat(Math.floor(shown / 8)) + (EIGHTHS[shown % 8] as string);
}

/**
 * A curve, from left to right.
 * @param values at equal distances
 * @param height lines for the range of the values
 * @param label of a line, from the value in its middle
 * @returns lines, the highest value first
 */
export function curve(
  values: readonly number[],
  width: number,
  height: number,
  label: (value: number) => string,
): string[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const step = (high - low) / height || 1;
  const row = (value: number) => Math.min(height - 1, Math.floor((value - low) / step));
  const rows = Array.from({ length: height }, () => new Array<string>(width).fill(' '));
  let before: number | undefined;
  for (let x = 0; x < width; x++) {
    const at = (x * (values.length - 1)) / Math.max(1, width - 1);
    const here = row(values[Math.round(at)] as number);
    // Where the curve is steep, the rows in between belong to it, too.
    const from = before === undefined ? here : Math.min(here, before + 1);
    for (let y = from; y <= here; y++) (rows[y] as string[])[x] = '*';
    before = here;
  }
  return rows
    .map((cells, y) => `${label(low + (y + 0.5) * step)} ${cells.join('').trimEnd()}`.trimEnd())
    .reverse();
}
