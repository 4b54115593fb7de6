import { FaceError } from '../base/errors';
import { type NativeDetect, native } from '../native';
import { DEFAULT_MAX_PIXELS } from '../photos/decode';

/** Bytes that working on a photo of this size may take beside its pixels: with the least it takes longest. */
export type WorkingMemory = (
  width: number,
  height: number,
) => { readonly least: number; readonly most: number };

/** As many pixels as the largest photo allowed has when it is upsampled once, the default. */
const MAX_UPSAMPLED_PIXELS = 4 * DEFAULT_MAX_PIXELS;

/** Aligning and encoding faces takes next to nothing beside the photo. */
export const NONE: WorkingMemory = () => ({ least: 0, most: 0 });

export function memoryToDetect(detect: NativeDetect): WorkingMemory {
  return (width, height) => {
    checkUpsampledSize(width, height, detect);
    return native().Engine.detectionMemory({ ...detect, width, height });
  };
}

export function memoryToConfirm(confirm: boolean): WorkingMemory {
  return confirm ? () => native().Engine.confirmationMemory() : NONE;
}

/** What two pieces of work take that are done one after the other. */
export function largerOf(one: WorkingMemory, other: WorkingMemory): WorkingMemory {
  return (width, height) => {
    const [a, b] = [one(width, height), other(width, height)];
    return { least: Math.max(a.least, b.least), most: Math.max(a.most, b.most) };
  };
}

function checkUpsampledSize(
  width: number,
  height: number,
  { upsample, detectSize }: Pick<NativeDetect, 'upsample' | 'detectSize'>,
): void {
  const scale = detectSize === 0 ? 1 : Math.min(1, detectSize / Math.max(width, height));
  const pixels = Math.round(width * height * scale ** 2 * 4 ** upsample);
  if (pixels <= MAX_UPSAMPLED_PIXELS) return;
  throw new FaceError(
    'FACE_IMAGE_TOO_LARGE',
    `With upsample ${upsample}, this photo of ${width} x ${height} pixels would have ${pixels} pixels, ` +
      `more than the ${MAX_UPSAMPLED_PIXELS} allowed.`,
    { remedy: 'Use a smaller upsample or detectSize, or make the photo smaller.' },
  );
}
