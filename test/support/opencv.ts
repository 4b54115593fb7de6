import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RawImage } from '../../src/base/types';

/** Whether OpenCV can be asked: `npm run setup` builds it, and on other systems people may do without. */
export function hasOpenCv(): boolean {
  try {
    const folder = dirname(require.resolve('@u4/opencv4nodejs'));
    return existsSync(join(folder, '../../build/Release/opencv4nodejs.node'));
  } catch {
    return false;
  }
}

/** Like `describe`, for tests that compare with OpenCV; without it they are skipped, and a line says so. */
export function describeWithOpenCv(name: string, tests: () => void): void {
  if (hasOpenCv()) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`SKIPPED "${name}": @u4/opencv4nodejs is not built; npm run setup does it.\n`);
  describe.skip(name, tests);
}

/** OpenCV in a child process, so that nothing it does to a damaged photo ends the tests. One question at a time. */
export class OpenCv {
  private child: ChildProcess | undefined;
  /** Pixels are handed over in files: Node's channel between processes takes minutes for a few hundred megabytes. */
  private readonly folder = mkdtempSync(join(tmpdir(), 'opencv-'));

  /** `cv2.imread(file)` in RGB; `undefined` where it gives None, throws or dies. */
  async imread(file: string): Promise<RawImage | undefined> {
    return this.ask({ command: 'imread', file }).catch(() => undefined);
  }

  /** `cv2.resize(image, (toWidth, toHeight))`, which is INTER_LINEAR. */
  async resize(image: RawImage, toWidth: number, toHeight: number): Promise<RawImage> {
    const { width, height } = image;
    const file = join(this.folder, 'input');
    await writeFile(file, image.data);
    return this.ask({ command: 'resize', file, width, height, toWidth, toHeight });
  }

  close(): void {
    this.child?.kill();
    this.child = undefined;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(question: object): Promise<RawImage> {
    const output = join(this.folder, 'output');
    const { width, height } = await this.send({ ...question, output });
    return { width, height, data: await readFile(output) };
  }

  private send(question: object): Promise<{ width: number; height: number }> {
    this.child ??= fork(join(__dirname, 'opencv-child.js'), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const child = this.child;
    return new Promise((resolve, reject) => {
      const done = () => {
        child.off('message', answered);
        child.off('exit', died);
      };
      const answered = (answer: { width: number; height: number; error?: string }) => {
        done();
        if (answer.error === undefined) resolve(answer);
        else reject(new Error(answer.error));
      };
      const died = (code: number | null, signal: string | null) => {
        done();
        this.child = undefined;
        reject(new Error(`OpenCV's process ended with ${code ?? signal}`));
      };
      child.on('message', answered);
      child.on('exit', died);
      child.send(question);
    });
  }
}
