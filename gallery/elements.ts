'use strict';
/* Making elements, and the words for things. What comes from file names is only ever set as text, never parsed as HTML. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<Record<string, string | number | boolean>>} [attributes] `class`, `href` and so on; false leaves one out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * `1 photo`, `12,345 photos`.
 * @param {number} n
 * @param {string} one
 */
function count(n, one) {
  return `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
}

/** @param {number} label */
function personName(label) {
  return label < 0 ? 'Unsorted faces' : `Person ${label}`;
}

/**
 * The last part of a path, of Windows or of any other system.
 * @param {string} path
 */
function fileName(path) {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** @param {number} distance */
function distanceText(distance) {
  return distance.toFixed(2);
}

/**
 * A face's small picture; it is decoration beside the face's name.
 * @param {string | null} url
 */
function thumbnail(url) {
  if (url === null) return element('span', { class: 'thumbnail none' }, 'no picture');
  return element('img', {
    class: 'thumbnail',
    src: url,
    alt: '',
    decoding: 'async',
    draggable: 'false',
  });
}

/**
 * Tells screen readers what has changed.
 * @param {string} text
 */
function announce(text) {
  byId('status').textContent = text;
}
