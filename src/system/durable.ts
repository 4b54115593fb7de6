/** What flushing fails with where the file system offers none (FUSE, some network drives), which is nobody's fault. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EPERM']);

let warned = false;

/**
 * Waits until what was written is on the disk, so that it survives a power cut. Where the file system offers no such
 * thing, it does what can be done, nothing, and one warning of the process says so (`process.on('warning')`, with the
 * code `FACE_NOT_DURABLE`).
 * @param flush `sync` or `datasync` of the file
 * @throws the system's error if the disk failed
 */
export async function waitForDisk(flush: () => Promise<void>): Promise<void> {
  try {
    await flush();
  } catch (error) {
    if (!NOT_OFFERED.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (warned) return;
    warned = true;
    process.emitWarning(
      'This disk does not say when files are written to the end: a power cut within the next minute could cost them.',
      { code: 'FACE_NOT_DURABLE' },
    );
  }
}
