/**
 * The coordinator's own worker as a program of its own: a photo that ends it does not end the coordinator, who has the journal.
 * Takes its order by IPC, and ends in good order when that is closed.
 */
import { FaceError, messageOf } from '../base/errors';
import { endThoughHeld } from '../system/end-though-held';
import type { OwnWorkerError, OwnWorkerOrder } from './own-worker';
import { SilentShare } from './photo-share';
import { runQueueWorker } from './worker';

/** After so long what it has in hand is somebody else's. */
const AT_THE_LATEST_MS = 30_000;

const stop = new AbortController();
// Ctrl-C reaches all processes of a terminal, and systemd ends all of a service; the coordinator says when to end.
for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(name, () => {});
process.on('disconnect', () => {
  stop.abort();
  // Nobody would notice that it waits for a server that is away.
  endThoughHeld(AT_THE_LATEST_MS);
});

process.once('message', (order: OwnWorkerOrder) => {
  runQueueWorker({ ...order.work, stop: stop.signal })
    .catch(async (error: unknown) => {
      const code = error instanceof FaceError ? error.code : 'FACE_INTERNAL';
      const passes = error instanceof SilentShare;
      if (passes) endThoughHeld();
      const said: OwnWorkerError = { code, message: messageOf(error), passes };
      if (process.connected) await new Promise((resolve) => process.send?.(said, undefined, {}, resolve));
    })
    .finally(() => {
      if (process.connected) process.disconnect();
    });
});
