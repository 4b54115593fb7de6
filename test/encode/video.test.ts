import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhotoProblem } from '../../src/base/photo-problem';
import type { VideoProgress } from '../../src/encode/video-frames';
import { readEncodings } from '../../src/encodings/encodings';
import { useEncodeRuns } from '../support/encode-runs';
import { samplePhoto, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { describeWithFfmpeg, fakeFfmpeg, makeClip, withPath } from '../support/video';

/* What comes of videos in a run. The engine is a stand-in: a picture is told by its width. */
const temp = useTempFolder();
const { encodings, inPhotos, addPhoto, run } = useEncodeRuns(temp);

/** Long ago: what is known of a file that has just been written is not believed. */
const settle = (path: string) => utimesSync(path, 1e9, 1e9);

describeWithFfmpeg('encode with videos', () => {
  const scenes = ['sample1.jpg', 'sample4.jpg', 'sample6.jpg'].map(samplePhoto);

  function addClip(name: string, photos = scenes, width = 64): void {
    mkdirSync(join(temp(), 'photos'), { recursive: true });
    makeClip(inPhotos(name), photos, { seconds: 2, width, height: 48 });
    settle(inPhotos(name));
  }

  const paths = async () => (await readEncodings(encodings())).map(({ imagePath }) => imagePath);
  /** No program that is called ffmpeg, or ffprobe, does anything then but fail. */
  const withoutWork = <T>(work: () => Promise<T>) => withPath(fakeFfmpeg(temp('bin'), 'exit 7'), work);

  test('videos are left out unless they are wanted, and then their frames are photos', async () => {
    addPhoto('a.bmp', 1);
    addPhoto('z.bmp', 2);
    addClip('clip.mp4');
    const without = await run();
    expect(without).toMatchObject({
      photos: 2,
      videos: 0,
      frames: 0,
      worked: [1, 2],
      leftOut: { unread: { video: 1 } },
    });
    const told: VideoProgress[] = [];
    const all = await run({ video: true, onVideo: (progress) => told.push(progress) });
    expect(all).toMatchObject({ photos: 5, videos: 1, frames: 3, worked: [64, 64, 64], problems: [] });
    expect(all.leftOut.unread).toEqual({});
    expect(told).toEqual([
      { done: 0, total: 1 },
      { done: 1, total: 1 },
    ]);
    const frames = [0, 2, 4].map((at) => `${inPhotos('clip.mp4')}#t=${at}`);
    expect(await paths()).toEqual([inPhotos('a.bmp'), ...frames, inPhotos('z.bmp')]);
    // Without them again, nothing stands in the way, and their faces are gone.
    expect(await run({ video: false })).toMatchObject({ photos: 2, worked: [] });
    expect(await paths()).toEqual([inPhotos('a.bmp'), inPhotos('z.bmp')]);
  });

  test('the second run does not even call ffmpeg; nor does one after the video was moved, or copied', async () => {
    addClip('clip.mp4');
    const first = await run({ video: true });
    await withoutWork(async () => {
      expect(await run({ video: true })).toMatchObject({
        worked: [],
        photosKnown: 3,
        files: { known: { photos: 0, videos: 1 }, done: { photos: 0, videos: 0 } },
        report: { photos: 0, videos: 1 },
        bytes: first.bytes,
      });
      mkdirSync(inPhotos('2020'));
      renameSync(inPhotos('clip.mp4'), inPhotos('2020/film.mp4'));
      cpSync(inPhotos('2020/film.mp4'), inPhotos('again.MP4'));
      expect(await run({ video: true })).toMatchObject({
        worked: [],
        videos: 2,
        frames: 6,
        photosKnown: 6,
        problems: [],
      });
    });
    expect((await paths()).filter((path) => path.startsWith(inPhotos('2020/film.mp4#t=')))).toHaveLength(3);
  });

  test('another distance between frames takes what it has of others', async () => {
    addClip('clip.mp4');
    await run({ video: true });
    const every = await run({ video: { every: 20 } });
    // No scene is to be looked at sooner than a quarter of that.
    expect(every).toMatchObject({ frames: 1, worked: [] });
    expect(await run({ video: { every: 0.5 } })).toMatchObject({ frames: expect.any(Number) });
    expect(await rejection(run({ video: { every: 0 } }))).toMatchObject({
      code: 'FACE_INVALID_ARGUMENT',
      argument: 'video.every',
    });
    expect(await rejection(run({ video: 'yes' as unknown as boolean }))).toMatchObject({ argument: 'video' });
  });

  test('a video that can not be read is told, and all else goes on', async () => {
    addPhoto('a.bmp', 1);
    addClip('clip.mp4');
    for (const name of ['bad.mp4', 'none.mov'])
      writeFileSync(inPhotos(name), '#EXTM3U\nfile:///etc/passwd\n');
    const problems: PhotoProblem[] = [];
    const result = await run({ video: true, onProblem: (problem) => problems.push(problem) });
    expect(result).toMatchObject({ photos: 4, videos: 1, frames: 3, faces: 4, photosFailed: 0, problems });
    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      [inPhotos('bad.mp4'), 'FACE_IMAGE_DECODE'],
      [inPhotos('none.mov'), 'FACE_IMAGE_DECODE'],
    ]);
    rmSync(inPhotos('a.bmp'));
    rmSync(inPhotos('clip.mp4'));
    expect(await rejection(run({ video: true, fresh: true }))).toMatchObject({ code: 'FACE_NO_IMAGES' });
    expect(await rejection(run({ video: true, fresh: true, strict: true }))).toMatchObject({
      path: inPhotos('bad.mp4'),
    });
  });

  test('without ffmpeg, photos go on, and one line says how to get it', async () => {
    addPhoto('a.bmp', 1);
    addClip('clip.mp4');
    addClip('more.mov');
    const result = await withPath(temp(), () => run({ video: true }));
    expect(result).toMatchObject({ photos: 1, worked: [1], videos: 0 });
    expect(result.problems).toMatchObject([
      {
        code: 'FACE_FFMPEG_MISSING',
        reason: expect.stringMatching(/^2 videos were left out: .*sudo apt install ffmpeg/),
      },
    ]);
    expect(await run({ video: true })).toMatchObject({ photos: 7, videos: 2, problems: [] });
  });

  test('stopped in the middle of a video, it goes on there', async () => {
    addClip('clip.mp4', [...scenes, ...['sample2.jpg', 'sample5.jpg', 'sample3.jpg'].map(samplePhoto)]);
    const stop = new AbortController();
    const stopped = run({
      video: true,
      jobs: 1,
      stop: stop.signal,
      onProgress: ({ done, files }) => {
        expect(files).toEqual({ done: { photos: 0, videos: 0 }, total: { photos: 0, videos: 1 } });
        if (done === 2) stop.abort();
      },
    });
    expect(await rejection(stopped)).toMatchObject({ code: 'FACE_ABORTED' });
    const next = await run({ video: true });
    expect(next.files).toMatchObject({ known: { videos: 0 }, done: { videos: 1 } });
    expect(next.frames).toBeGreaterThan(3);
    expect(next.photosKnown).toBeGreaterThanOrEqual(2);
    expect(next.worked).toHaveLength(next.frames - next.photosKnown);
    expect(next.bytes).toEqual((await run({ video: true, fresh: true })).bytes);
  });

  test('a folder of videos that is not there any more takes nothing along', async () => {
    addPhoto('a.bmp', 1);
    addClip('clip.mp4');
    await run({ video: true });
    const before = readFileSync(encodings());
    mkdirSync(join(temp(), 'other'));
    renameSync(inPhotos('a.bmp'), join(temp(), 'other/a.bmp'));
    const elsewhere = run({ video: true, dataset: join(temp(), 'other') });
    expect(await rejection(elsewhere)).toMatchObject({ code: 'FACE_ENCODINGS_OTHER_PHOTOS' });
    expect(readFileSync(encodings())).toEqual(before);
    // Moved there, it is the same collection.
    renameSync(inPhotos('clip.mp4'), join(temp(), 'other/clip.mp4'));
    expect(await run({ video: true, dataset: join(temp(), 'other') })).toMatchObject({
      worked: [],
      photos: 4,
    });
  });
});
