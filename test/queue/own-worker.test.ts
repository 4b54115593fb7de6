import child_process, { type ForkOptions } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { OwnWorkerProcess } from '../../src/queue/own-worker';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
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

/** Starts it, with a program that says why it ends, and does. */
function startSaying(error: object) {
  writeFileSync(
    temp('ends.js'),
    `process.once('message', () => process.send(${JSON.stringify(error)}, undefined, {}, () => process.exit()));`,
  );
  const { fork } = child_process;
  const attempts = jest
    .spyOn(child_process, 'fork')
    .mockImplementation((_, options) => fork(temp('ends.js'), [], options as ForkOptions));
  const notes: string[] = [];
  const ends: unknown[] = [];
  const worker = new OwnWorkerProcess({ work: { queue: 'redis://127.0.0.1:1' } }, (note) => notes.push(note));
  worker.start((error) => ends.push(error));
  return { worker, attempts, notes, ends };
}

test('a share that does not answer is told of, and tried again', async () => {
  const message = 'The folder "/photos" has not answered for 5 minutes.';
  const { worker, attempts, notes, ends } = startSaying({ code: 'FACE_IO', message, passes: true });
  while (attempts.mock.calls.length < 2) await wait(20);
  await worker.stop(false);
  expect(notes[0]).toBe(message);
  expect(new Set(notes).size).toBe(1);
  expect(ends).toEqual([]);
});

test('what does not pass ends the run', async () => {
  const message = 'The models are damaged.';
  const { worker, attempts, notes, ends } = startSaying({
    code: 'FACE_MODEL_DAMAGED',
    message,
    passes: false,
  });
  while (ends.length === 0) await wait(20);
  await worker.stop(false);
  expect(ends).toMatchObject([{ code: 'FACE_MODEL_DAMAGED', message }]);
  expect(attempts).toHaveBeenCalledTimes(1);
  expect(notes).toEqual([]);
});
