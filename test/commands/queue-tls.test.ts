import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, describeWithCertificates, makeCertificate } from '../support/certificate';
import { runCli } from '../support/cli';
import { coordinator, makePhotos, type Network, onNetwork, until } from '../support/queue-machines';
import {
  describeWithServer,
  type PostgresProcess,
  redisHasTls,
  startPostgres,
  startRedis,
} from '../support/queue-servers';

/*
 * The real commands by TLS, with a certificate that nobody but its owner trusts.
 */
let folder: string;
let tls: Certificate;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'face-cluster-certificate-'));
  tls = makeCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));
const trusts = () => ({ NODE_EXTRA_CA_CERTS: tls.certificate });

/** What a command says that can't speak with the server at the address. */
async function refusal({ cwd, server }: Network, address: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, stderr } = await runCli(['queue', 'status', address], {
    cwd,
    env: { ...server.env, ...env },
  });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).not.toContain('geheim');
  return stderr;
}

/** @param meanwhile checks something while it goes on */
async function encodes(network: Network, meanwhile?: () => Promise<void>): Promise<void> {
  const { temp } = network;
  await makePhotos(temp('photos'), 10);
  const main = coordinator({ ...network, env: trusts() }, '-j', '1');
  await meanwhile?.();
  expect(await main.ended).toMatchObject({ code: 0 });
  expect(main.events.at(-1)).toMatchObject({ event: 'done', photos: 10, problems: 0 });
  const one = await runCli(['encode', 'photos', '-d', 'hog', '-e', 'one/faces.pickle'], { cwd: network.cwd });
  expect(one.code).toBe(0);
  expect(readFileSync(temp('queue/faces.pickle')).equals(readFileSync(temp('one/faces.pickle')))).toBe(true);
}

const UNTRUSTED = /no connection by TLS that could be trusted: self-signed certificate.*NODE_EXTRA_CA_CERTS/;
const OTHER_NAME = /could be trusted: Hostname\/IP does not match.*for the name that it was made for/;

/** Neither without trust in the certificate nor by another name than its own. */
async function refusesStrangers(network: Network): Promise<void> {
  const { url } = network.server;
  expect(await refusal(network, url, {})).toMatch(UNTRUSTED);
  expect(await refusal(network, url.replace('localhost', '127.0.0.1'), trusts())).toMatch(OTHER_NAME);
}

describeWithCertificates('by TLS', () => {
  describeWithServer('Redis', 'a certificate of our own', () => {
    if (!redisHasTls()) {
      process.stderr.write('SKIPPED "by TLS, Redis": the one that is here was built without.\n');
      test.skip('needs Redis with TLS', () => {});
      return;
    }
    const start = () => startRedis({ password: 'geheim', tls });

    test.concurrent(
      'is trusted if the environment says so',
      onNetwork(start, (network) => encodes(network)),
    );

    test.concurrent(
      'else it is told what to do',
      onNetwork(start, async (network) => {
        await refusesStrangers(network);
        const { url } = network.server;
        expect(await refusal(network, url.replace('rediss', 'redis'), {})).toMatch(/rediss:\/\/ with it/);
      }),
    );
  });

  describeWithServer('PostgreSQL', 'a certificate of our own', () => {
    /** That does not take passwords otherwise. */
    const start = async () => {
      const server = await startPostgres({ tls });
      writeFileSync(join(server.folder, 'data/pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
      await server.query('SELECT pg_reload_conf()');
      return server;
    };
    const connections = (server: PostgresProcess) =>
      server.query(
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'face-cluster-native'`,
      );

    test.concurrent(
      'is trusted if the environment says so, and all goes by TLS',
      onNetwork(start, (network) =>
        encodes(network, async () => {
          let found: Record<string, unknown>[] = [];
          await until(async () => {
            found = await connections(network.server);
            return found.length > 3;
          });
          expect(found.filter(({ ssl }) => ssl !== true)).toEqual([]);
        }),
      ),
    );

    test.concurrent(
      'else it is told what to do',
      onNetwork(start, async (network) => {
        await refusesStrangers(network);
        const { url } = network.server;
        const without = url.slice(0, url.indexOf('?'));
        expect(await refusal(network, without, trusts())).toMatch(/no encryption.*\?sslmode=verify-full/);
      }),
    );
  });

  describeWithServer('PostgreSQL', 'a server without TLS', () => {
    test.concurrent(
      'is not spoken to if the address wants TLS',
      onNetwork(startPostgres, async (network) => {
        const address = `${network.server.url}?sslmode=verify-full`;
        expect(await refusal(network, address, {})).toMatch(/does not support SSL.*has no sslmode/);
      }),
    );
  });
});
