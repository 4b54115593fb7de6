import { checkBuilt } from '../support/cli';
import { CLEAN, runProgram } from '../support/program';

beforeAll(checkBuilt);

test('100 worker threads come and go, in the middle of their work or after it; nothing is left of them', async () => {
  const ending = await runProgram(`
    const beginning = \`
      const engine = new (library().FaceEngine)({ jobs: 2 });
      const portrait = { data: new Uint8Array(3 * 120 * 160), width: 120, height: 160 };
      const detect = () => engine.detect(portrait, options);
      const cluster = () => library().dbscan({ data: new Float32Array(20000).fill(1), n: 10000, d: 2 }, { threads: 2 });
    \`;
    // How a worker's life ends; it says when that may begin.
    const lives = [
      // By itself, when all is done.
      'await Promise.all([detect(), cluster()]); engine.dispose(); parentPort.postMessage(1)',
      // By itself, with work under way that nobody waits for, and an engine that nobody disposes of.
      'detect(); cluster(); detect(); parentPort.postMessage(1)',
      // By process.exit() amid all that, from a turn of its event loop.
      'for (let i = 0; i < 9; i++) { detect(); cluster(); } parentPort.postMessage(1); setImmediate(() => process.exit(3))',
      // By its parent, amid all that.
      'for (let i = 0; i < 9; i++) { detect(); cluster(); } parentPort.postMessage("terminate me"); await wait(1e6)',
      // By its parent, while it loads the addon.
      'parentPort.postMessage("terminate me"); library(); await detect()',
      // By an error that nobody catches, with disposal while the engine is busy.
      'detect(); detect(); engine.dispose(); parentPort.postMessage(1); await null; throw new Error("a defect of the worker")',
    ];
    const before = await encodeGroup();
    const threads = () => process.platform === 'linux' ? require('node:fs').readdirSync('/proc/self/task').length : 0;
    const atRest = threads();
    const ends = [];
    let next = 0;
    const one = async () => {
      while (next < 100) {
        const life = lives[next % lives.length];
        next++;
        const worker = inWorker(beginning + life);
        const errors = [];
        worker.on('error', (error) => errors.push(error.message));
        const exit = new Promise((resolve) => worker.once('exit', resolve));
        // An error can overtake a message.
        const message = await new Promise((resolve) => worker.once('message', resolve).once('error', resolve));
        if (message === 'terminate me') await worker.terminate();
        await exit;
        ends.push(errors.join());
      }
    };
    await Promise.all([one(), one(), one(), one()]);
    const after = await encodeGroup();
    while (threads() > atRest) await wait(10);
    console.log(ends.length, ends.filter(Boolean).every((error) => error === 'a defect of the worker'),
      ends.filter(Boolean).length, after === before);
  `);
  expect(ending).toMatchObject({ ...CLEAN, stdout: '100 true 16 true\n' });
});
