import { FrameChooser, SMALL_HEIGHT, SMALL_WIDTH } from './choose-frames';
import { runFfmpeg, TELLS, VideoFault } from './ffmpeg';
import { factsOfVideo, type Video, type VideoFacts, videoError } from './video';

/** To be raised when other pictures of a video are chosen than before. */
export const CHOICE_REVISION = 1;

/** Which pictures of a video are to be looked at. */
export interface VideoFrames extends Pick<VideoFacts, 'width' | 'height'> {
  /** In seconds, at least one; see `chooseFrames`. */
  readonly times: readonly number[];
}

const SMALL_BYTES = SMALL_WIDTH * SMALL_HEIGHT;

/**
 * Chooses pictures of a video, see {@link FrameChooser}: looks at all that are whole in the file, in a small size. A minute of a
 * camera's takes a second; nothing else of it is decoded.
 * @param every about how many seconds apart
 * @throws FaceError FACE_FFMPEG_MISSING; FACE_IMAGE_DECODE if ffmpeg can't read it or there is no picture in it; FACE_IMAGE_DECODER if it
 *   gets no further; FACE_ABORTED
 */
export async function framesOfVideo(
  video: Video,
  every: number,
  signal: AbortSignal | undefined,
): Promise<VideoFrames> {
  const { width, height, end } = await factsOfVideo(video, signal);
  const chooser = new FrameChooser(every);
  const times: number[] = [];
  let small = Buffer.alloc(SMALL_BYTES);
  let filled = 0;
  const pictures: Buffer[] = [];
  // What is told of a picture, and the picture, come by different ways.
  const take = () => {
    while (times.length > 0 && pictures.length > 0) {
      chooser.add({ seconds: times.shift() as number, small: pictures.shift() as Buffer });
    }
  };
  const size = `scale=${SMALL_WIDTH}:${SMALL_HEIGHT}:flags=area,format=gray`;
  // In microseconds they are told, and then counted: none is to be left out, or come twice, for its time.
  const filters = [size, 'settb=AVTB', TELLS, 'settb=1/25', 'setpts=N'].join(',');
  const before = ['-threads', '1', '-skip_frame', 'nokey'];
  const after = ['-map', '0:V:0', '-vf', filters, '-r', '25', '-f', 'rawvideo', 'pipe:1'];
  await runFfmpeg('ffmpeg', video, before, after, {
    signal,
    onOutput: (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        const taken = chunk.copy(small, filled, at);
        at += taken;
        filled += taken;
        if (filled < SMALL_BYTES) break;
        pictures.push(small);
        small = Buffer.alloc(SMALL_BYTES);
        filled = 0;
      }
      take();
    },
    onFrame: (line) => {
      const pts = /\bpts:\s*(\d+)/.exec(line)?.[1];
      // Before its beginning, a video has nothing to jump to.
      times.push(Number(pts ?? 0) / 1e6);
      take();
    },
  }).catch((cause: unknown) => {
    throw videoError(video.path, cause);
  });
  const chosen = chooser.finish(end);
  if (chosen.length === 0)
    throw videoError(video.path, new VideoFault('there is no picture in it that can be decoded'));
  return { width, height, times: chosen };
}
