/* Making elements, and the words for things. What comes from file names is only ever set as text, never parsed as HTML. */

/** @param attributes `class`, `href` and so on; false leaves one out */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** An element of `index.html`. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

/** `1 photo`, `12,345 photos`. */
export function count(n: number, one: string): string {
  return `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
}

/** The last part of a path, of Windows or of any other system. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The last folder in a path, without those that it is in; empty if there is none. */
export function folderName(path: string): string {
  return fileName(path.slice(0, Math.max(0, path.length - fileName(path).length - 1)));
}

/** A face's small picture; it is decoration beside the face's name. */
export function thumbnail(url: string | null): HTMLElement {
  if (url === null) return element('span', { class: 'thumbnail none' }, 'no picture');
  return element('img', {
    class: 'thumbnail',
    src: url,
    alt: '',
    decoding: 'async',
    draggable: 'false',
  });
}

/** Tells screen readers what has changed. */
export function announce(text: string): void {
  byId('status').textContent = text;
}
