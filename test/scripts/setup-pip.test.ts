import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { useTempFolder } from '../support/files';

const { pythonCommand, unpackPackage } = require('../../scripts/setup/pip');
const { Log } = require('../../scripts/setup/run');
const { root, setupFolder } = require('../../scripts/setup/project');

const temp = useTempFolder();
const mirror = () => join(temp(), 'mirror');
const target = () => join(temp(), 'unpacked');
const saved = { ...process.env };

/** A wheel as small as pip takes it, in a folder that pip is told to use instead of its index, as one tells it of a mirror. */
function makeWheel(): string {
  const content = join(temp(), 'content');
  const files = {
    'tiny/numbers.dat': 'one two three',
    'tiny-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n',
    'tiny-1.0.dist-info/WHEEL':
      'Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    'tiny-1.0.dist-info/RECORD': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(content, name)), { recursive: true });
    writeFileSync(join(content, name), text);
  }
  mkdirSync(mirror());
  const wheel = join(mirror(), 'tiny-1.0-py3-none-any.whl');
  const names = readdirSync(content).map((name) => join(content, name));
  execFileSync(pythonCommand(), ['-m', 'zipfile', '-c', wheel, ...names]);
  return createHash('sha256').update(readFileSync(wheel)).digest('hex');
}

async function unpack(sha256: string): Promise<void> {
  const log = new Log('test-pip');
  try {
    await unpackPackage(log, { requirement: 'tiny==1.0', sha256 }, target());
  } finally {
    log.close();
  }
}

const leftBehind = () => readdirSync(setupFolder).filter((name) => name.startsWith('download-'));

beforeEach(() => {
  process.env.PIP_NO_INDEX = '1';
  process.env.PIP_FIND_LINKS = mirror();
});

afterEach(() => {
  process.env = { ...saved };
});

test('what pip has been told of a mirror is obeyed, and a file is unpacked after its SHA-256 was checked', async () => {
  await unpack(makeWheel());
  expect(readFileSync(join(target(), 'tiny/numbers.dat'), 'utf8')).toBe('one two three');
  expect(leftBehind()).toEqual([]);
});

test('a file that is not, to the last byte, the one that was looked at is not used', async () => {
  makeWheel();
  await expect(unpack('0'.repeat(64))).rejects.toThrow(
    /tiny-1\.0-py3-none-any\.whl has the SHA-256 \w{64}, not 0{64}: it was not used/,
  );
  expect(existsSync(target())).toBe(false);
  expect(leftBehind()).toEqual([]);
});

test('a package that pip cannot get is a failure of the step, and leaves nothing behind', async () => {
  mkdirSync(mirror());
  await expect(unpack('0'.repeat(64))).rejects.toThrow(/ended with exit code/);
  expect(leftBehind()).toEqual([]);
});

test('no host of a package registry is named: who sits behind a mirror has told the registry’s own client', () => {
  const hosts = ['registry.npmjs', 'files.pythonhosted', 'pypi', 'deb.debian', 'registry.yarnpkg'];
  const pattern = hosts.map((host) => `${host}[.]org`).join('\\|');
  expect(git('grep', '-l', '-I', pattern)).toBe('');
});

/** What git prints; it exits with 1 where it finds nothing. */
function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    if (status === 1) return stdout;
    throw error;
  }
}
