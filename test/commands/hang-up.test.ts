import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBuilt, MAIN, runCli } from '../support/cli';
import { samplePhoto, useTempFolder, written } from '../support/files';
import { atMoment } from '../support/moment';
import { notOnWindows } from '../support/platform';
import { testWithTerminal } from '../support/terminal';

const temp = useTempFolder();
const ENCODE = ['encode', '-i', 'in', '-e', 'out/faces.pickle', '-j', '1', '-d', 'hog'];

/** Ends the terminal that this process was started on, and waits until it is gone. */
const CLOSE_TERMINAL = `
const { readFileSync } = require('node:fs');
const about = (pid) => {
  const [, name, state, parent] = /\\((.*)\\) (\\S) (\\d+)/s.exec(readFileSync('/proc/' + pid + '/stat', 'latin1'));
  return { name, state, parent };
};
let terminal = process.ppid;
while (about(terminal).name !== 'script') terminal = about(terminal).parent;
process.kill(terminal, 'SIGKILL');
try {
  while (about(terminal).state !== 'Z');
} catch {
  // Nobody has to know any more how it has ended.
}
`;

beforeEach(async () => {
  mkdirSync(join(temp(), 'in'));
  for (let i = 1; i <= 6; i++) await copyFile(samplePhoto(`sample${i}.jpg`), join(temp(), 'in', `${i}.jpg`));
});

notOnWindows('without a terminal, as with nohup, its end is the end of nothing', async () => {
  const result = await runCli(ENCODE, {
    cwd: temp(),
    onStderr: (text, child) => {
      if (text.startsWith('Encoding')) child.kill('SIGHUP');
    },
  });
  expect(result).toMatchObject({ code: 0, signal: null, stdout: expect.stringContaining('in 6 photos') });
});

testWithTerminal('hang-up')('when its terminal is closed, it stops, and what is done is kept', async () => {
  checkBuilt();
  const { CI: _, ...env } = process.env;
  // Shells pass the end of their terminal on, which the kernel has said to all its processes; this one outlives it, to
  // tell how the command ended.
  const command =
    `"${process.execPath}" "${MAIN}" ${ENCODE.join(' ')} & trap "kill -HUP $!" HUP; ` +
    'wait $!; wait $!; echo $? > code';
  const terminal = spawn('script', ['-qc', `sh -c '${command}'`, '/dev/null'], {
    cwd: temp(),
    env: { ...env, TERM: 'xterm', ...atMoment({ said: '/6 photos' }, { program: CLOSE_TERMINAL }) },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  await once(terminal, 'close');
  expect(await written(join(temp(), 'code'))).toBe('129\n');
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle.journal']);
});
