import { forEachConcurrent } from '../../src/system/jobs';

const turn = () => new Promise(setImmediate);

test('of a source that goes on while it is worked on, no more is asked for than there is room for', async () => {
  let given = 0;
  let done = 0;
  async function* source() {
    while (given < 20) {
      expect(given - done).toBeLessThan(3);
      await turn();
      yield given++;
    }
  }
  const seen: number[] = [];
  await forEachConcurrent(source(), 3, undefined, async (item, index) => {
    expect(index).toBe(item);
    await turn();
    seen.push(item);
    done++;
  });
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('an error ends the source as well: it may have files or a connection open', async () => {
  let closed = false;
  async function* source() {
    try {
      for (let i = 0; ; i++) {
        await turn();
        yield i;
      }
    } finally {
      closed = true;
    }
  }
  const failing = forEachConcurrent(source(), 2, undefined, async (item) => {
    if (item === 5) throw new Error('out of paper');
  });
  await expect(failing).rejects.toThrow('out of paper');
  expect(closed).toBe(true);
});

test('what a source throws is thrown, once the calls under way have settled', async () => {
  let settled = 0;
  async function* source() {
    yield 1;
    throw new Error('the queue is gone');
  }
  const failing = forEachConcurrent(source(), 2, undefined, async () => {
    for (let i = 0; i < 5; i++) await turn();
    settled++;
  });
  await expect(failing).rejects.toThrow('the queue is gone');
  expect(settled).toBe(1);
});
