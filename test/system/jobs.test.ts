import { forEachConcurrent } from '../../src/system/jobs';

const turn = () => new Promise(setImmediate);

test('items are begun in their order, and no more are under way than there is room for', async () => {
  let underWay = 0;
  const seen: number[] = [];
  await forEachConcurrent(new Set([0, 1, 2, 3, 4, 5, 6]), 3, undefined, async (item, index) => {
    expect(index).toBe(item);
    expect(++underWay).toBeLessThanOrEqual(3);
    seen.push(item);
    await turn();
    underWay--;
  });
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('what a call throws is thrown, once the calls under way have settled; no other is begun', async () => {
  const settled: number[] = [];
  const failing = forEachConcurrent([0, 1, 2, 3], 2, undefined, async (item) => {
    if (item === 0) throw new Error('out of paper');
    for (let i = 0; i < 5; i++) await turn();
    settled.push(item);
  });
  await expect(failing).rejects.toThrow('out of paper');
  expect(settled).toEqual([1]);
});
