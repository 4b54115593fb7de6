import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { checkBuilt, MAIN } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { testWithTerminal } from '../support/terminal';

/* On a terminal the page is offered; whoever answers no, or presses Ctrl-C, is let go. */
const temp = useTempFolder();

/** Runs `sort` on a terminal, and types `answer` when it is asked for one. */
function sortAndAnswer(answer: string): Promise<{ status: number | null; output: string }> {
  checkBuilt();
  const { CI: _, ...env } = process.env;
  // Replaces the shell, which else ends as if Ctrl-C had ended it: dash does, bash does not.
  const command = `exec "${process.execPath}" "${MAIN}" sort "${PORTRAITS}" -d hog`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: temp(),
    env: { ...env, TERM: 'xterm' },
  });
  let output = '';
  let answered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (answered || !output.includes('Open the page in your browser?')) return;
    answered = true;
    child.stdin.write(answer);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

testWithTerminal('sort-terminal').each([
  ['no', 'n\n'],
  ['Ctrl-C', '\x03'],
])('%s', async (_, answer) => {
  const { status, output } = await sortAndAnswer(answer);
  expect(output).toContain('1 person');
  expect(output).not.toContain('could not be opened');
  expect(status).toBe(0);
  expect(readdirSync(temp('people'))).toContain('Person 01 (14)');
});
