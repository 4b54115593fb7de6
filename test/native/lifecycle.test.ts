import { checkBuilt } from '../support/cli';
import { CLEAN, runProgram as run } from '../support/program';

beforeAll(checkBuilt);

test('the event loop stays free during a detection: a 10 ms timer keeps firing', async () => {
  const ending = await run(`
    const engine = new (library().FaceEngine)({ jobs: 1 });
    const group = await photo('sample6.jpg', 900);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const meanwhile = [];
    // The first call also reads the models and unpacks the detector.
    for (let i = 0; i < 2; i++) {
      const before = ticks;
      await engine.detectAndEncode(group, { ...options, upsample: 2 });
      meanwhile.push(ticks - before);
    }
    clearInterval(timer);
    console.log(JSON.stringify(meanwhile));
  `);
  expect(ending).toMatchObject(CLEAN);
  // A loop that waits for a detection ticks once. A machine under load slows the timer down, but not to that.
  for (const ticks of JSON.parse(ending.stdout)) expect(ticks).toBeGreaterThan(4);
});

describe('the process ends cleanly', () => {
  test('by process.exit() while four encodings and a clustering run and others wait', async () => {
    const ending = await run(`
      const calls = [await startDbscan(), ...await startEndless(4)];
      for (const { code } of calls) code.then((code) => console.error('settled', code));
      console.log('leaving');
      process.exit(0);
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: 'leaving\n' });
  });

  test('by process.exit() with its own code while a detection is under way', async () => {
    const ending = await run(`
      const engine = new (library().FaceEngine)({ jobs: 1 });
      const group = await photo('sample6.jpg', 640);
      for (let i = 0; i < 50; i++) engine.detect(group, options);
      await wait(50);
      process.exit(7);
    `);
    expect(ending).toMatchObject({ ...CLEAN, code: 7 });
  });

  test('by an exception that nobody catches', async () => {
    const ending = await run(`
      await startEndless(2);
      setImmediate(() => { throw new Error('a defect of the application'); });
    `);
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.stderr).toContain('a defect of the application');
  });

  test('by itself, once the work was aborted', async () => {
    const ending = await run(`
      const controller = new AbortController();
      const { signal } = controller;
      const calls = [await startDbscan(signal), ...await startEndless(4, signal)];
      controller.abort();
      console.log((await Promise.all(calls.map(({ code }) => code))).join());
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: `${Array(9).fill('FACE_ABORTED').join()}\n` });
  });

  test('by itself, although an engine was never disposed of', async () => {
    const ending = await run(`
      const engine = new (library().FaceEngine)({ jobs: 2 });
      console.log((await engine.detect(await photo('franck_02221.jpg', 180), options)).length);
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: '1\n' });
  });

  test('not before the work is done that nobody waits for', async () => {
    const ending = await run(`
      const engine = new (library().FaceEngine)({ jobs: 1 });
      const portrait = await photo('franck_02221.jpg', 180);
      engine.detect(portrait, options).then((faces) => console.log('found', faces.length));
      library().dbscan([[1]], { minSamples: 1 }).then(({ clusters }) => console.log('clusters', clusters));
    `);
    expect(ending).toMatchObject(CLEAN);
    expect(ending.stdout.trim().split('\n').sort()).toEqual(['clusters 1', 'found 1']);
  });
});

describe('worker threads', () => {
  test('two at once, and the main thread, get the same results', async () => {
    const ending = await run(`
      const workers = [0, 1].map(() => inWorker('parentPort.postMessage(await encodeGroup())'));
      const [own, ...others] = await Promise.all(
        [encodeGroup(), ...workers.map(async (worker) => (await once(worker, 'message'))[0])]);
      await Promise.all(workers.map((worker) => worker.terminate()));
      const [faces, labels] = JSON.parse(own);
      console.log(faces.length, labels.join(), others.every((other) => other === own), await encodeGroup() === own);
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: '4 0,0,0,-1 true true\n' });
  });

  test('one is terminated while its work runs; the others go on', async () => {
    const ending = await run(`
      const before = await encodeGroup();
      for (let round = 0; round < 3; round++) {
        const worker = inWorker(\`
          await startDbscan();
          await startEndless(2);
          parentPort.postMessage('running');
        \`);
        await once(worker, 'message');
        const own = encodeGroup();
        await worker.terminate();
        if (await own !== before) throw new Error('another result');
      }
      console.log('done');
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: 'done\n' });
  });

  test('one calls process.exit() while its work runs: that ends the worker only', async () => {
    const ending = await run(`
      const worker = inWorker('await startEndless(2); process.exit(5);');
      const [code] = await once(worker, 'exit');
      console.log(code, JSON.parse(await encodeGroup())[0].length);
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: '5 4\n' });
  });

  test.each([
    ['terminated', "parentPort.postMessage('settled'); for (;;) {}"],
    ['left by process.exit()', 'process.exit(5)'],
  ])(
    'one is %s with results that wait to be delivered: that ends the worker only',
    async (_, whenSettled) => {
      const ending = await run(`
      for (let round = 0; round < 3; round++) {
        const worker = inWorker(\`
          for (let i = 0; i < 20; i++) library().dbscan([[i], [i + 1]], { threads: 1 }).then(() => { ${whenSettled} });
          // Meanwhile all are done, and none can settle.
          for (const begun = Date.now(); Date.now() - begun < 200;);
        \`);
        await Promise.race([once(worker, 'message').then(() => wait(200)), once(worker, 'exit')]);
        await worker.terminate();
      }
      console.log(JSON.parse(await encodeGroup())[0].length);
    `);
      expect(ending).toMatchObject({ ...CLEAN, stdout: '4\n' });
    },
  );

  test('the addon is loaded by a worker only, which ends, and is loaded again', async () => {
    const ending = await run(`
      const results = [];
      for (let round = 0; round < 3; round++) {
        const worker = inWorker('parentPort.postMessage(await encodeGroup())');
        const exit = once(worker, 'exit');
        results.push((await once(worker, 'message'))[0]);
        await exit;
      }
      results.push(await encodeGroup());
      console.log(results.length, new Set(results).size, JSON.parse(results[0])[0].length);
    `);
    expect(ending).toMatchObject({ ...CLEAN, stdout: '4 1 4\n' });
  });
});

