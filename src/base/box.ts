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

/** Area that two boxes share, as a part of what they cover together: from 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  if (height <= 0 || width <= 0) return 0;
  const both = height * width;
  return both / (areaOf(a) + areaOf(b) - both);
}

export function areaOf({ top, right, bottom, left }: Box): number {
  return (bottom - top) * (right - left);
}
