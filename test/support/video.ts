import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hasFfmpeg = ['ffmpeg', 'ffprobe'].every(
  (program) => spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0,
);

/** `describe`; where ffmpeg is not installed, it is skipped, and a line says so. */
export function describeWithFfmpeg(name: string, tests: () => void): void {
  if (hasFfmpeg) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`SKIPPED "${name}": no ffmpeg. Run: sudo apt-get install ffmpeg\n`);
  describe.skip(name, () => {
    test('needs ffmpeg', () => {});
  });
}

/** Runs ffmpeg. @throws with what it says if it fails */
export function ffmpeg(...args: readonly string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface ClipOptions {
  /** Seconds that each photo is shown. Default 4. */
  readonly seconds?: number;
  /** Default 640x480. */
  readonly width?: number;
  readonly height?: number;
  /** Pictures from one that is whole to the next; by default each photo begins with one, as encoders do it. */
  readonly gop?: number;
  /** Of x264's options and of the file's. */
  readonly more?: readonly string[];
}

/** Makes a video that shows photos one after the other, 10 pictures a second. */
export function makeClip(
  path: string,
  photos: readonly string[],
  { seconds = 4, width = 640, height = 480, gop = 250, more = [] }: ClipOptions = {},
): void {
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
  const stay = `loop=loop=${10 * seconds - 1}:size=1,settb=1/10,setpts=N`;
  const graph = photos.map((_, i) => `[${i}:v]${fit},${stay}[v${i}];`).join('');
  const inputs = photos.flatMap((photo) => ['-i', photo]);
  const all = photos.map((_, i) => `[v${i}]`).join('');
  ffmpeg(
    ...inputs,
    ...['-filter_complex', `${graph}${all}concat=n=${photos.length}:v=1[v]`, '-map', '[v]'],
    ...[
      '-r',
      '10',
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-g',
      String(gop),
      ...more,
      path,
    ],
  );
}

/**
 * A folder for `PATH` with programs that only do what `script` says, in place of ffmpeg and ffprobe. What a script needs has to be
 * called by its whole path.
 */
export function fakeFfmpeg(folder: string, script: string, programs = ['ffmpeg', 'ffprobe']): string {
  mkdirSync(folder, { recursive: true });
  for (const name of programs) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Does something with another `PATH`. */
export async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
  }
}
