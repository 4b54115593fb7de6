/** A part of a text that becomes another: offsets in UTF-16 units. */
export interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/** @param edits that do not overlap; of those at one place, in their order */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let from = 0;
  for (const edit of inOrder(edits)) {
    result += text.slice(from, edit.at) + edit.text;
    from = edit.until;
  }
  return result + text.slice(from);
}

/** What makes `text` of the edited one again. */
export function undoOf(text: string, edits: readonly Edit[]): Edit[] {
  let grown = 0;
  return inOrder(edits).map(({ at, until, text: added }) => {
    const start = at + grown;
    grown += added.length - (until - at);
    return { at: start, until: start + added.length, text: text.slice(at, until) };
  });
}

function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return [...edits].sort((a, b) => a.at - b.at);
}
