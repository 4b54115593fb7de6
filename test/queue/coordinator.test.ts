import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeFaces } from '../../src/encode/encode';
import { encodeLine } from '../../src/encode/journal/lines';
import { FaceEngine } from '../../src/engine/engine';
import { processBudget } from '../../src/engine/memory-budget';
import { answersTo } from '../../src/queue/answers';
import { Board, photosQueue, reportsQueue } from '../../src/queue/board';
import { type EncodeOnQueueOptions, encodeFacesOnQueue } from '../../src/queue/encode-on-queue';
import { machineFingerprint } from '../../src/queue/fingerprint';
import {
  type Announcement,
  type Answer,
  type JobMessage,
  pack,
  type Report,
  unpack,
  type WorkerCard,
} from '../../src/queue/messages';
import { OwnWorkerProcess } from '../../src/queue/own-worker';
import { PhotoShare } from '../../src/queue/photo-share';
import { QueueServer } from '../../src/queue/server';
import { thisWorker } from '../../src/queue/terms';
import { useTempFolder } from '../support/files';
import { coordinatorOptions, makePhotos } from '../support/queue-machines';
import { describeWithServer, type RedisProcess, startRedis } from '../support/queue-servers';

jest.mock('../../src/queue/server', () => {
  const actual = jest.requireActual('../../src/queue/server');
  // What a server has forgotten is noticed sooner.
  return { ...actual, CHECK_MS: 1_000 };
});
jest.mock('../../src/engine/memory-budget', () => {
  const actual = jest.requireActual('../../src/engine/memory-budget');
  return { ...actual, processBudget: jest.fn(actual.processBudget) };
});

/*
 * A coordinator whose worker is this test: it is told what workers would say, and what nobody but an enemy would.
 */
const temp = useTempFolder();
const engine = new FaceEngine({ jobs: 2 });
let fingerprint: string;
beforeAll(async () => {
  fingerprint = await machineFingerprint(engine);
});
afterAll(() => engine.dispose());

type Said = Partial<Report> & { readonly worker?: WorkerCard };

