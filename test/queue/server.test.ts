import { QueueServer } from '../../src/queue/server';
import { describeWithServer, type RedisProcess, startPostgres, startRedis } from '../support/queue-servers';

describeWithServer('PostgreSQL', 'a clock that is wrong', () => {
  test('is told of, as jobs would be taken from who works on them', async () => {
    const postgres = await startPostgres();
    const now = Date.now;
    try {
      const server = await QueueServer.connect({ queue: postgres.url, password: postgres.password });
      await server.checkClock();
      for (const [wrong, told] of [
        // To half the time that the server takes to answer.
        [-60_000, /clock of this computer is [56]\d seconds behind/],
        [60_000, /clock of this computer is [56]\d seconds ahead of/],
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

describeWithServer('Redis', 'a server that others keep', () => {
  const forbidden: [string, () => Promise<[RedisProcess, string | undefined]>][] = [
    [
      'to this user',
      async () => {
        const server = await startRedis();
        const rights = ['~face-cluster-native:*', '+@all', '-info', '-config'];
        await server.call('ACL', 'SETUSER', 'anna', 'on', '>geheim', ...rights);
        return [server, 'anna'];
      },
    ],
    [
      'to everybody',
      async () => {
        const renamed = ['INFO', 'CONFIG'].flatMap((name) => ['--rename-command', name, '']);
        return [await startRedis({ options: renamed }), undefined];
      },
    ],
  ];

  test.each(forbidden)('is used where it tells nothing of itself %s', async (_, start) => {
    const [server, user] = await start();
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const address = user === undefined ? server.url : server.url.replace('//', `//${user}@`);
      const queue = await QueueServer.connect({
        queue: address,
        ...(user !== undefined && { password: 'geheim' }),
      });
      await expect(queue.checkKeepsAll()).resolves.toBeUndefined();
      const troubles: string[] = [];
      const jobs = queue.queue('some', true, ({ message }) => troubles.push(message));
      await jobs.add('one', {}, { jobId: 'a_b' });
      expect(await jobs.getWaitingCount()).toBe(1);
      await jobs.close();
      expect(troubles).toEqual([]);
      // Its driver would say so of each connection.
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
      await server.remove();
    }
  });
});
