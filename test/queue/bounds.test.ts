import type { PhotoEncoder, PhotoOutcome, PhotoToEncode } from '../../src/encode/encode-photo';
import { MOST_WORKERS, type WorkerCard } from '../../src/queue/messages';
import { RunControl } from '../../src/queue/run-control';
import { thisWorker } from '../../src/queue/terms';
import { WorkHere } from '../../src/queue/work-here';
import { WorkersOfRun } from '../../src/queue/workers-of-run';

/*
 * What a coordinator keeps does not grow with what others send, nor by much with what it has yet to do.
 */
const card = (number: number): WorkerCard =>
  thisWorker(number.toString(16).padStart(16, '0'), 1, 'f'.repeat(64));
const report = (number: number) => ({
  protocol: 1 as const,
  run: '0'.repeat(16),
  worker: card(number),
  photos: 1,
});

test('of workers without end, those that were heard of last are known', () => {
  const workers = new WorkersOfRun();
  for (let i = 0; i < MOST_WORKERS; i++) workers.hear(report(i));
  workers.hear(report(0));
  for (let i = 0; i < 10; i++) workers.hear(report(MOST_WORKERS + i));
  const ids = new Set(workers.states.map(({ id }) => id));
  expect(ids.size).toBe(MOST_WORKERS);
  expect(ids.has(card(0).id)).toBe(true);
  expect(ids.has(card(1).id)).toBe(false);
  expect(ids.has(card(MOST_WORKERS + 9).id)).toBe(true);
});

test('somebody who says something else each time is not told on without end', () => {
  const said: string[] = [];
  const control = new RunControl('redis://here', undefined, undefined, (note) => said.push(note));
  for (let i = 0; i < 5_000; i++) control.say(`${i} can't take part.`);
  expect(said.length).toBe(1_000);
});

/** An encoder that does as it is told, and how many photos it has in hand. */
function encoder() {
  const inHand: { photo: PhotoToEncode; done: () => void }[] = [];
  const encode = (photo: PhotoToEncode) =>
    new Promise<PhotoOutcome>((resolve) => {
      const problem = { path: photo.path, code: 'FACE_IMAGE_DECODE', reason: '' } as const;
      inHand.push({ photo, done: () => resolve({ problem, known: false }) });
    });
  return { inHand, local: { encode } as unknown as PhotoEncoder };
}

const frames = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ path: `clip.mp4#t=${i}`, bytes: 3 }));

test('frames wait in a list, and are done in its order, some at a time', async () => {
  const { inHand, local } = encoder();
  const done: string[] = [];
  const control = new RunControl('redis://here', undefined, undefined, () => {});
  const here = new WorkHere(local, 2, control, ({ path }) => done.push(path));
  const all = frames(1_000);
  for (const frame of all) here.take(frame);
  expect([here.size, inHand.length]).toEqual([1_000, 4]);
  while (here.size > 0) {
    inHand.shift()?.done();
    await new Promise(setImmediate);
    expect(inHand.length).toBeLessThanOrEqual(4);
  }
  expect(done).toEqual(all.map(({ path }) => path));
  // One that comes later is done, too.
  here.take({ path: 'clip.mp4#t=2000', bytes: 3 });
  expect([here.size, inHand.length]).toEqual([1, 1]);
});

test('stopped, those in hand are finished, and no other is begun', async () => {
  const { inHand, local } = encoder();
  const done: string[] = [];
  const stop = new AbortController();
  const control = new RunControl('redis://here', undefined, stop.signal, () => {});
  const here = new WorkHere(local, 1, control, ({ path }) => done.push(path));
  for (const frame of frames(100)) here.take(frame);
  stop.abort();
  for (const { done } of inHand.splice(0)) done();
  await control.until(() => here.size === 0);
  expect(done).toEqual(['clip.mp4#t=0', 'clip.mp4#t=1']);
  expect(inHand).toEqual([]);
});

test('what concerns more than a photo ends the run', async () => {
  const local = {
    encode: async () => Promise.reject(new Error('the disk is full')),
  } as unknown as PhotoEncoder;
  const control = new RunControl('redis://here', undefined, undefined, () => {});
  const here = new WorkHere(local, 1, control, () => {});
  for (const frame of frames(10)) here.take(frame);
  await expect(control.until(() => false)).rejects.toThrow('the disk is full');
});
