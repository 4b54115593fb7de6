import type * as tty from 'node:tty';

jest.mock('node:tty', () => ({ ...jest.requireActual<typeof tty>('node:tty'), isatty: () => true }));

import { listenForStop } from '../../src/cli/stop';

const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
let kill: jest.SpiedFunction<typeof process.kill>;

beforeEach(() => {
  jest.useFakeTimers();
  kill = jest.spyOn(process, 'kill').mockReturnValue(true);
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const receive = (signal: NodeJS.Signals) => process.emit(signal, signal);
const listeners = () => SIGNALS.map((signal) => process.listenerCount(signal));

test.each(SIGNALS)('%s asks the work to stop', (signal) => {
  const stop = listenForStop();
  expect([stop.signal.aborted, stop.by]).toEqual([false, undefined]);
  receive(signal);
  expect([stop.signal.aborted, stop.by]).toEqual([true, signal]);
  stop.release();
});

test('what the shell or npx passes on right after the first signal is the same request, and does not end the work', () => {
  const before = listeners();
  const stop = listenForStop();
  receive('SIGINT');
  jest.advanceTimersByTime(200);
  receive('SIGTERM');
  receive('SIGINT');
  expect(stop.by).toBe('SIGINT');
  expect(kill).not.toHaveBeenCalled();
  expect(listeners()).toEqual(before.map((n) => n + 1));
  stop.release();
  expect(listeners()).toEqual(before);
});

test('Ctrl-C again, later, ends the process at once', () => {
  const before = listeners();
  const stop = listenForStop();
  receive('SIGINT');
  jest.advanceTimersByTime(1_001);
  receive('SIGINT');
  expect(kill.mock.calls).toEqual([[process.pid, 'SIGINT']]);
  // Nothing is left that would catch it.
  expect(listeners()).toEqual(before);
  stop.release();
});

test('the end of a terminal is said more than once, and gives time to end', () => {
  const stop = listenForStop();
  receive('SIGHUP');
  jest.advanceTimersByTime(5_000);
  receive('SIGHUP');
  expect(stop.by).toBe('SIGHUP');
  expect(kill).not.toHaveBeenCalled();
  stop.release();
});
