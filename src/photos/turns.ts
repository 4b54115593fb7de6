import { setImmediate } from 'node:timers/promises';

/** Converting so many takes a few milliseconds. */
const PIXELS_A_TURN = 1 << 18;

/**
 * Converts pixels in turns and lets the event loop go on in between: a large photo would hold it up for half a second.
 *
 * @param count how many units, e.g. rows, there are
 * @param pixels how many pixels a unit has
 * @param convert is called for units `from` to, but without, `to`, in order
 */
export async function inTurns(
  count: number,
  pixels: number,
  convert: (from: number, to: number) => void,
): Promise<void> {
  const step = Math.max(1, Math.floor(PIXELS_A_TURN / pixels));
  for (let from = 0; from < count; from += step) {
    if (from > 0) await setImmediate();
    convert(from, Math.min(from + step, count));
  }
}
