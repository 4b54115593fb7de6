/*
 * A box around a face that was not found: drawn with the mouse or a finger, or moved with the keyboard from the middle of what is
 * on the screen.
 */
import type { PixelBox, PixelSize } from '../src/result/export/gallery/page-types';
import { placeAt } from './boxes';
import { element } from './elements';
import type { DragHandler } from './zoom';

export interface Drawing extends DragHandler {
  /** The box, which has the keyboard. */
  readonly box: HTMLElement;
  /** What is to be done at the keyboard, and with a finger. */
  readonly hint: string;
  remove(): void;
}

const HINT =
  'Draw a box around the face. Or move it with the arrow keys, change its size with Shift and the arrow keys, and press Enter.';

/** The box at the beginning, and a step of a key, as parts of what is seen of the photo. */
const FIRST = 0.25;
const STEP = 0.02;

/** What is smaller was not meant to be a box, in pixels of the screen; or tells nothing of a face, in pixels of the photo. */
const SMALLEST_DRAWN = 12;
const SMALLEST_FACE = 20;

/**
 * @param frame what the photo fills
 * @param surface what it is seen through
 * @param onDone told of the box that was drawn, in pixels of the photo
 * @param onTooSmall told when the box that was drawn is not large enough
 * @param onCancel told when there is to be none
 */
export function drawing(
  frame: HTMLElement,
  surface: HTMLElement,
  [width, height]: PixelSize,
  onDone: (box: PixelBox) => void,
  onTooSmall: () => void,
  onCancel: () => void,
): Drawing {
  const box = element('div', {
    class: 'drawn',
    tabindex: 0,
    role: 'application',
    'aria-label': 'Box around the face',
    'aria-roledescription': 'movable box',
    'aria-describedby': 'viewer-hint',
  });
  /** In pixels of the photo; may be fractions. */
  let [top, right, bottom, left] = inTheMiddle();
  let from: { x: number; y: number } | undefined;
  /** The one before the present drag. */
  let before: PixelBox = [top, right, bottom, left];

  function inTheMiddle(): [number, number, number, number] {
    const [photo, seen] = [frame.getBoundingClientRect(), surface.getBoundingClientRect()];
    const middle = onPhoto({
      x: (Math.max(photo.left, seen.left) + Math.min(photo.right, seen.right)) / 2,
      y: (Math.max(photo.top, seen.top) + Math.min(photo.bottom, seen.bottom)) / 2,
    });
    const half = Math.max(FIRST * seenSide(), SMALLEST_FACE) / 2;
    return [middle.y - half, middle.x + half, middle.y + half, middle.x - half];
  }

  /** The smaller side of what is on the screen of the photo, in pixels of that. */
  function seenSide(): number {
    const [photo, seen] = [frame.getBoundingClientRect(), surface.getBoundingClientRect()];
    const across = Math.min(photo.right, seen.right) - Math.max(photo.left, seen.left);
    const down = Math.min(photo.bottom, seen.bottom) - Math.max(photo.top, seen.top);
    return (Math.min(across, down) * width) / photo.width;
  }

  function onPhoto({ x, y }: { x: number; y: number }): { x: number; y: number } {
    const photo = frame.getBoundingClientRect();
    return {
      x: Math.min(Math.max(((x - photo.left) / photo.width) * width, 0), width),
      y: Math.min(Math.max(((y - photo.top) / photo.height) * height, 0), height),
    };
  }

  const smallest = () =>
    Math.max((SMALLEST_DRAWN * width) / frame.getBoundingClientRect().width, SMALLEST_FACE);

  function show(): void {
    placeAt(box, [top, right, bottom, left], [width, height]);
  }

  function finish(): void {
    onDone([Math.round(top), Math.round(right), Math.round(bottom), Math.round(left)]);
  }

  function move(x: number, y: number): void {
    const dx = Math.min(Math.max(x, -left), width - right);
    const dy = Math.min(Math.max(y, -top), height - bottom);
    [top, right, bottom, left] = [top + dy, right + dx, bottom + dy, left + dx];
  }

  /** Its middle stays where it is. */
  function resize(x: number, y: number): void {
    const half = {
      x: Math.max((right - left) / 2 + x, smallest() / 2),
      y: Math.max((bottom - top) / 2 + y, smallest() / 2),
    };
    const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
    [left, right] = [Math.max(middle.x - half.x, 0), Math.min(middle.x + half.x, width)];
    [top, bottom] = [Math.max(middle.y - half.y, 0), Math.min(middle.y + half.y, height)];
  }

  box.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEP * seenSide();
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const by = steps[event.key];
    if (by) {
      // Up makes it taller, as right makes it wider.
      if (event.shiftKey) resize(by[0] / 2, -by[1] / 2);
      else move(...by);
      show();
    } else if (event.key === 'Enter') finish();
    else if (event.key === 'Escape') onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  show();
  frame.append(box);
  return {
    box,
    hint: HINT,
    start(at) {
      before = [top, right, bottom, left];
      from = onPhoto(at);
    },
    move(at) {
      if (!from) return;
      const to = onPhoto(at);
      [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
      [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
      show();
    },
    end() {
      from = undefined;
      if (right - left >= smallest() && bottom - top >= smallest()) finish();
      else {
        this.cancel();
        onTooSmall();
      }
    },
    cancel() {
      from = undefined;
      [top, right, bottom, left] = before;
      show();
    },
    remove: () => box.remove(),
  };
}
