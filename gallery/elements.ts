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

const SVG = 'http://www.w3.org/2000/svg';

/** A drawing of lines in a square of 24 units, which says nothing to screen readers. @param line as in the attribute `d` */
export function icon(line: string): SVGElement {
  const [drawing, path] = [document.createElementNS(SVG, 'svg'), document.createElementNS(SVG, 'path')];
  for (const [name, value] of [
    ['viewBox', '0 0 24 24'],
    ['aria-hidden', 'true'],
    ['class', 'icon'],
  ] as const) {
    drawing.setAttribute(name, value);
  }
  path.setAttribute('d', line);
  drawing.append(path);
  return drawing;
}

export const ICONS = {
  close: 'M6 6l12 12M18 6L6 18',
  pencil: 'M4 20l1-4.5L16.5 4 20 7.5 8.5 19z',
} as const;

/** @param attributes of the button, beside its `type` */
export function button(
  text: string | readonly (Node | string)[],
  does: () => unknown,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
): HTMLButtonElement {
  const made = element(
    'button',
    { type: 'button', ...attributes },
    ...(typeof text === 'string' ? [text] : text),
  );
  made.addEventListener('click', () => does());
  return made;
}

/** An element of `index.html`. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

/** `1 photo`, `12,345 photos`. */
export function count(n: number, one: string, several = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : several}`;
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
