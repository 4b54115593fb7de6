/*
 * Looking closer at the photo in the viewer: by the wheel, two fingers, or a double click; and moving it, which turns the page
 * where there is nothing to move. The browser's own gestures are switched off there by CSS.
 */

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Takes what one finger, or the mouse with its button down, does in place of moving the photo. */
export interface DragHandler {
  start(at: Point): void;
  move(at: Point): void;
  end(): void;
  /** A second finger has come, or the browser has taken over. */
  cancel(): void;
}

export interface Zoom {
  /** Takes what is to be zoomed, from its whole on; `undefined`: nothing. It lies in the middle of the stage's `surface`. */
  reset(frame: HTMLElement | undefined): void;
  /** As seen from the whole photo: 1 or more. */
  readonly scale: number;
  /** @param at what stays where it is on the screen; default: the middle */
  by(factor: number, at?: Point): void;
  /** Moves the photo, in pixels of the screen. */
  pan(right: number, down: number): void;
  /** Shows the whole photo. */
  whole(): void;
  /** Set while something else is done by dragging. */
  dragging: DragHandler | undefined;
}

/** One press of a key, and a double click. */
export const KEY_STEP = 1.5;
const DOUBLE_CLICK = 2.5;

/** How far it can be zoomed: a pixel of the photo covers that many of the screen's, or the whole that many times its size. */
const LARGEST_PIXEL = 4;
const LEAST_LARGEST = 8;

/** From here on a finger or the mouse moves something, in CSS pixels. */
const DRAG = 6;
/** A movement of a finger across the photo that counts as turning the page, in CSS pixels. */
const SWIPE = 50;
/** Two taps that are one double tap. */
const DOUBLE_TAP = { ms: 300, apart: 30 };

/**
 * @param stage what is listened to
 * @param surface what the photo lies in
 * @param onTurn told that the page is to be turned: forward is 1, back is -1
 */
