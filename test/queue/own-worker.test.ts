import child_process, { type ForkOptions } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { OwnWorkerProcess } from '../../src/queue/own-worker';

afterEach(() => jest.restoreAllMocks());

test('that no process can be started is told once, and tried again', async () => {
  const { fork } = child_process;
  const attempts = jest
    .spyOn(child_process, 'fork')
    // As the system says it: by an event, and for some reasons at once.
    .mockImplementation((program, options) => {
      if (attempts.mock.calls.length === 2) throw new Error('spawn ENOMEM');
      return fork(program, [], { ...(options as ForkOptions), execPath: '/nowhere' });
    });
  const notes: string[] = [];
  const ends: unknown[] = [];
  const worker = new OwnWorkerProcess({ work: { queue: 'redis://127.0.0.1:1' } }, (note) => notes.push(note));
  worker.start((error) => ends.push(error));
  while (attempts.mock.calls.length < 3) await wait(20);
  await worker.stop(false);
  expect(notes).toEqual([expect.stringMatching(/could not be started \(.*ENOENT\); it is tried again/)]);
  expect(ends).toEqual([]);
});
