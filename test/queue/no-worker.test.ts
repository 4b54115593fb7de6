import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFacesOnQueue } from '../../src/queue/encode-on-queue';
import { runQueueWorker } from '../../src/queue/worker';
import { PORTRAITS, useTempFolder } from '../support/files';
import { coordinatorOptions } from '../support/queue-machines';
import { describeWithServer, startRedis } from '../support/queue-servers';

// It is looked ten times as often as in use.
jest.mock('../../src/queue/server', () => ({
  ...jest.requireActual('../../src/queue/server'),
  CHECK_MS: 1_000,
}));

const temp = useTempFolder();

describeWithServer('Redis', 'a coordinator without workers', () => {
  test('says how to start one, once', async () => {
    mkdirSync(temp('photos'));
    copyFileSync(join(PORTRAITS, 'franck_02221.jpg'), temp('photos/anna.jpg'));
    const server = await startRedis();
    const stop = new AbortController();
    try {
      const notes: string[] = [];
      let told = () => {};
      const saidSo = new Promise<void>((resolve) => {
        told = resolve;
      });
      const onNote = (note: string) => {
        notes.push(note);
        told();
      };
      const encoding = encodeFacesOnQueue(coordinatorOptions(server, temp, { onNote }));
      await Promise.race([saidSo, encoding]);
      const worker = runQueueWorker({
        queue: server.url,
        photos: temp('photos'),
        jobs: 1,
        stop: stop.signal,
      });
      expect(await encoding).toMatchObject({ photos: 1, faces: 1 });
      stop.abort();
      await worker;
      expect(notes).toEqual([
        `No worker has taken part yet. Start one: face-cluster-native worker --queue ${server.url}`,
      ]);
    } finally {
      stop.abort();
      await server.remove();
    }
  });
});
