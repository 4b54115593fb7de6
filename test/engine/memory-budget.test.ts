import {
  type Admission,
  MemoryBudget,
  type MemoryNeed,
  processBudget,
  type Reading,
} from '../../src/engine/memory-budget';
import { randomIntegers } from '../support/pickle-bytes';

/** Lets everything that can go on go on. */
const settled = () => new Promise(setImmediate);

const need = (pixels: number, least: number, most = least, decoding = 0): MemoryNeed => ({
  pixels,
  decoding,
  least,
  most,
});

/** Asks for a photo's memory; `admission` is there as soon as it was let in. */
function ask(budget: MemoryBudget, wanted: MemoryNeed, signal?: AbortSignal) {
  const state: { admission?: Admission; error?: unknown } = {};
  budget.admit(wanted, signal).then(
    (admission) => {
      state.admission = admission;
    },
    (error: unknown) => {
      state.error = error;
    },
  );
  return state;
}

test('photos wait until there is room, in their order', async () => {
  const budget = new MemoryBudget(100, 8);
  const first = ask(budget, need(60, 0));
  const large = ask(budget, need(50, 0));
  const small = ask(budget, need(10, 0));
  await settled();
  expect([first, large, small].map(({ admission }) => admission !== undefined)).toEqual([true, false, false]);
  first.admission?.release();
  await settled();
  expect([large, small].map(({ admission }) => admission !== undefined)).toEqual([true, true]);
});

test('a photo that is too large for the limit is let in alone, with the least it can be done with', async () => {
  const budget = new MemoryBudget(100, 2);
  const small = ask(budget, need(10, 5));
  const huge = ask(budget, need(200, 30, 500));
  await settled();
  expect(huge.admission).toBeUndefined();
  small.admission?.release();
  const next = ask(budget, need(10, 5));
  await settled();
  expect(huge.admission?.working).toBe(30);
  expect(next.admission).toBeUndefined();
  huge.admission?.release();
  await settled();
  expect(next.admission).toBeDefined();
});

test('only what as many photos as there are workers need for work counts; the others are decoded meanwhile', async () => {
  const budget = new MemoryBudget(100, 1);
  // 10 + 10 + 10 for the pixels and 40 for the one that is worked on.
  const photos = [1, 2, 3].map(() => ask(budget, need(10, 40)));
  await settled();
  expect(photos.every(({ admission }) => admission)).toBe(true);
});

test('what decoding takes counts until it is done', async () => {
  const budget = new MemoryBudget(100, 4);
  const first = ask(budget, need(20, 0, 0, 60));
  const second = ask(budget, need(20, 0, 0, 60));
  await settled();
  expect(second.admission).toBeUndefined();
  first.admission?.decoded();
  await settled();
  expect(second.admission).toBeDefined();
});

test('each photo gets what makes it fastest, as far as its share goes', async () => {
  const budget = new MemoryBudget(300, 2);
  const small = ask(budget, need(10, 5, 50));
  const large = ask(budget, need(40, 5, 500));
  await settled();
  expect(small.admission?.working).toBe(50);
  expect(large.admission?.working).toBe(60);
});

test('one that is aborted while it waits leaves its place to the next', async () => {
  const budget = new MemoryBudget(100, 4);
  ask(budget, need(60, 0));
  const stop = new AbortController();
  const given = ask(budget, need(60, 0), stop.signal);
  const next = ask(budget, need(40, 0));
  await settled();
  stop.abort();
  await settled();
  expect(given.error).toMatchObject({ code: 'FACE_ABORTED' });
  expect(next.admission).toBeDefined();
});

test('the limit holds whatever comes and goes, and everybody gets in at last', async () => {
  const random = randomIntegers(1);
  const limit = 1000;
  const workers = 3;
  const budget = new MemoryBudget(limit, workers);
  const inHand = new Set<{ pixels: number; working: number }>();
  let done = 0;
  const photos = Array.from({ length: 500 }, async () => {
    const wanted = need(1 + random(300), random(100), 100 + random(400), random(50));
    const admission = await budget.admit(wanted);
    const photo = { pixels: wanted.pixels, working: admission.working };
    inHand.add(photo);
    const working = [...inHand].map((p) => p.working).sort((a, b) => b - a);
    const used =
      [...inHand].reduce((sum, p) => sum + p.pixels, 0) +
      working.slice(0, workers).reduce((a, b) => a + b, 0);
    expect(used).toBeLessThanOrEqual(limit);
    for (let turns = random(4); turns >= 0; turns--) await settled();
    admission.decoded();
    for (let turns = random(4); turns >= 0; turns--) await settled();
    inHand.delete(photo);
    admission.release();
    done++;
  });
  await Promise.all(photos);
  expect(done).toBe(500);
});

