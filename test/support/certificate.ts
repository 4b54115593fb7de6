import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

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

/** Makes a certificate that is nobody's but ours, for the computer `localhost` by that name alone. */
export function makeCertificate(folder: string): Certificate {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
  ];
  execFileSync('openssl', [...made, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], {
    stdio: 'ignore',
  });
  return { key, certificate };
}
