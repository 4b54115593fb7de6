import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { runCli } from '../support/cli';
import { samplePhoto } from '../support/files';
import { coordinator, type Network, onNetwork, worker } from '../support/queue-machines';
import { describeWithServer, startRedis } from '../support/queue-servers';
import { describeWithFfmpeg, makeClip } from '../support/video';

/*
 * Frames of videos are looked at by the coordinator while workers have the photos: the file is that of one computer.
 */
async function encodeBothWays(network: Network, ...more: string[]): Promise<void> {
  const { cwd, temp, server } = network;
  mkdirSync(temp('photos'));
  const samples = [1, 2, 3, 4].map((n) => samplePhoto(`sample${n}.jpg`));
  makeClip(temp('photos/b.mp4'), samples, { seconds: 2, width: 320, height: 240 });
  for (const [i, photo] of samples.entries()) copyFileSync(photo, temp('photos', `${'aacd'[i]}${i}.jpg`));
  const other = worker(network, 'photos');
  await other.saw(({ event }) => event === 'worker');
  const main = coordinator(network, '--video', '-j', '1', ...more);
  expect(await main.ended).toMatchObject({ code: 0 });
  const alone = ['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle', '--video', '--json'];
  const { code, stdout } = await runCli(alone, { cwd });
  expect(code).toBe(0);
  const { photos, frames, videos, faces } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
  expect(frames).toBeGreaterThan(2);
  expect(main.events.at(-1)).toMatchObject({ event: 'done', photos, frames, videos, faces });
  expect(readFileSync(temp('queue/faces.pickle')).equals(readFileSync(temp('one/faces.pickle')))).toBe(true);
  expect(await server.holds()).toEqual([]);
  // Workers are asked for photos only.
  await other.kill('SIGINT');
  expect(other.events.at(-1)?.photos).toBeLessThanOrEqual(4);
}

describeWithServer('Redis', 'videos', () => {
  describeWithFfmpeg('encode on a queue with videos', () => {
    test(
      'with photos looked at here, too',
      onNetwork(startRedis, (network) => encodeBothWays(network)),
    );
    test(
      'where only workers look at photos',
      onNetwork(startRedis, (network) => encodeBothWays(network, '--no-work')),
    );
  });
});
