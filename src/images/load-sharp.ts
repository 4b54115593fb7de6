/** The image library. Loaded when it is first needed: it takes a moment, and 11 MB. */
export function loadSharp(): typeof import('sharp') {
  return require('sharp');
}
