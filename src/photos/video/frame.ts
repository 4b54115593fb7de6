import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { frameOfVideo, type PhotoId } from '../../base/ids';
import { fsPath } from '../../system/file-name';
import { FARTHEST } from './choose-frames';
import { hasNoIndex } from './containers';
import { runFfmpeg, TELLS, VideoFault } from './ffmpeg';
import type { FramePath } from './frame-path';
import { factsOfVideo, idOfVideo, openVideo, type Video, videoError } from './video';

/** A picture of a video. */
export interface Frame {
  /** A BMP, upright, of 8 bits. */
  readonly bytes: Uint8Array;
  /** Of the video; `undefined` if that was changed while it was read. */
  readonly stats: BigIntStats | undefined;
  /** See `PhotoId`. */
  readonly content: PhotoId;
  readonly taken: string | null;
}

/** What ffmpeg takes: measured, 90 MB for 1080p of H.264, 290 MB for 2160p of HEVC with 10 bits; beside the BMP. */
const PROCESS_BYTES = 60_000_000;
const BYTES_PER_PIXEL = 28;

/** Bytes of a frame as a BMP. */
export function frameBytes({ width, height }: { readonly width: number; readonly height: number }): number {
  return 3 * width * height;
}

/** Bytes that reading a frame takes; 0 if that can't be found out: reading it will tell why. */
export async function frameMemory({ video }: FramePath): Promise<number> {
  const known = await openVideo(video)
    .then((opened) => factsOfVideo(opened, undefined))
    .catch(() => undefined);
  return known ? PROCESS_BYTES + BYTES_PER_PIXEL * known.width * known.height + frameBytes(known) : 0;
}

/** Times are written in thousandths of a second: the picture that is meant is half of one away at most. */
const TOLERANCE = 0.0006;
/** How much earlier to begin in a video without an index: where a jump ends in the middle, what comes next can't be decoded. In seconds. */
const BEGIN_EARLIER = [3, 3 + FARTHEST];

/** As many pixels as photos may have; a decoder that is told to make more gives up. */
const MAX_PIXELS = 0x3fff * 0x3fff;

/** Pictures whose points are not square are stretched to what they show. */
const SQUARE_POINTS = "scale=w='if(between(sar,0.25,4),max(1,round(iw*sar)),iw)':h=ih,setsar=1";

/**
 * Reads the first picture at a time, or behind it: it is decoded from the last one before that is whole in the file.
 * @throws FaceError FACE_IMAGE_NOT_FOUND, FACE_IMAGE_DECODE, FACE_IMAGE_DECODER (it gets no further), FACE_FFMPEG_MISSING, FACE_IO,
 *   FACE_ABORTED
 */
export async function readFrame(
  { video: path, seconds, name }: FramePath,
  signal?: AbortSignal,
): Promise<Frame> {
  const video = await openVideo(path);
  const { taken } = await factsOfVideo(video, signal);
  const id = await idOfVideo(video, signal);
  const bytes = await pictureAt(video, seconds, signal).catch((cause: unknown) => {
    throw videoError(path, cause);
  });
  const after = await stat(fsPath(path), { bigint: true }).catch(() => undefined);
  const isSame = after?.ctimeNs === video.stats.ctimeNs && after.size === video.stats.size;
  return { bytes, stats: isSame ? video.stats : undefined, content: frameOfVideo(id, name), taken };
}

async function pictureAt(video: Video, seconds: number, signal: AbortSignal | undefined): Promise<Buffer> {
  for (const early of hasNoIndex(video.container) ? BEGIN_EARLIER : [0]) {
    const picture = await decoded(video, seconds, Math.min(early, seconds), signal);
    if (picture.length > 0) return picture;
  }
  throw new VideoFault(`there is no picture at ${seconds} seconds`);
}

async function decoded(
  video: Video,
  seconds: number,
  early: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const from = seconds - early + TOLERANCE;
  // Times are told from there on.
  const wanted = early - 2 * TOLERANCE;
  const filters = [TELLS, `select=gte(t\\,${wanted.toFixed(6)})`, SQUARE_POINTS].join(',');
  const chunks: Buffer[] = [];
  const before = [
    '-threads',
    '1',
    '-max_pixels',
    String(MAX_PIXELS),
    '-noaccurate_seek',
    '-ss',
    from.toFixed(6),
  ];
  const after = ['-map', '0:V:0', '-vf', filters, '-frames:v', '1', '-pix_fmt', 'bgr24', '-c:v', 'bmp'];
  await runFfmpeg('ffmpeg', video, before, [...after, '-f', 'image2pipe', 'pipe:1'], {
    signal,
    onOutput: (chunk) => void chunks.push(chunk),
  });
  return Buffer.concat(chunks);
}
