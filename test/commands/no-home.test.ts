import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type CliOptions, runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { STRANGER, testAsStranger } from '../support/unprivileged';

const temp = useTempFolder();

/** What Node.js does for such a user. */
const HOOK = "require('node:os').homedir = () => { throw new Error('uv_os_homedir returned ENOENT'); };";

describe.each<[string, jest.It, (folder: string) => Partial<CliOptions>]>([
  [
    'a home that Node.js does not find',
    test,
    (folder) => {
      writeFileSync(join(folder, 'hook.cjs'), HOOK);
      return {
        env: { HOME: undefined, NODE_OPTIONS: `--require ${JSON.stringify(join(folder, 'hook.cjs'))}` },
      };
    },
  ],
  [
    'a user without a name',
    testAsStranger('no-home, as a user without a name'),
    () => ({ env: { HOME: undefined }, uid: STRANGER }),
  ],
])('with %s', (_, testIt, options) => {
  testIt('encode and doctor work with the models of the package', async () => {
    chmodSync(temp(), 0o777);
    mkdirSync(join(temp(), 'photos'));
    const grey = { width: 40, height: 40, channels: 3, background: '#888' } as const;
    await sharp({ create: grey })
      .png()
      .toFile(join(temp(), 'photos', 'a.png'));
    const here = { cwd: temp(), ...options(temp()) };
    const encode = await runCli(['encode', '-i', 'photos', '-e', 'e.pickle', '-d', 'hog'], here);
    expect(encode).toMatchObject({ code: 0, stdout: expect.stringContaining('0 faces in 1 photo') });
    const doctor = await runCli(['doctor'], here);
    expect(doctor).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('All is well.') });
  });
});
