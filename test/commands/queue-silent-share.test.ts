import { execFileSync } from 'node:child_process';
import { coordinator, expectSame, makePhotos, onNetwork, worker } from '../support/queue-machines';
import { describeWithServer, startRedis } from '../support/queue-servers';

const SILENT = require.resolve('../support/silent-share.js');

describeWithServer('Redis', 'a worker whose share does not answer', () => {
  (process.platform === 'win32' ? test.skip : test)(
    'says so, leaves its photos to others, and ends',
    onNetwork(startRedis, async (network) => {
      const { temp } = network;
      await makePhotos(temp('photos'), 20);
      execFileSync('mkfifo', [temp('pipe')]);
      const env = { NODE_OPTIONS: `--require ${JSON.stringify(SILENT)}`, SILENT_SHARE: temp('pipe') };
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
      // Nothing of it was thought to have ended a worker, nor to be a photo's fault.
      expect(main.notes).toEqual([]);
      await expectSame(network);
    }),
  );
});
