import { frameIn } from '../photos/video/frame-path';

/** How many files: a video is one, however many of its frames are looked at. */
export interface FileCount {
  /** Frames of videos are none of these. */
  readonly photos: number;
  readonly videos: number;
}

/** The files that photos, and frames of videos, are in. */
export function photosAndVideos(paths: Iterable<string>): FileCount {
  let photos = 0;
  const videos = new Set<string>();
  for (const path of paths) {
    const frame = frameIn(path);
    if (frame) videos.add(frame.video);
    else photos++;
  }
  return { photos, videos: videos.size };
}
