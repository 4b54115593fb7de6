import { QueueServer } from '../../src/queue/server';
import { describeWithServer, startPostgres } from '../support/queue-servers';

describeWithServer('PostgreSQL', 'a clock that is wrong', () => {
  test('is told of, as jobs would be taken from who works on them', async () => {
    const postgres = await startPostgres();
    const now = Date.now;
    try {
      const server = await QueueServer.connect({ queue: postgres.url, password: postgres.password });
      await server.checkClock();
      for (const [wrong, told] of [
        [-60_000, /clock of this computer is (59|60) seconds behind/],
        [60_000, /clock of this computer is (60|61) seconds ahead of/],
      ] as const) {
        Date.now = () => now() + wrong;
        await expect(server.checkClock()).rejects.toMatchObject({
          code: 'FACE_QUEUE',
          message: expect.stringMatching(told),
        });
      }
    } finally {
      Date.now = now;
      await postgres.remove();
    }
  });
});

test('an address is told without the password, wherever that stands', async () => {
  for (const queue of [
    'postgres://faces:geheim@127.0.0.1:1/faces',
    'postgres://faces@127.0.0.1:1/faces?password=geheim',
  ]) {
    const failure = await QueueServer.connect({ queue }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'FACE_QUEUE',
      message: expect.stringContaining("can't be reached"),
    });
    expect(String(failure)).not.toContain('geheim');
  }
});
