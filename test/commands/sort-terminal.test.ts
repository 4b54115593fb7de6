import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { checkBuilt, MAIN } from '../support/cli';
import { PORTRAITS, useTempFolder } from '../support/files';
import { testWithTerminal } from '../support/terminal';

/* On a terminal the page is offered; whoever answers no, or presses Ctrl-C, is let go. Else it is served until Ctrl-C. */
const temp = useTempFolder();

/** Runs `sort` on a terminal where no browser can be opened, types `answer` when it is asked for one, and ends the server by Ctrl-C. */
function sortAndAnswer(answer: string): Promise<{ status: number | null; output: string }> {
  checkBuilt();
  const { CI: _, ...env } = process.env;
  // Replaces the shell, which else ends as if Ctrl-C had ended it: dash does, bash does not.
  const command = `exec "${process.execPath}" "${MAIN}" sort "${PORTRAITS}" -d hog`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: temp(),
    env: { ...env, TERM: 'xterm', DISPLAY: '', WAYLAND_DISPLAY: '', WSL_DISTRO_NAME: '' },
  });
  let output = '';
  const keys = [
    { after: 'Open the page in your browser?', type: answer },
    { after: 'press Ctrl-C here', type: '\x03' },
  ];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (!output.includes(keys[0]?.after ?? '\0')) return;
    child.stdin.write(keys.shift()?.type);
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
  expect(output).not.toContain('http://127.0.0.1');
  expect(status).toBe(0);
  expect(readdirSync(temp('people'))).toContain('Person 01 (14)');
});

testWithTerminal('sort-terminal').each(['y\n', '\n'])('yes: %j', async (answer) => {
  const { status, output } = await sortAndAnswer(answer);
  expect(output).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  expect(output).toContain('Nothing was left to do');
  expect(status).toBe(0);
});
