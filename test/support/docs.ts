import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** The text of a page, e.g. `README.md` or `docs/recipes.md`. */
export function page(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** The first code that a page shows in `language` and that has `part`. */
export function codeIn(name: string, language: string, part: string): string {
  const blocks = [...page(name).matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const block = blocks.find(([, shown, code]) => shown === language && code?.includes(part));
  if (!block?.[2]) throw new Error(`${name} shows no ${language} with ${part}`);
  return block[2].trim();
}

/** The lines of a page's blocks of shell commands, and what it calls `face-cluster-native …` between them, in its order. */
export function commandsIn(name: string): string[] {
  return [...page(name).matchAll(/^```(\w*)\n(.*?)^```$|`(face-cluster-native [^`]+)`/gms)].flatMap(
    ([, language, code, inText]) => {
      if (inText !== undefined) return inText.replace(/\s+/g, ' ');
      return language === 'sh' ? (code as string).split('\n').filter((line) => line !== '') : [];
    },
  );
}

/** The cells of each row of all tables of a page; `|` in them is not looked for. */
export function tableRows(name: string): string[][] {
  return page(name)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim()),
    );
}
