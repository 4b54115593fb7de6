/** What went wrong, for people. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What is compared when something is searched for: upper and lower case are alike, and so are letters
 * with and without accents. Vowel signs of other scripts are no accents.
 */
export function forSearch(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}
