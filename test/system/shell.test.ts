import { execFileSync } from 'node:child_process';
import { quoted } from '../../src/system/shell';
import { notOnWindows } from '../support/platform';

notOnWindows('a quoted argument comes out of the shell as it went in', () => {
  for (const argument of ['plain/path.pickle', 'with space', "it's", '$HOME `id` "x" \\ *', '']) {
    const echoed = execFileSync('sh', ['-c', `printf %s ${quoted(argument)}`], { encoding: 'utf8' });
    expect(echoed).toBe(argument);
  }
  expect(quoted('plain/path.pickle')).toBe('plain/path.pickle');
});
