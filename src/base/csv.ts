/**
 * A spreadsheet runs what starts with one of these as a formula, and names come from strangers, too.
 */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/** A cell of a table (RFC 4180): with `./` in front, a path leads to the same file. `null` is empty. */
export function pathCell(value: string | null): string {
  return text(value !== null && FORMULA.test(value) ? `./${value}` : value);
}

/** A cell of a table: with an apostrophe in front, spreadsheets take it for text. `null` is empty. */
export function nameCell(value: string | null): string {
  return text(value !== null && FORMULA.test(value) ? `'${value}` : value);
}

function text(value: string | null): string {
  if (value === null) return '';
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
