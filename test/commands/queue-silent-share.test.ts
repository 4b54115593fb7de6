import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { coordinator, expectSame, makePhotos, onNetwork, until, worker } from '../support/queue-machines';
import { describeWithServer, startRedis } from '../support/queue-servers';

const SILENT = require.resolve('../support/silent-share.js');

describeWithServer('Redis', 'a worker whose share does not answer', () => {
  (process.platform === 'win32' ? test.skip : test)(
    'says so, leaves its photos to others, and ends',
    onNetwork(startRedis, async (network) => {
      const { temp } = network;
      await makePhotos(temp('photos'), 200);
      cpSync(temp('photos'), temp('mnt'), { recursive: true });
      const pipe = temp('pipe');
      const env = { NODE_OPTIONS: `--require ${JSON.stringify(SILENT)}`, SILENT_SHARE: pipe };
      const held = worker({ ...network, env }, 'mnt');
      const main = coordinator(network, '--no-work');
      await until(() => main.done > 0);
      execFileSync('mkfifo', [pipe]);
      const { code, message } = await held.saw(({ event }) => event === 'error');
      expect(code).toBe('FACE_IO');
      expect(message).toMatch(
        /^The folder ".*mnt" has not answered for a minute\. Look whether the computer/,
      );
      // What it waits for holds it.
      expect(await held.ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(main.isRunning).toBe(true);
      const done = main.done;
      worker(network, 'photos');
      expect(await main.ended).toEqual({ code: 0, signal: null });
      expect(done).toBeLessThan(200);
      // Nothing of it was thought to have ended a worker, nor to be a photo's fault.
      expect(main.notes).toEqual([]);
      await expectSame(network);
    }),
  );
});
