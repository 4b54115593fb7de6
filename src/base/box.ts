import type { Box } from './types';

/** What of `box` is on a photo of that size, in pixels; `undefined` if nothing is. */
export function boxOnPhoto(
  box: Box,
  { width, height }: { readonly width: number; readonly height: number },
): Box | undefined {
  const [top, left] = [Math.max(box.top, 0), Math.max(box.left, 0)];
  const [bottom, right] = [Math.min(box.bottom, height), Math.min(box.right, width)];
  return top < bottom && left < right ? { top, right, bottom, left } : undefined;
}
