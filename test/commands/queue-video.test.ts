import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { runCli } from '../support/cli';
import { samplePhoto, useTempFolder } from '../support/files';
import { coordinator, endMachines, worker } from '../support/queue-machines';
import { describeWithServer, type QueueServerProcess, startRedis } from '../support/queue-servers';
import { describeWithFfmpeg, makeClip } from '../support/video';

/*
 * Frames of videos are looked at by the coordinator while workers have the photos: the file is that of one computer.
 */
const temp = useTempFolder();

describeWithServer('Redis', 'videos', () => {
  describeWithFfmpeg('encode on a queue with videos', () => {
    let server: QueueServerProcess;
    beforeEach(async () => {
      server = await startRedis();
      mkdirSync(temp('photos'));
      const photos = [1, 2, 3, 4].map((n) => samplePhoto(`sample${n}.jpg`));
      makeClip(temp('photos/b.mp4'), photos, { seconds: 2, width: 320, height: 240 });
      for (const [i, photo] of photos.entries()) copyFileSync(photo, temp('photos', `${'aacd'[i]}${i}.jpg`));
    });
    afterEach(async () => {
      await endMachines();
      await server.remove();
    });

    test.each([
      ['with photos looked at here, too', []],
      ['where only workers look at photos', ['--no-work']],
    ])('%s', async (_, more) => {
      const options = { cwd: temp(), server };
      const other = worker(options, 'photos');
      await other.saw(({ event }) => event === 'worker');
      const main = coordinator(options, '--video', '-j', '1', ...more);
      expect(await main.ended).toMatchObject({ code: 0 });
      const alone = ['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle', '--video', '--json'];
      const { code, stdout } = await runCli(alone, { cwd: temp() });
      expect(code).toBe(0);
      const done = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
      const { photos, frames, videos, faces } = done;
      expect(frames).toBeGreaterThan(2);
      expect(main.events.at(-1)).toMatchObject({ event: 'done', photos, frames, videos, faces });
      expect(readFileSync(temp('queue/faces.pickle')).equals(readFileSync(temp('one/faces.pickle')))).toBe(
        true,
      );
      expect(await server.holds()).toEqual([]);
      // Workers are asked for photos only.
      await other.kill('SIGINT');
      expect(other.events.at(-1)?.photos).toBeLessThanOrEqual(4);
    });
  });
});