describe('files, before what is in them is known', () => {
  /** Asks for memory to read a file; `reading` is there as soon as it may be read. */
  function askToRead(budget: MemoryBudget, bytes: number, signal?: AbortSignal) {
    const state: { reading?: Reading; error?: unknown } = {};
    budget.read(bytes, signal).then(
      (reading) => {
        state.reading = reading;
      },
      (error: unknown) => {
        state.error = error;
      },
    );
    return state;
  }

  test('are read as long as those that wait for the rest fit into a share', async () => {
    const budget = new MemoryBudget(100, 4);
    const files = [10, 8, 10, 1].map((bytes) => askToRead(budget, bytes));
    await settled();
    expect(files.map(({ reading }) => reading !== undefined)).toEqual([true, true, false, false]);
    files[0]?.reading?.release();
    await settled();
    expect(files.map(({ reading }) => reading !== undefined)).toEqual([true, true, true, true]);
  });

  test('one that is larger than all that is allowed is read alone', async () => {
    const budget = new MemoryBudget(100, 4);
    const photo = ask(budget, need(10, 0));
    await settled();
    const huge = askToRead(budget, 500);
    const other = askToRead(budget, 1);
    await settled();
    expect([huge.reading, other.reading]).toEqual([undefined, undefined]);
    photo.admission?.release();
    await settled();
    expect(huge.reading).toBeDefined();
    expect(other.reading).toBeUndefined();
    huge.reading?.release();
    await settled();
    expect(other.reading).toBeDefined();
  });

  test('count until their photo is let in, which counts them itself', async () => {
    const budget = new MemoryBudget(100, 1);
    const first = ask(budget, need(40, 0));
    const file = askToRead(budget, 50);
    await settled();
    expect(file.reading).toBeDefined();
    // 40 + 50 are taken.
    const late = ask(budget, need(20, 0));
    await settled();
    expect(late.admission).toBeUndefined();
    const own = budget.admit(need(5, 0, 0, 50), undefined, file.reading);
    first.admission?.release();
    expect((await own).working).toBe(0);
    await settled();
    expect(late.admission).toBeDefined();
  });

  test('a photo whose file has been read goes before files that are yet to be', async () => {
    const budget = new MemoryBudget(100, 1);
    const first = ask(budget, need(90, 0));
    const read = askToRead(budget, 5);
    const photo = ask(budget, need(60, 0));
    const file = askToRead(budget, 5);
    await settled();
    expect(read.reading).toBeDefined();
    expect(file.reading).toBeUndefined();
    first.admission?.release();
    await settled();
    expect([photo.admission, file.reading].every(Boolean)).toBe(true);
  });

  test('one that is aborted while it waits leaves its place to the next', async () => {
    const budget = new MemoryBudget(100, 1);
    const photo = ask(budget, need(90, 0));
    const stop = new AbortController();
    const aborted = askToRead(budget, 30, stop.signal);
    const next = askToRead(budget, 10);
    await settled();
    expect(next.reading).toBeUndefined();
    stop.abort();
    await settled();
    expect(aborted.error).toMatchObject({ code: 'FACE_ABORTED' });
    expect(next.reading).toBeDefined();
    photo.admission?.release();
  });

  test('the limit holds for files and photos together, and everybody gets in at last', async () => {
    const random = randomIntegers(2);
    const [limit, workers] = [1000, 3];
    const budget = new MemoryBudget(limit, workers);
    let files = 0;
    let photos = 0;
    const waitAMoment = async () => {
      for (let turns = random(4); turns >= 0; turns--) await settled();
    };
    const all = Array.from({ length: 300 }, async () => {
      const bytes = 1 + random(200);
      const pixels = 1 + random(300);
      const reading = await budget.read(bytes);
      files += bytes;
      expect(files + photos).toBeLessThanOrEqual(limit);
      await waitAMoment();
      const admission = await budget.admit(need(pixels, 0, 0, bytes), undefined, reading);
      files -= bytes;
      photos += pixels + bytes;
      expect(files + photos).toBeLessThanOrEqual(limit + pixels + bytes);
      await waitAMoment();
      photos -= pixels + bytes;
      admission.release();
    });
    await Promise.all(all);
    expect([files, photos]).toEqual([0, 0]);
  });
});

describe('two budgets of one process, as of two engines, or of an engine and a clustering', () => {
  const MB = 1e6;
  // 200 MB are left for what is no photo.
  const budgets = () => [processBudget(300 * MB, 1), processBudget(400 * MB, 1)] as const;

  test('share the memory: what one has in hand the other does not have', async () => {
    const [small, large] = budgets();
    const first = ask(large, need(90 * MB, 0));
    const second = ask(small, need(20 * MB, 0));
    await settled();
    expect([first.admission !== undefined, second.admission]).toEqual([true, undefined]);
    first.admission?.release();
    await settled();
    expect(second.admission).toBeDefined();
    second.admission?.release();
  });

  test('have one queue: the one with less memory gets its turn however much the other has to do', async () => {
    const [small, large] = budgets();
    const first = ask(large, need(150 * MB, 0));
    const waiting = ask(small, need(90 * MB, 0));
    const later = ask(large, need(20 * MB, 0));
    await settled();
    expect([waiting.admission, later.admission]).toEqual([undefined, undefined]);
    first.admission?.release();
    await settled();
    expect([waiting.admission, later.admission].every(Boolean)).toBe(true);
    waiting.admission?.release();
    later.admission?.release();
  });

  test('a photo that needs more than there is gets in when nobody else has one in hand', async () => {
    const [small, large] = budgets();
    const first = ask(large, need(10 * MB, 0));
    const huge = ask(small, need(500 * MB, 0));
    await settled();
    expect(huge.admission).toBeUndefined();
    first.admission?.release();
    await settled();
    expect(huge.admission).toBeDefined();
    huge.admission?.release();
  });
});
