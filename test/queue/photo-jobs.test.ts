import type { PhotoToEncode } from '../../src/encode/encode-photo';
import { type JobMessage, MOST_SENT } from '../../src/queue/messages';
import type { Pending } from '../../src/queue/pending-photos';
import { PhotoJobs, type PhotoJobsOptions } from '../../src/queue/photo-jobs';
import { RunControl } from '../../src/queue/run-control';
import { sha256 } from '../../src/system/sha256';

/*
 * How photos are divided into jobs: some seconds each, and towards the end ever fewer photos, so that workers end together.
 */
interface Situation {
  readonly send?: boolean;
  /** Pixels a second of the slowest, and photos at once of all; without, nobody is known yet. */
  readonly slowest?: number;
  readonly photosAtOnce?: number;
}

type Job = Pick<JobMessage, 'photos'> & { readonly id: string };

class Photos {
  readonly sent: Job[] = [];
  readonly jobs: PhotoJobs<PhotoToEncode>;
  readonly #control = new RunControl('redis://here', undefined, undefined, () => {});
  readonly #pending: Map<string, Pending<PhotoToEncode>>;
  #left: number;
  readonly #all: readonly Pending<PhotoToEncode>[];

  constructor(photos: readonly { bytes: number; pixels: number }[], { send = false, ...workers }: Situation) {
    this.#left = photos.length;
    this.#all = photos.map(({ bytes, pixels }, i) => {
      const path = `/photos/${i}.jpg`;
      const content = sha256(path);
      const waiting = [{ photo: { path, bytes }, identity: { path, content, state: undefined } }];
      const data = send ? Buffer.alloc(bytes) : undefined;
      return { content, waiting, bytes, pixels, data, job: undefined, refusals: 0, isPart: false };
    });
    this.#pending = new Map(this.#all.map((one) => [one.content, one]));
    const options = {
      control: this.#control,
      queues: { add: async (id: string, job: Job) => void this.sent.push({ ...job, id }) },
      pending: {
        has: () => true,
        get: (content: string) => this.#pending.get(content),
        pixelsPerEstimated: 1,
      },
      // Enough to have room for all that is not sent.
      workers: { taken: 1_000, ...workers },
      announcer: { begin: async () => {} },
      here: undefined,
      method: 'hog',
      left: () => this.#left,
      ...{ folder: '/photos', send },
    };
    this.jobs = new PhotoJobs(options as unknown as PhotoJobsOptions<PhotoToEncode>);
  }

  /** Puts all, one after the other, as they are read. */
  async putAll(): Promise<number[]> {
    for (const one of this.#all) {
      this.#left--;
      await this.jobs.put(one);
    }
    await this.jobs.flush();
    return this.sent.map(({ photos }) => photos.length);
  }

  /** All of a job is done. */
  async end({ id, photos }: Job): Promise<void> {
    for (const { content } of photos) this.#pending.delete(content);
    await this.jobs.again(id, 'FACE_INTERNAL', '', undefined as never);
    this.#control.changed.ring();
  }
}

const like = (count: number, pixels: number, bytes = 1e6) =>
  Array.from({ length: count }, () => ({ bytes, pixels }));

/** When workers end that take jobs in their order, as many as they have at hand, and need one second for a photo. */
function ends(sizes: readonly number[], workers: number): number[] {
  const inHand = Array.from({ length: workers }, () => ({ at: 0, jobs: [] as number[] }));
  const queue = [...sizes];
  for (let second = 0; queue.length > 0 || inHand.some(({ jobs }) => jobs.length > 0); second++) {
    for (const worker of inHand) {
      while (worker.jobs.length < 2 && queue.length > 0) worker.jobs.push(queue.shift() as number);
      const [first, ...rest] = worker.jobs;
      if (first === undefined) continue;
      worker.at = second + 1;
      worker.jobs = first > 1 ? [first - 1, ...rest] : rest;
    }
  }
  return inHand.map(({ at }) => at);
}

test.each([
  ['30 photos, nobody is known yet', 30, {}, 2],
  ['30 photos, two workers', 30, { slowest: 12e6, photosAtOnce: 2 }, 2],
  ['31 photos, two workers', 31, { slowest: 12e6, photosAtOnce: 2 }, 2],
  ['200 photos, three workers', 200, { slowest: 48e6, photosAtOnce: 3 }, 3],
])('%s: they end within a photo of each other', async (_, count, situation, workers) => {
  const sizes = await new Photos(like(count, 12e6), situation).putAll();
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
  expect(sizes.at(-1)).toBe(1);
  const at = ends(sizes, workers);
  expect(Math.max(...at) - Math.min(...at)).toBeLessThanOrEqual(1);
});

test('as long as many are left, a job has three seconds of work of the slowest', async () => {
  const sizes = await new Photos(like(500, 1e6), { slowest: 4e6, photosAtOnce: 2 }).putAll();
  expect(sizes.slice(0, 30)).toEqual(Array(30).fill(12));
  expect(sizes.slice(-2)).toEqual([2, 1]);
});

test('the last jobs are not as small as what it costs to take one', async () => {
  // 300 thumbnails: 0.02 megapixels each, of which a worker does 100 in a second.
  const sizes = await new Photos(like(300, 2e4), { slowest: 2e6, photosAtOnce: 2 }).putAll();
  expect(sizes.slice(0, 3)).toEqual([64, 59, 44]);
  expect(Math.min(...sizes.slice(0, -1))).toBe(30);
});

test('what is sent is no more than 33 MB a job, and three such jobs at once', async () => {
  const photos = new Photos(
    [5e6, MOST_SENT, 16e6, 16e6, 30e6, 20e6, 20e6].map((bytes) => ({ bytes, pixels: bytes })),
    { send: true, slowest: 1e9, photosAtOnce: 2 },
  );
  const putting = photos.putAll();
  const lengths = (of: (photo: JobMessage['photos'][0]) => number, jobs: readonly Job[]) =>
    jobs.flatMap((job) => job.photos).reduce((sum, photo) => sum + of(photo), 0);
  let done = 0;
  const all: number[] = [];
  while (done < 7) {
    // Until nothing goes on by itself.
    for (let sent = -1; sent !== photos.sent.length; ) {
      sent = photos.sent.length;
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    }
    expect(lengths(({ data }) => data?.length ?? 0, photos.sent)).toBeLessThanOrEqual(4 * MOST_SENT);
    const job = photos.sent.shift() as Job;
    all.push(lengths(({ bytes }) => bytes, [job]));
    done += job.photos.length;
    await photos.end(job);
  }
  await putting;
  expect(Math.max(...all)).toBeLessThanOrEqual(MOST_SENT);
  expect(all.length).toBeLessThan(7);
});