describe('garbage collection', () => {
  test('of an engine while its calls are under way: they finish', async () => {
    const ending = await run(
      `
      const group = await photo('sample6.jpg', 320);
      const start = () => {
        const engine = new (library().FaceEngine)({ jobs: 1 });
        collected.register(engine);
        return [1, 2, 3].map(() => engine.detect(group, options));
      };
      let count = 0;
      const collected = new FinalizationRegistry(() => count++);
      const calls = start();
      for (let i = 0; i < 20; i++) { gc(); await wait(5); }
      console.log((await Promise.all(calls)).map((faces) => faces.length).join());
      while (count === 0) { gc(); await wait(10); }
      console.log(count);
    `,
      { flags: ['--expose-gc'] },
    );
    expect(ending).toMatchObject({ ...CLEAN, stdout: '4,4,4\n1\n' });
  });

  test('of the points of a dbscan while it runs', async () => {
    const ending = await run(
      `
      const start = () => {
        const n = 3000, d = 64;
        const data = new Float64Array(n * d);
        for (let i = 0; i < n; i++) data.fill(i % 10, i * d, (i + 1) * d);
        return library().dbscan({ data, n, d }, { threads: 1 });
      };
      const call = start();
      for (let i = 0; i < 20; i++) { gc(); new Float64Array(3000 * 64).fill(NaN); await wait(1); }
      const { labels, clusters } = await call;
      console.log(clusters, labels.every((label, i) => label === i % 10));
    `,
      { flags: ['--expose-gc'] },
    );
    expect(ending).toMatchObject({ ...CLEAN, stdout: '10 true\n' });
  });

  test('engines that come and go free their threads and their models', async () => {
    const ending = await run(
      `
      const portrait = await photo('franck_02221.jpg', 120);
      const threads = () => process.platform === 'linux'
        ? require('node:fs').readdirSync('/proc/self/task').length : 0;
      const use = async (dispose) => {
        const engine = new (library().FaceEngine)({ jobs: 8 });
        await engine.detectAndEncode(portrait, options);
        if (dispose) engine.dispose();
      };
      await use(true);
      const before = threads();
      // The system lists those for a moment that were joined. Of the image library's, some may have gone by themselves.
      const noMore = async (between = () => {}) => {
        while (threads() > before) {
          between();
          await wait(10);
        }
      };
      for (let i = 0; i < 5; i++) await use(true);
      await noMore();
      for (let i = 0; i < 5; i++) await use(false);
      await noMore(gc);
      console.log('none is left');
    `,
      { flags: ['--expose-gc'] },
    );
    expect(ending).toMatchObject({ ...CLEAN, stdout: 'none is left\n' });
  });
});