export function zoomOn(stage: HTMLElement, surface: HTMLElement, onTurn: (by: 1 | -1) => void): Zoom {
  let frame: HTMLElement | undefined;
  let scale = 1;
  /** Where the middle of the photo is, from the middle of the surface. */
  let [x, y] = [0, 0];
  /** Who touches the stage, and where. */
  const pointers = new Map<number, Point>();
  let began: { at: Point; x: number; y: number } | undefined;
  let pinch: { apart: number; middle: Point } | undefined;
  let moved = false;
  let lastTap: { at: Point; when: number } | undefined;
  let byTouch = false;

  function draw(): void {
    if (!frame) return;
    frame.style.transform =
      scale === 1 && x === 0 && y === 0 ? '' : `translate(${x}px, ${y}px) scale(${scale})`;
    frame.style.setProperty('--zoom', String(scale));
    stage.classList.toggle('zoomed', scale > 1);
  }

  /** No edge of the photo comes further in than it has to. */
  function clamp(): void {
    if (!frame) return;
    const roomX = Math.max(0, (scale * frame.offsetWidth - surface.clientWidth) / 2);
    const roomY = Math.max(0, (scale * frame.offsetHeight - surface.clientHeight) / 2);
    x = Math.min(Math.max(x, -roomX), roomX);
    y = Math.min(Math.max(y, -roomY), roomY);
  }

  function middleOfSurface(): Point {
    const { left, top, width, height } = surface.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  function largest(): number {
    const photo = frame?.querySelector('img');
    const own = frame && photo ? (LARGEST_PIXEL * photo.naturalWidth) / frame.offsetWidth : 0;
    return Math.max(LEAST_LARGEST, own);
  }

  function by(factor: number, at?: Point): void {
    const to = Math.min(Math.max(scale * factor, 1), largest());
    const middle = middleOfSurface();
    const from = at ?? middle;
    x = from.x - middle.x - ((from.x - middle.x - x) * to) / scale;
    y = from.y - middle.y - ((from.y - middle.y - y) * to) / scale;
    scale = to;
    clamp();
    draw();
  }

  function pan(right: number, down: number): void {
    x += right;
    y += down;
    clamp();
    draw();
  }

  function whole(): void {
    [scale, x, y] = [1, 0, 0];
    draw();
  }

  const toggle = (at: Point) => (scale > 1 ? whole() : by(DOUBLE_CLICK, at));

  /** What has been dragged springs back; the browser draws that. */
  function settle(): void {
    frame?.classList.add('settling');
    clamp();
    draw();
  }

  function begin(at: Point): void {
    began = { at, x, y };
    moved = false;
    frame?.classList.remove('settling');
  }

  stage.addEventListener('pointerdown', (event) => {
    if (!isOnPhoto(event) || (event.pointerType === 'mouse' && event.button !== 0)) return;
    byTouch = event.pointerType !== 'mouse';
    pointers.set(event.pointerId, pointOf(event));
    if (pointers.size === 1) {
      begin(pointOf(event));
      zoom.dragging?.start(pointOf(event));
    } else if (pointers.size === 2) {
      zoom.dragging?.cancel();
      pinch = pinchOf(pointers);
      moved = true;
      began = undefined;
    }
    // Else the mouse would mark the photo and the words around it.
    if (event.pointerType === 'mouse' && !(event.target as Element).closest('a, button'))
      event.preventDefault();
  });

  stage.addEventListener('pointermove', (event) => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, pointOf(event));
    if (pinch && pointers.size === 2) {
      const now = pinchOf(pointers);
      by(now.apart / pinch.apart, now.middle);
      pan(now.middle.x - pinch.middle.x, now.middle.y - pinch.middle.y);
      pinch = now;
      return;
    }
    if (!began) return;
    const [right, down] = [event.clientX - began.at.x, event.clientY - began.at.y];
    if (!moved && Math.hypot(right, down) < DRAG) return;
    // What is let go of elsewhere is let go of, too. Not before: a click would not reach what it is on.
    if (!moved) stage.setPointerCapture(event.pointerId);
    moved = true;
    if (zoom.dragging) zoom.dragging.move(pointOf(event));
    else if (scale > 1) {
      [x, y] = [began.x + right, began.y + down];
      clamp();
      draw();
    } else if (byTouch) {
      x = right;
      draw();
    }
  });

  function released(event: PointerEvent, cancelled: boolean): void {
    if (!pointers.delete(event.pointerId)) return;
    const from = began;
    if (pinch) {
      pinch = undefined;
      const [left] = pointers.values();
      if (left) {
        // The finger that is left moves the photo on.
        began = { at: left, x, y };
      } else settle();
      return;
    }
    began = undefined;
    if (!from) return;
    if (zoom.dragging) {
      if (cancelled || !moved) zoom.dragging.cancel();
      else zoom.dragging.end();
      return;
    }
    const at = pointOf(event);
    if (scale === 1 && byTouch && moved) {
      const [right, down] = [at.x - from.at.x, at.y - from.at.y];
      settle();
      if (!cancelled && Math.abs(right) >= SWIPE && Math.abs(right) >= 2 * Math.abs(down)) {
        onTurn(right < 0 ? 1 : -1);
      }
      return;
    }
    if (!byTouch || moved || cancelled) return;
    const double =
      lastTap &&
      event.timeStamp - lastTap.when < DOUBLE_TAP.ms &&
      Math.hypot(at.x - lastTap.at.x, at.y - lastTap.at.y) < DOUBLE_TAP.apart;
    if (double) toggle(at);
    lastTap = double ? undefined : { at, when: event.timeStamp };
  }
  stage.addEventListener('pointerup', (event) => released(event, false));
  stage.addEventListener('pointercancel', (event) => released(event, true));
  // What was moved was not meant to be clicked.
  stage.addEventListener(
    'click',
    (event) => {
      if (moved && isOnPhoto(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
  stage.addEventListener('dblclick', (event) => {
    if (!byTouch && !zoom.dragging && isOnPhoto(event)) toggle(pointOf(event));
  });
  stage.addEventListener(
    'wheel',
    (event) => {
      if (!isOnPhoto(event)) return;
      event.preventDefault();
      frame?.classList.remove('settling');
      // Mice tell lines, trackpads pixels; two fingers on a trackpad come with Ctrl, in small steps.
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 * event.deltaY : event.deltaY;
      by(Math.exp((event.ctrlKey ? -0.01 : -0.002) * pixels), pointOf(event));
    },
    { passive: false },
  );
  new ResizeObserver(() => {
    clamp();
    draw();
  }).observe(surface);

  const isOnPhoto = ({ target }: Event) => target === stage || surface.contains(target as Node);

  const zoom: Zoom = {
    reset(next) {
      frame = next;
      whole();
    },
    get scale() {
      return scale;
    },
    by,
    pan,
    whole,
    dragging: undefined,
  };
  return zoom;
}

function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}

function pinchOf(pointers: ReadonlyMap<number, Point>): { apart: number; middle: Point } {
  const [one, other] = [...pointers.values()] as [Point, Point];
  return {
    apart: Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)),
    middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 },
  };
}
