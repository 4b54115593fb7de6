/* When photos were taken, in words: by the camera's clock, wherever that stood. */

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** @param taken see `GalleryPhoto.taken`: `2024-07-31T18:05:09` is 31 July 2024 */
export function dateWords(taken: string): string {
  const [year = '', month = '', day = ''] = taken.slice(0, 10).split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}`;
}

/** The hour and the minute: `18:05`. */
export function timeWords(taken: string): string {
  return taken.slice(11, 16);
}
