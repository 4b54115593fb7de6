import { existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { frameOfVideo } from '../../src/base/ids';
import type { RawImage } from '../../src/base/types';
import { type DecodeOptions, decodeImage } from '../../src/photos/decode';
import { photoAt } from '../../src/photos/given';
import { FrameChooser, SMALL_HEIGHT, SMALL_WIDTH } from '../../src/photos/video/choose-frames';
import { runFfmpeg, VideoFault } from '../../src/photos/video/ffmpeg';
import { comparePaths, fileOfPath, frameIn, framePath } from '../../src/photos/video/frame-path';
import { framesOfVideo } from '../../src/photos/video/frames';
import { openVideo, takenAt } from '../../src/photos/video/video';
import { encodeFileName } from '../../src/system/file-name';
import { sha256OfFile } from '../../src/system/sha256';
import { samplePhoto, useTempFolder } from '../support/files';
import { rejection, smallPhoto } from '../support/photos';
import { describeWithFfmpeg, fakeFfmpeg, ffmpeg, makeClip, withPath } from '../support/video';

const temp = useTempFolder();

test('only a time behind the ending of a video names a frame', () => {
  expect(frameIn('a/clip.MP4#t=12.5')).toEqual({ video: 'a/clip.MP4', seconds: 12.5, name: '#t=12.5' });
  // Other spellings of a time are the same frame.
  expect(frameIn('clip.mov#t=07.50')?.name).toBe('#t=7.5');
  for (const photo of ['x.mp4#t=1.jpg', 'x.jpg#t=1', 'x.mp4', 'x.mp4#t=', 'x.mp4#t=-1', '._x.mp4#t=1']) {
    expect([photo, frameIn(photo), fileOfPath(photo)]).toEqual([photo, undefined, photo]);
  }
  expect(fileOfPath(framePath('clip.mkv', 0.125))).toBe('clip.mkv');
});

test('frames are in the order of their times, everything else in that of its name', () => {
  const paths = [
    'a.jpg',
    'b.mp4#t=0',
    'b.mp4#t=3',
    'b.mp4#t=7.5',
    'b.mp4#t=12',
    'b.mp4#t=120',
    'c.mp4#t=1',
    'd#t=1',
  ];
  expect([...paths].reverse().sort(comparePaths)).toEqual(paths);
  expect(comparePaths('b.mp4#t=3', 'b.mp4#t=3')).toBe(0);
});

test('the ids of frames lead back to their video, and differ', () => {
  const video = 'ab'.repeat(32);
  const names = ['#t=0', '#t=0.1', '#t=3', '#t=12.5'];
  const frames = names.map((name) => frameOfVideo(video, name));
  expect(new Set([video, ...frames.map((id) => id.slice(0, 16))]).size).toBe(5);
  for (const [i, id] of frames.entries()) {
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(id.slice(16)).toBe(video.slice(16));
    expect(frameOfVideo(id, names[i] as string)).toBe(video);
  }
});

test('times of videos are as those of photos', () => {
  expect(takenAt('2024-07-31T18:05:09.000000Z')).toBe('2024-07-31T18:05:09+00:00');
  expect(takenAt('2024-07-31T20:05:09+0200')).toBe('2024-07-31T20:05:09+02:00');
  for (const none of [
    undefined,
    '',
    '1904-01-01T00:00:00.000000Z',
    '1970-01-01T00:00:00Z',
    'today',
    '2024-13-99T00:00:00Z',
  ])
    expect(takenAt(none)).toBeNull();
});

describe('which pictures of a video are looked at', () => {
  const scene = (level: number) => new Uint8Array(SMALL_WIDTH * SMALL_HEIGHT).fill(level);
  const someone = (level: number) => scene(level).fill(level + 40, 500, 504);
  const chosen = (frames: readonly [seconds: number, small: Uint8Array][], end?: number, every = 3) => {
    const chooser = new FrameChooser(every);
    for (const [seconds, small] of frames) chooser.add({ seconds, small });
    return chooser.finish(end);
  };
  const seconds = (from: number, to: number, small: (at: number) => Uint8Array) =>
    Array.from({ length: to - from }, (_, i) => [from + i, small(from + i)] as [number, Uint8Array]);

  test('one every so many seconds, if something moves', () => {
    expect(
      chosen(
        seconds(0, 10, (at) => (at % 2 ? someone(80) : someone(100))),
        10,
      ),
    ).toEqual([0, 3, 6, 9]);
  });
  test('one alone of an hour that shows nothing new, and one more when somebody comes in', () => {
    expect(
      chosen(
        seconds(0, 3600, () => scene(90)),
        3600,
      ),
    ).toEqual([0]);
    expect(
      chosen(
        seconds(0, 3600, (at) => (at < 1801 ? scene(90) : someone(90))),
        3600,
      ),
    ).toEqual([0, 1801]);
  });
  test('the beginnings of scenes, however soon', () => {
    expect(chosen([...seconds(0, 4, () => scene(20)), ...seconds(4, 10, () => scene(200))])).toEqual([0, 4]);
    expect(
      chosen([
        [0, scene(20)],
        [1.25, scene(200)],
        [1.5, scene(20)],
        [2.5, scene(90)],
      ]),
    ).toEqual([0, 1.25, 2.5]);
  });
  test('some between pictures that are far apart, and behind the last one', () => {
    expect(
      chosen(
        [
          [0, scene(20)],
          [10, someone(20)],
        ],
        20,
      ),
    ).toEqual([0, 3, 6, 10, 13, 16]);
    expect(chosen([[0, scene(20)]], 5)).toEqual([0, 3]);
    expect(chosen([[0, scene(20)]])).toEqual([0]);
    // Not hours of decoding for a video with one picture that is whole.
    expect(chosen([[0, scene(20)]], 10_000)).toHaveLength(21);
  });
  test('times that make no sense do no harm', () => {
    expect(
      chosen(
        [
          [0, scene(20)],
          [0, someone(20)],
          [-5, someone(20)],
          [2, scene(200)],
        ],
        Number.NaN,
      ),
    ).toEqual([0, 2]);
    expect(chosen([])).toEqual([]);
  });
});

describeWithFfmpeg('videos', () => {
  const photos = [samplePhoto('sample1.jpg'), samplePhoto('sample4.jpg')];

  const frames = async (path: string, every = 3) =>
    (await framesOfVideo(await openVideo(path), every, undefined)).times;

  const decoded = (path: string, options?: DecodeOptions) => decodeImage(path, options);

  /** The mean difference of two pictures' levels, in an eighth of their size: encoding changes single points. */
  async function difference(a: RawImage, b: RawImage): Promise<number> {
    const { default: sharp } = await import('sharp');
    const [x, y] = await Promise.all(
      [a, b].map(({ data, width, height }) =>
        sharp(data, { raw: { width, height, channels: 3 } })
          .resize(64, 48, { fit: 'fill' })
          .raw()
          .toBuffer(),
      ),
    );
    return (
      (x as Buffer).reduce((sum, level, i) => sum + Math.abs(level - ((y as Buffer)[i] as number)), 0) /
      (x as Buffer).length
    );
  }

  test('a frame is what is shown then, upright and of 8 bits', async () => {
    makeClip(temp('clip.mp4'), photos, { width: 640, height: 428 });
    ffmpeg('-i', temp('clip.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', temp('turned.mov'));
    const ten = [
      '-c:v',
      'libx265',
      '-pix_fmt',
      'yuv420p10le',
      '-x265-params',
      'log-level=none',
      '-tag:v',
      'hvc1',
    ];
    ffmpeg('-i', temp('clip.mp4'), ...ten, temp('ten.mp4'));
    const [first, second] = [await decoded(temp('clip.mp4#t=1')), await decoded(temp('clip.mp4#t=5'))];
    expect(first).toMatchObject({ width: 640, height: 428 });
    expect(await difference(first, await smallPhoto('sample1.jpg', 640))).toBeLessThan(6);
    expect(await difference(first, second)).toBeGreaterThan(20);
    expect(await difference(await decoded(temp('ten.mp4#t=5')), second)).toBeLessThan(4);
    const turned = await decoded(temp('turned.mov#t=1'));
    expect(turned).toMatchObject({ width: 428, height: 640 });
    // Turned back, it is the same.
    const { default: sharp } = await import('sharp');
    const { data, width, height } = turned;
    const back = async (angle: number) => ({
      data: await sharp(data, { raw: { width, height, channels: 3 } })
        .rotate(angle)
        .raw()
        .toBuffer(),
      width: height,
      height: width,
    });
    const both = await Promise.all([90, 270].map(async (angle) => difference(await back(angle), first)));
    expect(Math.min(...both)).toBeLessThan(1);
    expect(Math.max(...both)).toBeGreaterThan(20);
  });

  test('each scene is looked at, and a long picture that stands still once', async () => {
    makeClip(temp('two.mp4'), photos, { seconds: 2 });
    expect(await frames(temp('two.mp4'))).toEqual([0, 2]);
    makeClip(temp('still.mp4'), photos.slice(0, 1), { seconds: 120, width: 320, height: 240 });
    // Behind the last whole picture, nothing is known.
    const still = await frames(temp('still.mp4'));
    expect([still[0], still.length <= 9, still.slice(1).every((at) => at > 90)]).toEqual([0, true, true]);
  });

  test.each([
    ['mkv', []],
    ['webm', ['-c:v', 'libvpx', '-b:v', '1M', '-deadline', 'realtime']],
    ['avi', ['-c:v', 'mpeg4', '-q:v', '3']],
    ['mts', ['-f', 'mpegts', '-mpegts_m2ts_mode', '1']],
    ['mpg', ['-c:v', 'mpeg2video', '-r', '25', '-q:v', '3']],
    ['wmv', ['-c:v', 'wmv2', '-q:v', '3']],
    ['3gp', ['-c:v', 'libx264']],
  ])('.%s: the frames that are chosen are those that are read', async (ending, more) => {
    const path = temp(`clip.${ending}`);
    makeClip(path, photos, { more });
    const times = await frames(path);
    expect(times[0]).toBeCloseTo(0, 0);
    const all = await Promise.all(
      times.map(async (at) => ({ at, image: await decoded(framePath(path, at)) })),
    );
    const first = all[0] as (typeof all)[0];
    for (const { at, image } of all) {
      const apart = await difference(first.image, image);
      // Where one photo ends, and the other begins.
      if (at < 3.5) expect([at, apart < 5]).toEqual([at, true]);
      if (at > 4.5) expect([at, apart > 20]).toEqual([at, true]);
    }
    expect(times.some((at) => at > 4.5 || (at >= 3.9 && at < 4.5))).toBe(true);
  });

  test('a frame has the id of its video, and the time when that was made', async () => {
    makeClip(temp('clip.mp4'), photos, { more: ['-metadata', 'creation_time=2021-05-06T07:08:09Z'] });
    const { content, taken, stats } = await photoAt(temp('clip.mp4#t=1.5')).read();
    expect(content).toBe(frameOfVideo(await sha256OfFile(temp('clip.mp4')), '#t=1.5'));
    expect(taken).toBe('2021-05-06T07:08:09+00:00');
    expect(Number(stats?.size)).toBe(readFileSync(temp('clip.mp4')).length);
  });

  test('names that mean something to ffmpeg or a shell, and such as are no UTF-8', async () => {
    makeClip(temp('clip.mp4'), photos.slice(0, 1), { seconds: 1, width: 64, height: 48 });
    const bytes = readFileSync(temp('clip.mp4'));
    const cwd = process.cwd();
    process.chdir(temp());
    try {
      const names = [
        '-y.mp4',
        'concat:a|b.mp4',
        'http:x.mp4',
        '%03d.mp4',
        "a'b;$(x) [1],{2}.mp4",
        'x.mp4#t=1.mp4',
      ];
      for (const name of [...names, ...(process.platform === 'linux' ? ['caf\udce9.mp4'] : [])]) {
        writeFileSync(encodeFileName(name), bytes);
        expect([name, await frames(name)]).toEqual([name, [0]]);
        expect(await decoded(`${name}#t=0`)).toMatchObject({ width: 64, height: 48 });
      }
    } finally {
      process.chdir(cwd);
    }
  });

  test('what is no video, or damaged, is told, and nothing else is done', async () => {
    makeClip(temp('clip.mp4'), photos, { seconds: 1 });
    const bytes = readFileSync(temp('clip.mp4'));
    const why = async (name: string, content: Buffer | string) => {
      writeFileSync(temp(name), content);
      const failure = await rejection(frames(temp(name)));
      expect([name, await rejection(decoded(temp(`${name}#t=0`)))]).toMatchObject([
        name,
        { code: failure.code },
      ]);
      return failure;
    };
    ffmpeg('-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac', temp('audio.m4a'));
    expect(await why('audio.mp4', readFileSync(temp('audio.m4a')))).toMatchObject({
      code: 'FACE_IMAGE_DECODE',
      path: temp('audio.mp4'),
      message: `The video "${temp('audio.mp4')}" can't be read: there are no moving pictures in it.`,
    });
    expect((await why('empty.mp4', '')).message).toMatch(/it is empty/);
    expect((await why('text.mp4', 'hello '.repeat(100))).message).toMatch(/does not begin as a video/);
    const moov = bytes.indexOf('moov');
    expect((await why('no-index.mp4', bytes.subarray(0, moov))).code).toBe('FACE_IMAGE_DECODE');
    expect((await why('noise.mp4', Buffer.concat([bytes.subarray(0, 40), Buffer.alloc(5000, 7)]))).code).toBe(
      'FACE_IMAGE_DECODE',
    );
    ffmpeg('-i', temp('clip.mp4'), '-c', 'copy', '-frames:v', '0', temp('nothing.mp4'));
    expect((await rejection(frames(temp('nothing.mp4')))).code).toBe('FACE_IMAGE_DECODE');
    expect(await rejection(frames(temp('gone.mp4')))).toMatchObject({ code: 'FACE_IMAGE_NOT_FOUND' });
    expect(await rejection(decoded(temp('clip.mp4#t=99')))).toMatchObject({
      code: 'FACE_IMAGE_DECODE',
      message: expect.stringContaining('no picture at 99 seconds'),
    });
    // Of one that is cut off, what there is.
    ffmpeg('-i', temp('clip.mp4'), '-c', 'copy', temp('cut.mkv'));
    truncateSync(temp('cut.mkv'), Math.floor(readFileSync(temp('cut.mkv')).length * 0.6));
    expect((await frames(temp('cut.mkv')))[0]).toBe(0);
  });

  test('a playlist under the name of a video opens no other file, and nothing on the network', async () => {
    makeClip(temp('other.mp4'), photos, { seconds: 1 });
    let asked = 0;
    const server = createServer((_, answer) => {
      asked++;
      answer.end();
    }).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    try {
      const { port } = server.address() as AddressInfo;
      const playlists = {
        'hls.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:${port}/x.ts\n#EXTINF:1,\nfile://${temp('other.mp4')}\n#EXT-X-ENDLIST\n`,
        'concat.mp4': `ffconcat version 1.0\nfile '${temp('other.mp4')}'\nfile 'http://127.0.0.1:${port}/x.mp4'\n`,
        'sdp.mp4': `v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video ${port} RTP/AVP 96\n`,
        'dash.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://127.0.0.1:${port}/</BaseURL></MPD>`,
      };
      for (const [name, text] of Object.entries(playlists)) {
        writeFileSync(temp(name), text);
        expect([name, await rejection(frames(temp(name)))]).toMatchObject([
          name,
          { code: 'FACE_IMAGE_DECODE' },
        ]);
        // Behind the beginning of a video, where ours is not the last word.
        writeFileSync(temp(name), Buffer.concat([Buffer.from('\0\0\0\x08free'), Buffer.from(text)]));
        expect([name, await rejection(frames(temp(name)))]).toMatchObject([
          name,
          { code: 'FACE_IMAGE_DECODE' },
        ]);
      }
      // As subtitles in an AVI, which are looked at by what they begin with.
      makeClip(temp('clip.avi'), photos, { seconds: 1, more: ['-c:v', 'mpeg4'] });
      const head = Buffer.from(`GAB2\0\x02\0\0\0\0\0\x04\0${' '.repeat(4)}`, 'latin1');
      const avi = readFileSync(temp('clip.avi'));
      writeFileSync(temp('clip.avi'), Buffer.concat([avi, head, Buffer.from(playlists['hls.mp4'])]));
      await frames(temp('clip.avi'));
      expect(asked).toBe(0);
    } finally {
      server.close();
    }
  });

  test('what is stopped is stopped at once, also in the middle of a video', async () => {
    makeClip(temp('clip.mp4'), photos, { seconds: 1 });
    const bin = fakeFfmpeg(temp('bin'), `echo $$ > '${temp('pid')}'; exec /bin/sleep 1000`);
    const stop = new AbortController();
    const video = await openVideo(temp('clip.mp4'));
    const failed = withPath(bin, () => rejection(framesOfVideo(video, 3, stop.signal)));
    while (!existsSync(temp('pid')) || readFileSync(temp('pid'), 'utf8') === '')
      await new Promise(setImmediate);
    stop.abort();
    expect(await failed).toMatchObject({ code: 'FACE_ABORTED' });
    const pid = Number(readFileSync(temp('pid'), 'utf8'));
    const isRunning = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isRunning()) await new Promise(setImmediate);
    // Who asks anew is not told of it.
    expect(await frames(temp('clip.mp4'))).toEqual([0, 1]);
  });

  test('an ffmpeg that gets no further is ended', async () => {
    makeClip(temp('clip.mp4'), photos, { seconds: 1 });
    const bin = fakeFfmpeg(temp('bin'), 'exec /bin/sleep 1000');
    const video = await openVideo(temp('clip.mp4'));
    const run = { signal: undefined, onOutput: () => {}, stalledAfter: 20 };
    const failure = await withPath(bin, () => rejection(runFfmpeg('ffmpeg', video, [], [], run)));
    expect(failure).toBeInstanceOf(VideoFault);
    expect(failure.message).toMatch(/got no further/);
  });

  test('without ffmpeg it is said how to get it', async () => {
    makeClip(temp('clip.mp4'), photos, { seconds: 1 });
    expect(await withPath(temp(), () => rejection(decoded(temp('clip.mp4#t=0'))))).toMatchObject({
      code: 'FACE_FFMPEG_MISSING',
      message: expect.stringMatching(/apt install ffmpeg.*brew install ffmpeg/),
    });
  });

  test('a video that has become another one is read anew', async () => {
    makeClip(temp('clip.mp4'), photos.slice(0, 1), { seconds: 1, width: 64, height: 48 });
    makeClip(temp('next.mp4'), photos.slice(1), { seconds: 1, width: 96, height: 64 });
    const before = await photoAt(temp('clip.mp4#t=0')).read();
    renameSync(temp('next.mp4'), temp('clip.mp4'));
    const after = await photoAt(temp('clip.mp4#t=0')).read();
    expect(after.content).not.toBe(before.content);
    expect(await decoded(temp('clip.mp4#t=0'))).toMatchObject({ width: 96, height: 64 });
  });
});
