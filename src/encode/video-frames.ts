import { stat } from 'node:fs/promises';
import { FaceError } from '../base/errors';
import { frameOfVideo, type PhotoId } from '../base/ids';
import { type PhotoProblem, problemOf } from '../base/photo-problem';
import { FFMPEG_REMEDY } from '../photos/video/ffmpeg';
import { frameBytes } from '../photos/video/frame';
import { type FramePath, frameIn, framePath } from '../photos/video/frame-path';
import { CHOICE_REVISION, framesOfVideo } from '../photos/video/frames';
import { idOfVideo, openVideo } from '../photos/video/video';
import { fsPath } from '../system/file-name';
import { forEachConcurrent } from '../system/jobs';
import type { Journal } from './journal/journal';
import { photoState } from './journal/photo-state';

/** How far a job is with choosing the frames of videos. */
export interface VideoProgress {
  /** Number of videos whose frames are chosen. */
  readonly done: number;
  /** Number of videos found. */
  readonly total: number;
}

/** @internal */
export interface FrameOptions {
  readonly journal: Journal;
  /** About how many seconds apart. */
  readonly every: number;
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: VideoProgress) => void;
}

/** A frame to look for faces on. */
export interface FoundFrame {
  readonly path: string;
  /** Its id. */
  readonly content: PhotoId;
  /** Of its pixels. */
  readonly bytes: number;
}

/** The frames of videos. */
export interface FoundFrames {
  /** By the paths of the videos, in their order; none of those that can't be read. */
  readonly frames: ReadonlyMap<string, readonly FoundFrame[]>;
  /** Ids of the videos. */
  readonly videos: ReadonlySet<PhotoId>;
  /** What could not be read, in the order of the videos. */
  readonly problems: readonly PhotoProblem[];
}

/**
 * Chooses the frames of videos, or takes those that the journal has; each choice is in the journal before the next. A video that has
 * not changed is not even opened, and one that was moved is read, but not decoded.
 * @throws FaceError what concerns more than one video; FACE_IO if the journal can't be written; FACE_ABORTED
 * @internal
 */
export async function findFrames(
  videos: readonly string[],
  { journal, every, jobs, signal, onProgress }: FrameOptions,
): Promise<FoundFrames> {
  const ids = new Set<PhotoId>();
  const found = new Array<readonly FoundFrame[] | PhotoProblem | undefined>(videos.length).fill(undefined);
  let done = 0;
  onProgress({ done, total: videos.length });
  await forEachConcurrent(videos, jobs, signal, async (path, index, aborted) => {
    const frames = await framesOf(path, ids, { journal, every }, aborted).catch((error: unknown) =>
      problemOf(path, error),
    );
    found[index] = frames;
    onProgress({ done: ++done, total: videos.length });
  });
  const problems = found.flatMap((one) => (one && 'code' in one ? one : []));
  const others = problems.filter(({ code }) => code !== 'FACE_FFMPEG_MISSING');
  const [first] = problems.filter((problem) => !others.includes(problem));
  return {
    frames: new Map(
      videos.flatMap((path, i) => {
        const frames = found[i];
        return frames && !('code' in frames) ? [[path, frames]] : [];
      }),
    ),
    videos: ids,
    problems: [...(first ? [withoutFfmpeg(first.path, problems.length - others.length)] : []), ...others],
  };
}

async function framesOf(
  path: string,
  ids: Set<PhotoId>,
  { journal, every }: Pick<FrameOptions, 'journal' | 'every'>,
  signal: AbortSignal,
): Promise<FoundFrame[]> {
  const video = await openVideo(path);
  const state = photoState(video.stats);
  const content = journal.contentOf(path, state) ?? (await idOfVideo(video, signal));
  const known = journal.framesOf(content);
  const isKnown = known?.every === every && known.revision === CHOICE_REVISION;
  const { width, height, times } = isKnown ? known : await framesOfVideo(video, every, signal);
  const after = await stat(fsPath(path), { bigint: true }).catch(() => undefined);
  const identity = { path, content, state: after && photoState(after) === state ? state : undefined };
  if (isKnown) await journal.recognize(identity);
  else await journal.addFrames(identity, { every, revision: CHOICE_REVISION, width, height, times });
  ids.add(content);
  return times.map((seconds) => {
    const frame = framePath(path, seconds);
    const { name } = frameIn(frame) as FramePath;
    return { path: frame, content: frameOfVideo(content, name), bytes: frameBytes({ width, height }) };
  });
}

/** One for all of them: there is one thing to do about it. */
function withoutFfmpeg(path: string, count: number): PhotoProblem {
  const what = count === 1 ? `The video "${path}" was` : `${count.toLocaleString('en')} videos were`;
  const { code, message: reason } = new FaceError(
    'FACE_FFMPEG_MISSING',
    `${what} left out: the pictures in a video are read by ffmpeg, which is not installed.`,
    { remedy: FFMPEG_REMEDY },
  );
  return { path, code, reason, remedy: FFMPEG_REMEDY };
}
