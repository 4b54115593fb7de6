import type { EncodeEngine } from '../encode/encode-photo';
import { storeResult } from '../encode/journal/records';
import { drawFace } from '../engine/drawing';
import type { EncodedFace } from '../engine/faces';
import { decodeImage } from '../photos/decode';
import { loadSharp } from '../photos/formats/load-sharp';
import { sha256 } from '../system/sha256';

/*
 * Two computers have to come to the same numbers, to the last bit, or a photo would have one encoding or another depending on who was
 * quicker. Processors with fused multiply-adds (x86 from AVX2 on, arm64) all do by how the kernels are written, those without them
 * do among themselves; and image libraries of one version should. Instead of trusting in that, each worker looks at a known
 * picture: what comes out depends on all that differs.
 */

/** What this machine makes of a known picture: two have the same only if they come to the same numbers on it. */
export async function machineFingerprint(engine: EncodeEngine): Promise<string> {
  const drawing = drawFace();
  const { width, height } = drawing;
  const jpeg = await loadSharp()(Buffer.from(drawing.data), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  const { data } = await decodeImage(jpeg);
  const faces: readonly EncodedFace[] = [
    ...(await engine.detectAndEncode(
      { data, width, height },
      { method: 'hog', mirror: true, confirm: true },
    )),
    ...(await engine.detectAndEncode(drawing, { method: 'cnn', upsample: 0 })),
  ];
  return sha256(JSON.stringify([sha256(data), storeResult({ width, height, faces })]));
}