describeWithServer('Redis', 'coordinator', () => {
  let server: RedisProcess;
  let queue: QueueServer;
  const notes: string[] = [];
  beforeEach(async () => {
    server = await startRedis();
    queue = await QueueServer.connect({ queue: server.url });
    notes.length = 0;
    await makePhotos(temp('photos'), 4);
  });
  afterEach(() => server.remove());

  const noTrouble = () => {};
  const options = (more: Partial<EncodeOnQueueOptions> = {}) =>
    coordinatorOptions(server, temp, { onNote: (note) => notes.push(note), ...more });
  const card = (host: string): WorkerCard => ({ ...thisWorker('0'.repeat(16), 1, fingerprint), host });

  async function announced(): Promise<Announcement> {
    const board = new Board(queue, false, undefined, noTrouble);
    try {
      for (;;) {
        const [run] = await board.runs();
        if (run) return run;
        await wait(20);
      }
    } finally {
      await board.close();
    }
  }

  const right = async (run: Announcement, job: JobMessage) =>
    answersTo(
      job,
      {
        engine,
        pipeline: engine.pipeline,
        terms: run.terms,
        share: await PhotoShare.open(temp('photos'), undefined),
      },
      undefined,
    );

  /** Works as told: what is said of a job is up to the test. */
  async function workAs(
    say: (answers: Answer[], job: string) => readonly Said[] | Promise<readonly Said[]>,
  ): Promise<() => Promise<void>> {
    const run = await announced();
    const reports = queue.queue(reportsQueue(run.run), false, noTrouble);
    const worker = queue.worker(
      photosQueue(run.run),
      {
        checks: false,
        work: async (job) => {
          const answers = await right(run, unpack('job', job.data));
          for (const [i, said] of (await say(answers, String(job.id))).entries()) {
            const report = { run: run.run, worker: card('good'), job: String(job.id), ...said };
            await reports.add('report', pack('report', report), {
              jobId: `${job.id}_${i}`,
              removeOnComplete: true,
            });
          }
        },
      },
      noTrouble,
    );
    return async () => {
      await worker.close(true);
      await reports.close();
    };
  }

  async function expectSame(): Promise<void> {
    await encodeFaces({ dataset: temp('photos'), encodings: temp('one/faces.pickle'), method: 'hog' });
    expect(readFileSync(temp('queue/faces.pickle')).equals(readFileSync(temp('one/faces.pickle')))).toBe(
      true,
    );
    expect(readdirSync(temp('queue')).sort()).toEqual(['faces.pickle', 'faces.pickle.journal']);
    expect(await server.holds()).toEqual([]);
  }

  test('a worker that says what is so', async () => {
    const encoding = encodeFacesOnQueue(options());
    const end = await workAs((answers) => [{ answers }]);
    expect(await encoding).toMatchObject({ photos: 4, faces: 4, photosFailed: 0 });
    await end();
    await expectSame();
    // Another computer's results say so.
    expect(readFileSync(temp('queue/faces.pickle.journal'), 'utf8')).toContain('"machine":"good"');
  });

  test('the same result twice is one, and no error', async () => {
    const encoding = encodeFacesOnQueue(options());
    const end = await workAs((answers) => [
      { answers: answers.slice(0, 2), job: 'x' },
      { answers: answers.slice(0, 2), job: 'y', worker: card('late') },
      { answers },
    ]);
    expect(await encoding).toMatchObject({ photos: 4, photosFailed: 0 });
    await end();
    await expectSame();
  });

  test('results that differ by a bit end the run, and name both computers', async () => {
    const encoding = encodeFacesOnQueue(options());
    encoding.catch(() => {});
    const end = await workAs((answers) => [
      // Not all: it goes on.
      { answers: answers.slice(0, 1), job: 'x' },
      { answers: answers.slice(0, 1).map(changed), worker: card('other'), job: 'y' },
    ]);
    await expect(encoding).rejects.toMatchObject({
      code: 'FACE_RESULTS_DIFFER',
      message: expect.stringMatching(/good first, and then other/),
    });
    await end();
    expect(readdirSync(temp('queue'))).not.toContain('faces.pickle');
    // It has been told: the next run is not ended by the same report, which nobody has in hand any more.
    while ((await server.holds()).some((key) => key.endsWith('-reports:active'))) await wait(20);
  });

  /** One bit of the encoding is another. */
  function changed(answer: Answer): Answer {
    const result = answer.result as NonNullable<Answer['result']>;
    const [face, ...faces] = result.faces;
    const encoding = Buffer.from(face?.encoding as string, 'base64');
    encoding[0] = (encoding[0] as number) ^ 1;
    const other = { ...face, encoding: encoding.toString('base64') } as (typeof result.faces)[0];
    return { ...answer, result: { ...result, faces: [other, ...faces] } };
  }

  const NOT_ASKED = 'e'.repeat(64);
  const hostile: [string, (answers: Answer[]) => Said, RegExp | undefined][] = [
    [
      'a photo that nobody asked for',
      ([a]) => ({ answers: [{ ...a, content: NOT_ASKED } as Answer] }),
      /not asked for/,
    ],
    [
      'a photo by another name',
      ([, b]) => ({ answers: [{ ...b, path: '/etc/passwd' } as Answer] }),
      /not called/,
    ],
    [
      'a photo that is too large',
      ([a]) => ({ answers: [{ ...a, result: { ...a?.result, width: 2 ** 20, height: 2 ** 20 } } as Answer] }),
      /not one of this run/,
    ],
    [
      'an encoding that is no number',
      ([a]) => ({ answers: [withFace(a, { encoding: Buffer.alloc(512, 0xff).toString('base64') })] }),
      /holds what is no number/,
    ],
    [
      'an encoding of another length',
      ([a]) => ({ answers: [withFace(a, { encoding: 'AAAA' })] }),
      /has 3 bytes/,
    ],
    ['a box that is none', ([a]) => ({ answers: [withFace(a, { box: [5, 5, 5, 5] })] }), /is no box/],
    [
      'a face outside of the picture',
      ([a]) => ({ answers: [withFace(a, { box: [0, 5_000, 10, 4_000] })] }),
      /not one of this run/,
    ],
    [
      'a score that is no number',
      ([a]) => ({ answers: [withFace(a, { score: 'x' })] }),
      /score is not a number/,
    ],
    [
      'a code that is none',
      ([a]) => ({ answers: [{ ...a, problem: { code: 'rm', reason: '' } } as never] }),
      /code/,
    ],
    ['more photos than a job has', ([a]) => ({ answers: Array(65).fill(a) }), /at most 64/],
    [
      'numbers of another kind of processor',
      (answers) => ({ answers, worker: { ...card('old'), fingerprint: 'f'.repeat(64) } }),
      /old .* not used/,
    ],
  ];

  function withFace(answer: Answer | undefined, change: object): Answer {
    const result = answer?.result as NonNullable<Answer['result']>;
    return { ...answer, result: { ...result, faces: [{ ...result.faces[0], ...change }] } } as Answer;
  }

  test.each(hostile)('%s is not taken', async (_, lie, told) => {
    const encoding = encodeFacesOnQueue(options());
    const end = await workAs((answers, job) => [
      // First the truth about one, so that it is known who may take part.
      { answers: answers.slice(0, 1), job: `${job}-part` },
      { ...lie(answers), job: 'nothing' },
      { answers },
    ]);
    expect(await encoding).toMatchObject({ photos: 4, faces: 4, photosFailed: 0 });
    await end();
    if (told) expect(notes.join('\n')).toMatch(told);
    await expectSame();
  });

  test('what is left of a job whose report is not taken is done by others', async () => {
    const encoding = encodeFacesOnQueue(options());
    let lied = false;
    const end = await workAs(([first, ...others]) => {
      if (lied) return [{ answers: [first as Answer, ...others] }];
      lied = true;
      return [{ answers: [{ ...first, path: '/etc/passwd' } as Answer, ...others] }];
    });
    expect(await encoding).toMatchObject({ photos: 4, faces: 4, photosFailed: 0 });
    await end();
    // It was not waited until the job was missed.
    expect(notes.join('\n')).toMatch(/could not look at a photo; it is done by others/);
    await expectSame();
  });

  test('a damaged photo that is there twice is a problem by each of its names', async () => {
    for (const name of ['a.jpg', 'b.jpg']) writeFileSync(temp('photos', name), 'nothing that is a photo');
    const encoding = encodeFacesOnQueue(options());
    const end = await workAs((answers) => [{ answers }]);
    const { problems } = await encoding;
    await end();
    expect(problems.map(({ path, code }) => [path, code]).sort()).toEqual(
      ['a.jpg', 'b.jpg'].map((name) => [temp('photos', name), 'FACE_IMAGE_DECODE']),
    );
    for (const { path, reason } of problems) expect(reason).toContain(`"${path}"`);
    await expectSame();
  });

  test('copies of photos of which only mirror images are missing are all there', async () => {
    for (const copy of ['a', 'b']) cpSync(temp('photos'), temp(copy), { recursive: true });
    for (const copy of ['a', 'b']) cpSync(temp(copy), temp('photos', copy), { recursive: true });
    await encodeFaces({ dataset: temp('photos'), encodings: temp('queue/faces.pickle'), method: 'hog' });
    const encoding = encodeFacesOnQueue(options({ mirror: true }));
    const end = await workAs((answers) => [{ answers }]);
    expect(await encoding).toMatchObject({ photos: 12, photosMeasured: 4, photosFailed: 0 });
    await end();
    await expectSame();
  });

  test('the coordinator and its own worker share the memory', async () => {
    jest.mocked(processBudget).mockClear();
    const start = jest.spyOn(OwnWorkerProcess.prototype, 'start').mockImplementation(() => {});
    try {
      const encoding = encodeFacesOnQueue(options({ work: true, maxMemory: 2e9 }));
      const end = await workAs((answers) => [{ answers }]);
      expect(await encoding).toMatchObject({ photos: 4, photosFailed: 0 });
      await end();
      // One for reading, one for photos that workers can't look at; the test's own worker takes what it is given.
      const taken = jest.mocked(processBudget).mock.calls.map(([maxMemory]) => maxMemory);
      expect(taken.length).toBeGreaterThan(1);
      expect(new Set(taken)).toEqual(new Set([5e8]));
      expect(start.mock.contexts).toMatchObject([{ order: { work: { maxMemory: 15e8 } } }]);
    } finally {
      start.mockRestore();
    }
  });

  test('a photo that another version could not read is looked at anew', async () => {
    const damaged = temp('photos', 'damaged.jpg');
    writeFileSync(damaged, 'nothing that is a photo');
    await encodeFaces({ dataset: temp('photos'), encodings: temp('queue/faces.pickle'), method: 'hog' });
    const journal = temp('queue/faces.pickle.journal');
    // Not this version has said so.
    const lines = readFileSync(journal, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => encodeLine(JSON.parse(line.slice(9).replace(/"by":"[^"]*"/, '"by":"another"'))));
    writeFileSync(journal, Buffer.concat(lines));
    const encoding = encodeFacesOnQueue(options());
    const end = await workAs((answers) => [{ answers }]);
    const { problems } = await encoding;
    await end();
    expect(problems).toMatchObject([{ path: damaged, code: 'FACE_IMAGE_DECODE' }]);
  });

  test('what is no message at all is not taken', async () => {
    const encoding = encodeFacesOnQueue(options());
    const run = await announced();
    const reports = queue.queue(reportsQueue(run.run), false, noTrouble);
    await reports.add('report', 'rubbish');
    await reports.add('report', { message: '{"protocol":99}' });
    await reports.close();
    const end = await workAs((answers) => [{ answers }]);
    expect(await encoding).toMatchObject({ photos: 4, photosFailed: 0 });
    await end();
    expect(notes.join('\n')).toMatch(/not what a worker says/);
    await expectSame();
  });

  test('a photo that one worker can not look at is given to others, and is a problem if none can', async () => {
    const encoding = encodeFacesOnQueue(options());
    let bad: string | undefined;
    const end = await workAs((answers) => [
      {
        answers: answers.map((answer) => {
          bad ??= answer.path;
          const { path, content } = answer;
          if (path !== bad) return answer;
          return { path, content, refused: { code: 'FACE_IMAGE_NOT_FOUND', reason: 'It is not here.' } };
        }),
      },
    ]);
    expect(await encoding).toMatchObject({
      photosFailed: 1,
      problems: [{ path: bad, code: 'FACE_IMAGE_NOT_FOUND', reason: 'It is not here.' }],
    });
    await end();
  });

  test('a photo that was moved here since keeps no worker out; a share that is away does', async () => {
    const encoding = encodeFacesOnQueue(options());
    const { sample } = await announced();
    /** What is said next of the photo by which workers know the folder. */
    const next = async () => {
      const { at } = await announced();
      for (let told = 0, last = at; ; ) {
        const run = await announced();
        // The first may have been begun before the change.
        if (run.at !== last && ++told === 2) return run.sample;
        last = run.at;
        await wait(20);
      }
    };
    const first = temp('photos', sample?.within as string);
    renameSync(first, temp('moved.jpg'));
    expect(await next()).toBeNull();
    renameSync(temp('moved.jpg'), first);
    expect(await next()).toEqual(sample);
    renameSync(temp('photos'), temp('unmounted'));
    mkdirSync(temp('photos'));
    expect(await next()).toEqual(sample);
    rmdirSync(temp('photos'));
    renameSync(temp('unmounted'), temp('photos'));
    const end = await workAs((answers) => [{ answers }]);
    expect(await encoding).toMatchObject({ photos: 4, photosFailed: 0 });
    await end();
    await expectSame();
  });

  test('stopped, it takes what workers have in hand, and leaves nothing', async () => {
    await makePhotos(temp('photos', 'more'), 70, 32);
    const stop = new AbortController();
    const encoding = encodeFacesOnQueue(options({ stop: stop.signal }));
    encoding.catch(() => {});
    let inHand = 0;
    const end = await workAs(async (answers, job) => {
      const run = await announced();
      const photos = queue.queue(photosQueue(run.run), false, noTrouble);
      while ((await photos.getWaitingCount()) === 0) await wait(20);
      stop.abort();
      // Nobody begins the others any more.
      while ((await photos.getWaitingCount()) > 0) await wait(20);
      await photos.close();
      inHand = answers.length;
      return [{ answers, job }];
    });
    await expect(encoding).rejects.toMatchObject({ code: 'FACE_ABORTED' });
    await end();
    expect(await server.holds()).toEqual([]);
    // What was in hand is kept.
    expect(inHand).toBeLessThan(74);
    const more = { dataset: temp('photos'), encodings: temp('queue/faces.pickle'), method: 'hog' } as const;
    expect(await encodeFaces(more)).toMatchObject({ photos: 74, photosKnown: inHand });
    await expectSame();
  });

  test('a server that is set to throw keys away while the run is under way is told of, and no reason to end', async () => {
    const encoding = encodeFacesOnQueue(options());
    await announced();
    expect(notes.join('\n')).not.toContain('maxmemory-policy');
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    while (!notes.some((note) => note.includes('its maxmemory-policy is allkeys-lru'))) await wait(20);
    expect(notes.join('\n')).toContain('Set maxmemory-policy to noeviction');
    const end = await workAs((answers) => [{ answers }]);
    expect(await encoding).toMatchObject({ photos: 4, photosFailed: 0 });
    await end();
    await expectSame();
  });

  test('a server that forgets everything is told again', async () => {
    const encoding = encodeFacesOnQueue(options());
    await announced();
    await server.call('FLUSHALL');
    // As soon as it has noticed, the run is announced again.
    const end = await workAs((answers) => [{ answers }]);
    expect(await encoding).toMatchObject({ photos: 4, photosFailed: 0 });
    await end();
    await expectSame();
  });
});
