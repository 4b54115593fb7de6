import { copyFileSync, mkdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { runCli } from '../support/cli';
import { samplePhoto, useTempFolder } from '../support/files';
import { describeWithFfmpeg, makeClip } from '../support/video';

const temp = useTempFolder();

describeWithFfmpeg('the command with videos', () => {
  const photos = [1, 2, 3, 4, 5, 6].map((n) => samplePhoto(`sample${n}.jpg`));
  const encode = (name: string, ...args: string[]) => [
    'encode',
    'clips',
    '-d',
    'hog',
    '-e',
    `${name}/faces.pickle`,
    ...args,
  ];
  const run = (args: string[]) => runCli(args, { cwd: temp() });

  function addClip(): void {
    mkdirSync(temp('clips'));
    makeClip(temp('clips/clip.mp4'), photos, { seconds: 2, width: 320, height: 240 });
    utimesSync(temp('clips/clip.mp4'), 1e9, 1e9);
  }

  test('killed in the middle of a video, it goes on there, to the same file', async () => {
    addClip();
    expect(await run(encode('whole', '--video'))).toMatchObject({ code: 0 });
    const all = statSync(temp('whole/faces.pickle.journal')).size;
    const killed = await runCli(encode('cut', '--video', '-j', '1'), {
      cwd: temp(),
      onSpawn: (child) => {
        const look = () => {
          const size = statSync(temp('cut/faces.pickle.journal'), { throwIfNoEntry: false })?.size ?? 0;
          if (size > all / 3) child.kill('SIGKILL');
          else if (child.exitCode === null) setImmediate(look);
        };
        look();
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    const next = await run(encode('cut', '--video'));
    expect(next).toMatchObject({ code: 0 });
    expect(next.stdout).toMatch(/faces? in \d+ frames of 1 video/);
    expect(readFileSync(temp('cut/faces.pickle'))).toEqual(readFileSync(temp('whole/faces.pickle')));
  });

  test('what was known is told in photos and videos, not in frames', async () => {
    addClip();
    copyFileSync(photos[0] as string, temp('clips/photo.jpg'));
    const first = await run(encode('out', '--video'));
    expect(first.stderr).toContain('Encoding: 1 photo and 1 video\n');
    expect(first.stdout).toMatch(/ in 1 photo and \d+ frames of 1 video/);
    expect(first.stdout).toMatch(/\(\d+\.\d photos and frames a second\)/);
    expect(first.stdout).not.toContain('Known:');
    const second = await run(encode('out', '--video'));
    expect(second.stderr).toMatch(/^1 photo and 1 video known from before \(/m);
    expect(second.stdout).toMatch(/^Known: +1 photo and 1 video, .*; 0 done now$/m);
    const mirror = await run(encode('out', '--video', '--mirror'));
    expect(mirror.stdout).toMatch(/^Mirrored: +1 photo and 1 video known from before,/m);
    const fresh = await run(encode('out', '--video', '--fresh', '--json'));
    const events = fresh.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.find(({ event }) => event === 'note').message).toBe(
      'Starting over: what was known of 1 photo and 1 video is forgotten.',
    );
    expect(events.filter(({ phase }) => phase === 'encode').at(-1).files).toEqual({
      done: { photos: 1, videos: 1 },
      total: { photos: 1, videos: 1 },
    });
    const stderr = (await run(encode('out', '--video', '--upsample', '2'))).stderr;
    expect(stderr).toMatch(/^1 photo and 1 video were encoded with --upsample 1 before,/m);
  });

  test('sort does not count frames as new photos', async () => {
    addClip();
    copyFileSync(photos[0] as string, temp('clips/photo.jpg'));
    const sort = (...args: string[]) => run(['sort', 'clips', '-d', 'hog', '--no-open', ...args]);
    expect(await sort()).toMatchObject({ code: 0, stdout: expect.stringMatching(/ on 1 photo\b/) });
    const { stdout } = await sort('--video');
    const [, frames] =
      / on 1 photo and (\d+) frames of 1 video.*, 1 new video looked at\n/.exec(stdout) ?? [];
    expect(Number(frames)).toBeGreaterThan(1);
    expect((await sort()).stdout).toMatch(/ of 1 video.*, 0 new photos looked at\n/);
  });

  test('without --video it says that there is such a thing; --video-every is enough', async () => {
    addClip();
    const without = await run(encode('out'));
    expect(without).toMatchObject({ code: 1 });
    expect(without.stderr).toContain('1 video: --video looks for faces in them, too');
    const { code, stdout } = await run(encode('out', '--video-every', '5', '--json'));
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.filter(({ phase }) => phase === 'videos').at(-1)).toMatchObject({ done: 1, total: 1 });
    expect(events.at(-1)).toMatchObject({ event: 'done', videos: 1, problems: 0 });
    expect(events.at(-1).frames).toBe(events.at(-1).photos);
    const never = await run(encode('out', '--video-every', '0'));
    expect(never).toMatchObject({ code: 2 });
    expect(never.stderr).toContain('of at least 0.1 for --video-every but received 0');
  });
});
