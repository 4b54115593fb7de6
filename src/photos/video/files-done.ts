/** Counts files as the photos in them are done, as people count them: a video is one, and done when all of its frames are. */
export class FilesDone {
  readonly #left = new Map<string, number>();
  #done = 0;

  /** @param files of each photo the file that it is in */
  constructor(files: Iterable<string>) {
    for (const file of files) this.#left.set(file, (this.#left.get(file) ?? 0) + 1);
  }

  get total(): number {
    return this.#left.size;
  }

  get done(): number {
    return this.#done;
  }

  /** A photo in this file is done. */
  add(file: string): void {
    const left = (this.#left.get(file) as number) - 1;
    this.#left.set(file, left);
    if (left === 0) this.#done++;
  }
}
