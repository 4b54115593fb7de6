/**
 * Calls `work` every `ms` milliseconds; the process does not stay alive for it.
 * @returns ends it
 */
export function everySoOften(ms: number, work: () => void): () => void {
  // With a window's timers (jest's jsdom, Electron) it is a number, and nobody waits for it.
  const timer: NodeJS.Timeout | number = setInterval(work, ms);
  if (typeof timer === 'object') timer.unref();
  return () => clearInterval(timer);
}
