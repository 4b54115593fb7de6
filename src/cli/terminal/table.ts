/**
 * Rows of a table: the first column from the left, the others, as numbers are, to the right. Every row has as many cells.
 * @returns a line for each
 */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows.map(([name = '', ...numbers]) =>
    [name.padEnd(widths[0] as number), ...numbers.map((n, i) => n.padStart(widths[i + 1] as number))].join(
      '  ',
    ),
  );
}
