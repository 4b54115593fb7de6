import { execFileSync } from 'node:child_process';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { notOnWindows } from '../support/platform';
import { coordinator, expectSame, makePhotos, onNetwork, worker } from '../support/queue-machines';
import { describeWithServer, startRedis } from '../support/queue-servers';

const PRELOAD = {
  NODE_OPTIONS: `--require ${JSON.stringify(require.resolve('../support/silent-share.js'))}`,
};

const temp = useTempFolder();

notOnWindows('a worker that is stopped before its share has answered at all says so, and ends', async () => {
  execFileSync('mkfifo', [temp('pipe')]);
  const args = ['worker', '--queue', 'redis://127.0.0.1:1', '--photos', temp(), '--json'];
  const stopped = await runCli(args, {
    cwd: temp(),
    env: {
      ...PRELOAD,
      SILENT_SHARE: temp('pipe'),
      SILENT_AFTER: '0',
    },
    onStdout: (text, child) => {
      if (text.split('\n').length === 2) child.kill('SIGINT');
    },
  });
  expect(stopped.signal).toBe('SIGKILL');
  expect(stopped.stdout).toMatch(/"event":"error","code":"FACE_ABORTED"/);
  expect(stopped.stderr).toBe('Stopped.\n');
});

describeWithServer('Redis', 'a worker whose share does not answer', () => {
  notOnWindows(
    'says so, leaves its photos to others, and ends',
    onNetwork(startRedis, async (network) => {
      const { temp } = network;
      await makePhotos(temp('photos'), 20);
      execFileSync('mkfifo', [temp('pipe')]);
      const env = { ...PRELOAD, SILENT_SHARE: temp('pipe') };
      const held = worker({ ...network, env }, 'photos');
      const main = coordinator(network, '--no-work');
      const { code, message } = await held.saw(({ event }) => event === 'error');
      expect(code).toBe('FACE_IO');
      expect(message).toMatch(
        /^The folder ".*photos" has not answered for a minute\. Look whether the computer/,
      );
      // What it waits for holds it.
      expect(await held.ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(main.isRunning).toBe(true);
      worker(network, 'photos');
      expect(await main.ended).toEqual({ code: 0, signal: null });
      // Nothing of it was thought to have ended a worker, nor to be a photo's fault. A worker may have been slow to begin.
      expect(main.notes.filter((note) => !note.startsWith('No worker has taken part yet'))).toEqual([]);
      await expectSame(network);
    }),
  );
});
