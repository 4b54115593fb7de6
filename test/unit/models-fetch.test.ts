import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchModels } from '../../src/models/fetch';
import type { ModelManifest, ModelRole, ModelSource } from '../../src/models/manifest';
import type { Patience } from '../../src/models/patience';

const PATIENCE: Patience = { tries: 3, pauseMs: 5, idleMs: 500 };

/** Random, so that gzip can't shrink them and a cut lands inside a file. */
const CONTENT: Record<ModelRole, Buffer> = {
  resnet: randomBytes(300_000),
  mmod: randomBytes(513),
  landmarks: randomBytes(70_000),
};
const UNWANTED = randomBytes(3_000_000);

function tarFile(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0ustar\0', 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

const TARBALL = gzipSync(
  Buffer.concat([
    tarFile('package/README.md', Buffer.from('Hello')),
    tarFile('package/models/resnet.dat', CONTENT.resnet),
    tarFile('package/models/mmod.dat', CONTENT.mmod),
    tarFile('package/models/landmarks.dat', CONTENT.landmarks),
    tarFile('package/models/unwanted.dat', UNWANTED),
    Buffer.alloc(1024),
  ]),
);

function manifest(...sources: ModelSource[]): ModelManifest {
  const roles = Object.keys(CONTENT) as ModelRole[];
  return {
    models: roles.map((role) => ({
      name: `${role}.dat`,
      role,
      what: 'made up',
      bytes: CONTENT[role].length,
      sha256: createHash('sha256').update(CONTENT[role]).digest('hex'),
      author: 'nobody',
      licence: 'CC0-1.0',
    })),
    sources,
  };
}

interface Request {
  readonly url: string;
  readonly range: string | undefined;
}

let folder: string;
let server: Server;
let origin: string;
let requests: Request[];
let answer: (request: Request, response: ServerResponse) => void;

/** Answers as a plain file server does, with ranges; `cutAfter` breaks the connection after so many bytes. */
function serve(
  file: Buffer,
  request: Request,
  response: ServerResponse,
  cutAfter = Number.POSITIVE_INFINITY,
) {
  const start = Number(/^bytes=(\d+)-$/.exec(request.range ?? '')?.[1] ?? 0);
  const body = file.subarray(start);
  const headers = { 'content-length': body.length };
  if (start >= file.length && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  response.writeHead(start > 0 ? 206 : 200, headers);
  if (cutAfter >= body.length) response.end(body);
  else response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
  requests = [];
  answer = (request, response) => serve(TARBALL, request, response);
  server = createServer((incoming, response) => {
    const request = { url: incoming.url ?? '', range: incoming.headers.range };
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

const tarball = (path = '/models.tgz'): ModelSource => ({
  kind: 'tarball',
  url: `${origin}${path}`,
  folder: 'package/models',
});

function expectAllModels(): void {
  for (const role of Object.keys(CONTENT) as ModelRole[]) {
    expect(readFileSync(join(folder, `${role}.dat`)).equals(CONTENT[role])).toBe(true);
  }
  // Nothing half-done and nothing unwanted is left behind.
  expect(readdirSync(folder).sort()).toEqual(['landmarks.dat', 'mmod.dat', 'resnet.dat']);
}

describe('fetchModels', () => {
  test('takes the wanted files out of the archive and reports how far it is', async () => {
    const progress: number[] = [];
    const summary = await fetchModels({
      folder,
      manifest: manifest(tarball()),
      onProgress: ({ done, total }) => progress.push(done / total),
    });
    expectAllModels();
    expect(summary).toEqual({
      folder,
      fetched: ['resnet.dat', 'mmod.dat', 'landmarks.dat'],
      kept: [],
      source: `${origin}/models.tgz`,
    });
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  test('does not wait for the rest of the archive, which is not wanted', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': TARBALL.length });
      response.write(TARBALL.subarray(0, 400_000)); // and then nothing more, for ever
    };
    const started = Date.now();
    await fetchModels({ folder, manifest: manifest(tarball()), patience: { ...PATIENCE, idleMs: 60_000 } });
    expectAllModels();
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  test('asks for nothing when every file is there and intact', async () => {
    await fetchModels({ folder, manifest: manifest(tarball()) });
    requests = [];
    const summary = await fetchModels({ folder, manifest: manifest(tarball()) });
    expect(requests).toEqual([]);
    expect(summary).toMatchObject({ fetched: [], source: undefined });
    expect(summary.kept).toHaveLength(3);
  });

  test('replaces only the file that is damaged', async () => {
    await fetchModels({ folder, manifest: manifest(tarball()) });
    const broken = Buffer.from(CONTENT.mmod);
    broken.writeUInt8(broken.readUInt8(7) ^ 1, 7);
    writeFileSync(join(folder, 'mmod.dat'), broken);
    const summary = await fetchModels({ folder, manifest: manifest(tarball()) });
    expect(summary.fetched).toEqual(['mmod.dat']);
    expectAllModels();
  });

  test('goes on where a broken connection stopped', async () => {
    answer = (request, response) =>
      serve(TARBALL, request, response, requests.length < 3 ? 100_000 : Infinity);
    await fetchModels({ folder, manifest: manifest(tarball()), patience: PATIENCE });
    expectAllModels();
    expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  test('goes on where an earlier process stopped', async () => {
    answer = (request, response) => serve(TARBALL, request, response, request.range ? 0 : 100_000);
    const failing = fetchModels({ folder, manifest: manifest(tarball()), patience: PATIENCE });
    await expect(failing).rejects.toMatchObject({ code: 'FACE_MODEL_DOWNLOAD' });
    requests = [];
    answer = (request, response) => serve(TARBALL, request, response);
    await fetchModels({ folder, manifest: manifest(tarball()), patience: PATIENCE });
    expectAllModels();
    expect(requests).toEqual([{ url: '/models.tgz', range: 'bytes=100000-' }]);
  });

  test('copes with a server that knows no ranges', async () => {
    answer = (_, response) =>
      serve(TARBALL, { url: '', range: undefined }, response, requests.length < 2 ? 100_000 : Infinity);
    await fetchModels({ folder, manifest: manifest(tarball()), patience: PATIENCE });
    expectAllModels();
  });

  test('starts afresh when the part of an earlier attempt is rubbish', async () => {
    writeFileSync(join(folder, 'models.tgz.part'), randomBytes(5000));
    await fetchModels({ folder, manifest: manifest(tarball()), patience: PATIENCE });
    expectAllModels();
  });

  test('takes a connection that has gone silent for a broken one', async () => {
    answer = (request, response) => {
      if (requests.length > 1) serve(TARBALL, request, response);
      else {
        response.writeHead(200, { 'content-length': TARBALL.length });
        response.write(TARBALL.subarray(0, 50_000));
      }
    };
    await fetchModels({ folder, manifest: manifest(tarball()), patience: { ...PATIENCE, idleMs: 100 } });
    expectAllModels();
    expect(requests).toHaveLength(2);
  });

  test('refuses a file with another SHA-256, leaves nothing of it, and says how to go on', async () => {
    const real = manifest(tarball());
    const forged: ModelManifest = {
      ...real,
      models: real.models.map((model) =>
        model.role === 'mmod' ? { ...model, sha256: '0'.repeat(64) } : model,
      ),
    };
    const error = await fetchModels({ folder, manifest: forged, patience: PATIENCE }).catch((e) => e);
    expect(error).toMatchObject({ code: 'FACE_MODEL_DOWNLOAD' });
    expect(error.message).toContain(`${origin}/models.tgz`);
    expect(error.message).toContain('mmod.dat did not have the expected size and SHA-256');
    expect(error.message).toContain('models --from FOLDER_WITH_THE_FILES');
    expect(readdirSync(folder)).toEqual(['resnet.dat']);
  });

  test.each([
    ['refuses', 404, 1],
    ['has trouble', 503, PATIENCE.tries],
  ])('turns to the next source when a server %s', async (_, status, tries) => {
    answer = (request, response) => {
      if (request.url === '/first.tgz') response.writeHead(status).end('no');
      else serve(TARBALL, request, response);
    };
    const sources = manifest(tarball('/first.tgz'), tarball('/second.tgz'));
    const summary = await fetchModels({ folder, manifest: sources, patience: PATIENCE });
    expectAllModels();
    expect(summary.source).toBe(`${origin}/second.tgz`);
    expect(requests.filter(({ url }) => url === '/first.tgz')).toHaveLength(tries);
  });

  test('turns to the next source when a server is not there', async () => {
    const nowhere: ModelSource = { kind: 'tarball', url: 'http://127.0.0.1:1/models.tgz', folder: 'x' };
    await fetchModels({ folder, manifest: manifest(nowhere, tarball()), patience: PATIENCE });
    expectAllModels();
  });

  test('unpacks single bzip2 files, also over a broken connection', async () => {
    const packed = (content: Buffer) => execFileSync('bzip2', ['-c'], { input: content });
    const files = new Map(
      (Object.keys(CONTENT) as ModelRole[]).map((role) => [`/${role}.dat.bz2`, packed(CONTENT[role])]),
    );
    answer = (request, response) =>
      serve(files.get(request.url) as Buffer, request, response, requests.length === 1 ? 10_000 : Infinity);
    const source: ModelSource = { kind: 'bzip2', url: `${origin}/{name}.bz2` };
    await fetchModels({ folder, manifest: manifest(source), patience: PATIENCE });
    expectAllModels();
    expect(requests.map(({ url }) => url)).toEqual([
      '/resnet.dat.bz2',
      '/resnet.dat.bz2',
      '/mmod.dat.bz2',
      '/landmarks.dat.bz2',
    ]);
  });

  test.each(['tarball', 'bzip2'] as const)('says so when a %s source sends something else', async (kind) => {
    answer = (_, response) => response.end('<html>Please log in to this Wi-Fi</html>');
    const source: ModelSource =
      kind === 'tarball' ? tarball() : { kind: 'bzip2', url: `${origin}/{name}.bz2` };
    const failing = fetchModels({ folder, manifest: manifest(source), patience: PATIENCE });
    await expect(failing).rejects.toMatchObject({
      code: 'FACE_MODEL_DOWNLOAD',
      message: expect.stringContaining(`it is not an intact ${kind === 'tarball' ? 'gzip' : 'bzip2'} file`),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('stops at once when aborted and keeps what has arrived', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': TARBALL.length });
      response.write(TARBALL.subarray(0, 100_000));
    };
    const controller = new AbortController();
    const started = Date.now();
    const failing = fetchModels({
      folder,
      manifest: manifest(tarball()),
      patience: { ...PATIENCE, idleMs: 60_000 },
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(failing).rejects.toMatchObject({ code: 'FACE_ABORTED', name: 'AbortError' });
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(readdirSync(folder)).toEqual(['models.tgz.part']);
  });

  test('does nothing when aborted beforehand', async () => {
    const failing = fetchModels({ folder, manifest: manifest(tarball()), signal: AbortSignal.abort() });
    await expect(failing).rejects.toMatchObject({ code: 'FACE_ABORTED' });
    expect(requests).toEqual([]);
  });

  test('says so when the folder cannot be made', async () => {
    const inTheWay = join(folder, 'file');
    writeFileSync(inTheWay, '');
    const failing = fetchModels({ folder: join(inTheWay, 'models'), manifest: manifest(tarball()) });
    await expect(failing).rejects.toMatchObject({ code: 'FACE_IO' });
    expect(requests).toEqual([]);
  });

  describe('from a folder', () => {
    let from: string;

    beforeEach(() => {
      from = mkdtempSync(join(tmpdir(), 'models-from-'));
      for (const role of Object.keys(CONTENT) as ModelRole[]) {
        writeFileSync(join(from, `${role}.dat`), CONTENT[role]);
      }
    });

    afterEach(() => rmSync(from, { recursive: true, force: true }));

    test('copies without the network', async () => {
      const summary = await fetchModels({ folder, from, manifest: manifest(tarball()) });
      expectAllModels();
      expect(summary.source).toBe(from);
      expect(requests).toEqual([]);
    });

    test('refuses a damaged file and names it', async () => {
      writeFileSync(join(from, 'resnet.dat'), randomBytes(300_000));
      const failing = fetchModels({ folder, from, manifest: manifest(tarball()) });
      await expect(failing).rejects.toMatchObject({
        code: 'FACE_MODEL_DAMAGED',
        message: expect.stringContaining(join(from, 'resnet.dat')),
      });
      expect(existsSync(join(folder, 'resnet.dat'))).toBe(false);
    });

    test('names a file that is not there', async () => {
      rmSync(join(from, 'mmod.dat'));
      const failing = fetchModels({ folder, from, manifest: manifest(tarball()) });
      await expect(failing).rejects.toMatchObject({
        code: 'FACE_MODEL_MISSING',
        message: expect.stringContaining(join(from, 'mmod.dat')),
      });
    });
  });
});
