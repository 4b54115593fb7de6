/** Counts files as the photos in them are done, as people count them: a video is one, and done when all of its frames are. */
export class FilesDone {
  readonly #left = new Map<string, number>();
  #done = 0;

  /**
   * @param files of each photo the file that it is in
   * @param onDone is told how many are done, of how many: now, and after each photo
   */
  constructor(
    files: Iterable<string>,
    private readonly onDone: (done: number, total: number) => void,
  ) {
    for (const file of files) this.#left.set(file, (this.#left.get(file) ?? 0) + 1);
    onDone(0, this.#left.size);
  }

  /** A photo in this file is done. */
  add(file: string): void {
    const left = (this.#left.get(file) as number) - 1;
    this.#left.set(file, left);
    if (left === 0) this.#done++;
    this.onDone(this.#done, this.#left.size);
  }
}
