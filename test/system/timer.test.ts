import { everySoOften } from '../../src/system/timer';

afterEach(() => jest.restoreAllMocks());

test('where timers are numbers, as in jest with jsdom, nothing is asked of them', () => {
  const real = global.setInterval;
  const started: NodeJS.Timeout[] = [];
  jest.spyOn(global, 'setInterval').mockImplementation(((work: () => void, ms: number) => {
    started.push(real(work, ms).unref());
    return 7;
  }) as unknown as typeof setInterval);
  const cleared = jest.spyOn(global, 'clearInterval');
  const stop = everySoOften(1000, () => {});
  expect(started).toHaveLength(1);
  stop();
  expect(cleared).toHaveBeenCalledWith(7);
  clearInterval(started[0]);
});

test('the process does not stay alive for it', () => {
  const started = jest.spyOn(global, 'setInterval');
  const stop = everySoOften(1000, () => {});
  const [timer] = started.mock.results.map(({ value }) => value as NodeJS.Timeout);
  expect(timer?.hasRef()).toBe(false);
  stop();
});
