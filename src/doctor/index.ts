import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { throwIfAborted } from '../base/errors';
import type { Finding } from './finding';
import {
  checkExifTool,
  checkFfmpeg,
  checkInstructions,
  checkLibHeif,
  checkMemory,
  checkNative,
  checkNode,
  checkOpenCv,
  checkPlatform,
  checkSharp,
} from './machine';
import { checkModels } from './models';
import type { SelfTestResult } from './self-test';

export type { Finding } from './finding';

export interface DiagnoseOptions {
  /** Folder of the model files; default: see `findModelsFolder`. */
  readonly models?: string;
  readonly signal?: AbortSignal;
}

/**
 * Looks at everything that this package needs of a machine, and whether it gives the right result there. A finding comes
 * as soon as it is known: the next check may be the one that ends the process.
 */
export async function* diagnose({
  models,
  signal,
}: DiagnoseOptions = {}): AsyncGenerator<Finding, void, undefined> {
  const { engines } = require('../../package.json') as { engines: { node: string } };
  yield checkPlatform();
  yield checkNode(engines.node);
  yield checkMemory();
  const binary = checkNative();
  yield binary;
  if (binary.status === 'ok') yield checkInstructions();
  const files = await checkModels(models, signal);
  yield files;
  yield checkSharp();
  yield await checkLibHeif();
  yield checkOpenCv();
  yield await checkFfmpeg();
  yield await checkExifTool();
  if (binary.status === 'ok' && files.status === 'ok') {
    yield await checkSelf(files.details?.folder as string, signal);
  } else {
    const message = 'left out: it needs the native part and the models';
    yield { name: 'self-test', status: 'note', message };
  }
}

/** More than the slowest machine needs; a self-test that hangs is a finding as well. */
const SELF_TEST_MS = 120_000;

/** Runs the self-test in a process of its own. */
async function checkSelf(models: string, signal: AbortSignal | undefined): Promise<Finding> {
  const program = join(__dirname, 'self-test-process.js');
  const started = performance.now();
  const { stdout, ended } = await new Promise<{ stdout: string; ended: string }>((resolve) => {
    const options = { timeout: SELF_TEST_MS, ...(signal && { signal }) };
    execFile(process.execPath, [program, models], options, (error, stdout, stderr) => {
      const how = error?.signal ?? (error ? `exit code ${error.code}` : '');
      resolve({ stdout, ended: how && `${how} ${stderr.trim().split('\n')[0]}`.trim() });
    });
  });
  throwIfAborted(signal);
  const remedy =
    'Please report it, with all that "face-cluster-native doctor --json" prints; building the native part on this machine may help (npm run setup in a checkout).';
  if (ended !== '') {
    const message = `The self-test was ended by the system (${ended}).`;
    return { name: 'self-test', status: 'problem', message, remedy, details: { ended } };
  }
  const result = JSON.parse(stdout) as SelfTestResult;
  const details = { ...result };
  if (result.wrong.length > 0) {
    return { name: 'self-test', status: 'problem', message: result.wrong.join('\n'), remedy, details };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return {
    name: 'self-test',
    status: 'ok',
    message: `both detectors find the face of a drawing, and its encoding is the known one (within 0.00001; ${seconds} s)`,
    details,
  };
}
