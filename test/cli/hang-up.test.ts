import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBuilt, MAIN, runCli } from '../support/cli';
import { samplePhoto, useTempFolder } from '../support/files';
import { notOnWindows } from '../support/platform';
import { testWithTerminal } from '../support/terminal';

const temp = useTempFolder();
const ENCODE = ['encode', '-i', 'in', '-e', 'out/faces.pickle', '-j', '1', '-d', 'hog'];

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

testWithTerminal('hang-up')('with a terminal it stops, and what is done is kept', async () => {
  checkBuilt();
  const { CI: _, ...env } = process.env;
  const command = `echo $$; exec "${process.execPath}" "${MAIN}" ${ENCODE.join(' ')}`;
  const terminal = spawn('script', ['-qec', `sh -c '${command}'`, '/dev/null'], {
    cwd: temp(),
    env: { ...env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let sent = false;
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (sent || !shown.includes('/6 photos')) return;
    sent = true;
    process.kill(Number(/^\d+/.exec(shown)?.[0]), 'SIGHUP');
  });
  const [code] = await once(terminal, 'close');
  expect([code, shown]).toEqual([129, expect.stringContaining('are done and kept')]);
  expect(readdirSync(join(temp(), 'out'))).toEqual(['faces.pickle.journal']);
});
