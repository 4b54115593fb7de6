import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { codeIn } from './docs';

const HAS_OPENSSL = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

/** `describe`, or, said aloud, `describe.skip` where no certificate can be made. */
export function describeWithCertificates(name: string, tests: () => void): void {
  if (HAS_OPENSSL) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`SKIPPED "${name}": there is no openssl here.\n`);
  describe.skip(name, () => {
    test('needs openssl', () => {});
  });
}

export interface Certificate {
  /** Files, PEM. */
  readonly key: string;
  readonly certificate: string;
}

/** Makes a certificate that is nobody's but ours, as docs/many-machines.md does, for the computer `localhost` by that name alone. */
export function makeCertificate(folder: string): Certificate {
  const line = codeIn('docs/many-machines.md', 'sh', 'openssl req').replaceAll('nas', 'localhost');
  execFileSync('sh', ['-c', line], { cwd: folder, stdio: 'ignore' });
  return { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
}
