/** How long a process may take to end by itself. */
const BY_ITSELF_MS = 5_000;

/**
 * Ends this process though something holds it that can't be taken back, as a question to a share that does not answer: `process.exit` waits
 * for that, too. If nothing does, it ends by itself as ever.
 * @param ms how long that may take
 */
export function endThoughHeld(ms = BY_ITSELF_MS): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), ms).unref();
}
