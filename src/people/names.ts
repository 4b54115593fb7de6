/* The page of a result is compiled with this: it imports nothing. */

/** What a person is called: their name, or `Person 02` as long as they have none. */
export function personTitle(id: number, name: string | undefined): string {
  return name ?? `Person ${String(id).padStart(2, '0')}`;
}

/** Whether that is what somebody without a name is called, whoever it is: it names nobody. */
export function isTitleOfNameless(title: string): boolean {
  return /^person \d+$/i.test(title.trim());
}

/** The title in the name of a folder, whoever gave it that. */
export function titleIn(folder: string): string {
  const name = folder.normalize('NFC').trim();
  return /^(.*?\S)\s*\(\d+\)(?: \d+)?$/s.exec(name)?.[1] ?? name;
}
