import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import sharp from 'sharp';
import { photoFile } from '../../src/result/originals/find';
import { sha256 } from '../../src/system/sha256';
import { HEADERS } from '../../src/web/guard';
import { PageServer, type ServeOptions } from '../../src/web/server';
import type { SessionFace } from '../../src/web/session';
import { checkPageBuilt } from '../support/cli';
import { FakePeople } from '../support/fake-people';
import { PORTRAITS, useTempFolder } from '../support/files';
import { Client, sortPortraits } from '../support/served';

/* Who the server of the page answers, and what. Over real HTTP: browsers, and those who only seem to be one. */
beforeAll(checkPageBuilt);
const temp = useTempFolder();

let people: FakePeople;
let server: PageServer;
let client: Client;
let troubles: unknown[];

beforeEach(() => start());
afterEach(() => server.close());

async function start(options: ServeOptions = {}): Promise<void> {
  await server?.close();
  people = new FakePeople(temp());
  troubles = [];
  server = await PageServer.start(people, { onTrouble: (error) => troubles.push(error), ...options });
  client = await Client.open(server.address);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Asks as no browser can: with any `Host` and any path, sent as it is. */
function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    asked.end(body);
  });
}

const NAMING = JSON.stringify({ decisions: [{ do: 'name', person: 1, name: 'Anna' }] });

/** One request of each kind, as the page makes them. */
const REQUESTS: readonly (readonly [method: 'GET' | 'POST', path: string, body?: string])[] = [
  ['GET', '/'],
  ['GET', '/gallery/app.js'],
  ['GET', '/gallery/gallery.css'],
  ['GET', '/gallery/data/overview.js'],
  ['GET', '/api/overview'],
  ['GET', '/api/pages/faces/0?revision=1'],
  ['GET', '/api/history'],
  ['GET', '/api/questions'],
  ['GET', '/api/people/1/alike'],
  ['GET', '/api/people/1/several'],
  ['GET', '/api/events'],
  ['GET', '/photos/abc'],
  ['GET', '/thumbnails/photos/abc'],
  ['GET', '/thumbnails/faces/abc'],
  ['POST', '/api/decisions', NAMING],
  ['POST', '/api/undo', '{}'],
  ['POST', '/api/faces', '{"photo":"abc","box":[1,9,9,1]}'],
  ['POST', '/api/apply', '{}'],
  ['POST', '/api/goodbye', '{}'],
];

/** Makes all {@link REQUESTS}, with a cookie and all unless told otherwise. */
async function askAll(headers: OutgoingHttpHeaders): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [method, path, body] of REQUESTS) {
    const usual = {
      cookie: client.cookie,
      'sec-fetch-site': 'same-origin',
      ...(method === 'POST' && { origin: client.origin, 'content-type': 'application/json' }),
    };
    answers.push(await ask(path, { ...usual, ...headers }, method, body));
  }
  expect(people.decided).toEqual([]);
  return answers;
}

function expectRefusal(answers: readonly Answer[], status: number, code: string): void {
  for (const [i, answer] of answers.entries()) {
    expect([REQUESTS[i], answer.status]).toEqual([REQUESTS[i], status]);
    expect(JSON.parse(answer.text)).toEqual({ code, message: expect.stringMatching(/\.$/) });
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
}

describe('who gets in', () => {
  test('the address that was printed gives a cookie and leads on without its token', async () => {
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const { status, headers, text } = await ask(
      new URL(server.address).pathname + new URL(server.address).search,
    );
    expect([status, headers.location, text]).toEqual([303, '/', '']);
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(`^face-cluster-${server.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
      ),
    ]);
    expect(headers['set-cookie']?.[0]).not.toContain(new URL(server.address).searchParams.get('token'));
    const page = await client.fetch('');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('gallery/app.js');
  });

  test('the same address opens a second browser, for as long as the server runs', async () => {
    await server.opened;
    const second = await Client.open(server.address);
    expect(await second.get('api/overview')).toMatchObject({ people: [] });
    expect(await client.get('api/overview')).toMatchObject({ people: [] });
  });

  test('a browser that has the cookie loses the token from its address all the same', async () => {
    for (const token of ['old', new URL(server.address).searchParams.get('token')]) {
      const answer = await client.fetch(`?token=${token}`);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    }
  });

  test('where another page has led to it, the cookie is not sent on by browsers: the page leads on by itself', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const answer = await ask(`/${new URL(server.address).search}`, headers);
    expect([answer.status, answer.headers['set-cookie']?.length]).toEqual([200, 1]);
    expect(answer.text).toContain('content="0; url=/"');
    expect(answer.text).not.toContain('token');
  });

  test('nobody without it', async () => {
    expectRefusal(await askAll({ cookie: '' }), 401, 'TOKEN');
  });

  test.each([
    ['a wrong one', () => `face-cluster-${server.port}=${'A'.repeat(43)}`],
    [
      'the token in its place',
      () => `face-cluster-${server.port}=${new URL(server.address).searchParams.get('token')}`,
    ],
    ['that of another server', () => client.cookie.replace(/-\d+=/, '-1=')],
    ['one cut off', () => client.cookie.slice(0, -1)],
    ['an empty one', () => `face-cluster-${server.port}=`],
  ])('nobody with a cookie that is not its: %s', async (_, cookie) => {
    expectRefusal(await askAll({ cookie: cookie() }), 401, 'TOKEN');
  });

  test.each(['x', '', 'A'.repeat(43), 'A'.repeat(4000)])('nobody with a wrong token', async (token) => {
    const { status, headers } = await ask(`/?token=${token}`);
    expect([status, headers['set-cookie']]).toEqual([401, undefined]);
    for (const path of ['/api/overview', '/photos/abc']) {
      const right = new URL(server.address).search;
      expect((await ask(path + right)).status).toBe(401);
    }
    expect((await ask(`/${new URL(server.address).search}&token=x`)).status).toBe(401);
  });

  test('two servers have cookies of their own', async () => {
    const other = await PageServer.start(new FakePeople(temp()));
    try {
      const { cookie } = await Client.open(other.address);
      expect(cookie.split('=', 1)).not.toEqual(client.cookie.split('=', 1));
      const both = await ask('/api/overview', { cookie: `${cookie}; ${client.cookie}` });
      expect(both.status).toBe(200);
    } finally {
      await other.close();
    }
  });
});

describe('other pages', () => {
  test.each([
    () => 'evil.example',
    () => `evil.example:${server.port}`,
    () => '127.0.0.1',
    () => '127.0.0.1:1',
    () => `127.0.0.1:${server.port}.evil.example`,
    () => `[::1]:${server.port}`,
    () => `0.0.0.0:${server.port}`,
  ])('that are called otherwise and lead here (DNS rebinding)', async (host) => {
    expectRefusal(await askAll({ host: host() }), 403, 'HOST');
    // Not even the token helps.
    const { status, headers } = await ask(`/${new URL(server.address).search}`, { host: host() });
    expect([status, headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('a whole address in the first line of a request is no way around that', async () => {
    const { status } = await ask('http://evil.example/api/overview', { cookie: client.cookie });
    expect(status).toBe(403);
  });

  test('localhost is this computer, too', async () => {
    const answer = await ask('/api/overview', { host: `localhost:${server.port}`, cookie: client.cookie });
    expect(answer.status).toBe(200);
  });

  test.each([
    () => 'http://evil.example',
    () => 'null',
    () => `https://127.0.0.1:${server.port}`,
    () => `http://127.0.0.1:${server.port + 1}`,
    () => `http://127.0.0.1:${server.port}.evil.example`,
    () => '',
  ])('have no say: Origin', async (origin) => {
    expectRefusal(await askAll({ origin: origin() }), 403, 'ORIGIN');
  });

  test.each(['same-site', 'cross-site'])('have no say: Sec-Fetch-Site: %s', async (site) => {
    expectRefusal(await askAll({ 'sec-fetch-site': site }), 403, 'ORIGIN');
  });

  test('nobody changes anything without saying where from', async () => {
    for (const site of ['none', undefined]) {
      const headers = {
        cookie: client.cookie,
        'content-type': 'application/json',
        ...(site && { 'sec-fetch-site': site }),
      };
      expect((await ask('/api/decisions', headers, 'POST', NAMING)).status).toBe(403);
    }
    const odd = { origin: client.origin, 'sec-fetch-site': 'cross-site' };
    expect((await client.send('api/decisions', NAMING, odd)).status).toBe(403);
    expect(people.decided).toEqual([]);
  });
});

describe('what is asked', () => {
  test('all answers have the headers that keep the page to itself', async () => {
    const answers = [
      await client.fetch(''),
      await client.fetch('gallery/app.js'),
      await client.fetch('api/overview'),
      await client.fetch('nothing'),
      await client.fetch('%zz'),
      await client.fetch('photos/..'),
      await client.send('api/decisions', '{'),
      await client.send('api/decisions', '{}', { origin: 'http://evil.example' }),
      await fetch(client.origin),
    ];
    for (const { headers } of answers) {
      for (const [name, value] of Object.entries(HEADERS))
        expect([name, headers.get(name)]).toEqual([name, value]);
    }
    expect(HEADERS['content-security-policy']).not.toContain('unsafe');
  });

  test.each(['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'there is no %s',
    async (method) => {
      for (const path of ['/', '/api/decisions', '/photos/abc']) {
        const { status, headers } = await ask(path, { cookie: client.cookie, origin: client.origin }, method);
        expect([status, headers.allow]).toEqual([405, 'GET, POST']);
      }
    },
  );

  test.each([
    '/nothing',
    '/api',
    '/api/decisions',
    '/api/overview/',
    '//api/overview',
    '/gallery/',
    '/gallery/app.ts',
    '/gallery/../package.json',
    '/gallery/%2e%2e/%2e%2e/package.json',
    '/index.html',
    '/.data/people.jsonl',
    '/photos',
    '/%zz',
    `/photos/${'a'.repeat(5000)}`,
  ])('nothing else is there: %s', async (path) => {
    const { status, text } = await ask(path, { cookie: client.cookie });
    expect([status, JSON.parse(text).code]).toEqual([404, 'NOT_FOUND']);
  });

  test.each(['/photos/', '/thumbnails/photos/', '/thumbnails/faces/', '/api/people/', '/api/pages/faces/'])(
    'no path leads out of %s',
    async (place) => {
      writeFileSync(temp('secret'), 'secret');
      const ids = [
        '../secret',
        '..%2fsecret',
        '%2e%2e%2fsecret',
        '..%5csecret',
        encodeURIComponent(temp('secret')),
        `/${encodeURI(temp('secret'))}`,
        'secret%00',
        '%2e%2e',
        '.',
        'a%2fb',
        '__proto__',
        'constructor',
        'file:secret',
        '%ff',
        '%F0%9F%91%A9',
      ];
      const end = place === '/api/people/' ? '/alike' : place.startsWith('/api') ? '?revision=1' : '';
      for (const id of ids) {
        const { status, text } = await ask(`${place}${id}${end}`, { cookie: client.cookie });
        expect([id, [400, 404].includes(status)]).toEqual([id, true]);
        expect(text).not.toMatch(/secret.*secret|root:/);
      }
    },
  );

  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain; application/json',
    'application/json-patch+json',
    '',
  ])('JSON comes as JSON, not as %j, which forms of other pages send', async (type) => {
    expect((await client.send('api/decisions', NAMING, { 'content-type': type })).status).toBe(415);
    expect(people.decided).toEqual([]);
  });

  test('10 MB are too much, and nothing is lost by them', async () => {
    const name = 'a'.repeat(10 << 20);
    const body = JSON.stringify({ decisions: [{ do: 'name', person: 1, name }] });
    const answer = await client.send('api/decisions', body);
    expect([answer.status, await answer.json()]).toEqual([
      413,
      expect.objectContaining({ code: 'TOO_LARGE' }),
    ]);
    // Without saying beforehand how much it is.
    const parts = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const streamed = client.send('api/decisions', '', {}, { body: parts, duplex: 'half' } as RequestInit);
    expect(await streamed.then(({ status }) => status)).toBe(413);
    expect(people.decided).toEqual([]);
    expect(await client.post('api/decisions', JSON.parse(NAMING))).toMatchObject({ gesture: 1 });
  });

  test('names come as they are: what they may be is said by the people', async () => {
    const names = [
      'a'.repeat(900_000),
      '<img src=x onerror=alert(1)>',
      '"; DROP TABLE people; --',
      '\u202eannA',
      '../..',
    ];
    for (const name of names) {
      await client.post('api/decisions', { decisions: [{ do: 'name', person: 1, name }] });
      expect(people.decided.at(-1)).toEqual([{ do: 'name', person: 1, name }]);
    }
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"decisions":[]}',
    '{"decisions":[{}]}',
    '{"decisions":[{"do":"delete","person":1}]}',
    '{"decisions":[{"do":"name","person":"1","name":"Anna"}]}',
    '{"decisions":[{"do":"name","person":1.5,"name":"Anna"}]}',
    '{"decisions":[{"do":"name","person":1,"name":null}]}',
    '{"decisions":[{"do":"name","person":1,"name":"Anna","by":"somebody"}]}',
    '{"decisions":[{"do":"name","person":1,"name":"Anna"}],"by":"somebody"}',
    '{"decisions":[{"do":"name","person":1,"name":"Anna","__proto__":{"a":1}}]}',
    '{"decisions":[{"do":"is","person":1,"faces":[]}]}',
    '{"decisions":[{"do":"is","person":1,"faces":["../a"]}]}',
    '{"decisions":[{"do":"hide","person":1},{"do":"cover","face":{}}]}',
  ])('nothing is done that is not understood: %s', async (body) => {
    const answer = await client.send('api/decisions', body);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { code: 'REQUEST', message: expect.stringContaining("can't be understood") },
    ]);
    expect(people.decided).toEqual([]);
  });

  test("what goes wrong is told without what is nobody's business", async () => {
    const answer = await client.send('api/faces', '{"photo":"abc","box":[1,9,9,1]}');
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(JSON.parse(text)).toEqual({ code: 'FACE_INTERNAL', message: expect.any(String) });
    expect(text).not.toMatch(/secret|\bat /);
    expect(String(troubles)).toContain('secret');
  });

  test('a page of another revision is not mixed with this one', async () => {
    expect(await client.get('api/pages/faces/0?revision=1')).toEqual([]);
    for (const [path, status] of [
      ['api/pages/faces/0?revision=2', 409],
      ['api/pages/faces/1?revision=1', 404],
      ['api/pages/faces/0', 400],
      ['api/pages/folders/0?revision=1', 400],
      ['api/pages/faces/-1?revision=1', 400],
    ] as const) {
      expect([path, (await client.fetch(path)).status]).toEqual([path, status]);
    }
  });

  test('whoever opens an address that is not let in reads why, in words', async () => {
    const headers = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const answer = await ask('/', headers);
    expect([answer.status, answer.headers['content-type']]).toEqual([401, 'text/plain; charset=utf-8']);
    expect(answer.text).toContain('the whole address');
  });
});

describe('photos', () => {
  /** Shows a file as the photo with the id that it has. */
  function show(path: string): string {
    const id = sha256(readFileSync(path)).slice(0, 16);
    const file = photoFile(path, statSync(path, { bigint: true }));
    people.photos.set(id, { file, width: undefined, height: undefined, thumbnail: undefined });
    return id;
  }

  const portrait = (name = 'a.jpg') => {
    copyFileSync(join(PORTRAITS, 'audrey.jpg'), temp(name));
    return temp(name);
  };

  test('come as they are, by what they are, whatever their names say', async () => {
    const path = portrait('a.png');
    const answer = await client.fetch(`photos/${show(path)}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(path))).toBe(true);
    const { headers } = answer;
    expect(headers.get('content-type')).toBe('image/jpeg');
    expect(headers.get('content-length')).toBe(`${statSync(path).size}`);
    expect(headers.get('cache-control')).toBe('private, no-cache');
    const again = await client.fetch(`photos/${show(path)}`, {
      headers: { 'if-none-match': headers.get('etag') as string },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test.each(['png', 'webp', 'gif', 'avif'] as const)('%s', async (format) => {
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#a00' } })
      .toFormat(format)
      .toFile(temp('photo'));
    const { status, headers } = await client.fetch(`photos/${show(temp('photo'))}`);
    expect([status, headers.get('content-type')]).toEqual([200, `image/${format}`]);
  });

  test('those that browsers can not show come as JPEG, upright and not too large', async () => {
    const wide = sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#0a0' } });
    await wide.withMetadata({ orientation: 6 }).tiff().toFile(temp('a.tif'));
    const answer = await client.fetch(`photos/${show(temp('a.tif'))}`);
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    const { format, width, height, orientation } = await sharp(await answer.arrayBuffer()).metadata();
    expect([format, orientation]).toEqual(['jpeg', undefined]);
    expect(width / height).toBeCloseTo(3 / 4, 2);
    expect(width * height).toBeLessThanOrEqual(8_000_000);
    expect(width * height).toBeGreaterThan(7_900_000);
  });

  test.each([
    ['is gone', (path: string) => renameSync(path, `${path}.moved`)],
    [
      'was edited',
      (path: string) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('x')])),
    ],
    [
      'is something else by now',
      (path: string) => {
        const { size, atime, mtime } = statSync(path);
        writeFileSync(path, 's'.repeat(size));
        utimesSync(path, atime, mtime);
      },
    ],
  ])('one that %s is not shown, which is said in words', async (_, change) => {
    const path = portrait();
    const id = show(path);
    change(path);
    for (const place of ['photos', 'thumbnails/photos']) {
      const answer = await client.fetch(`${place}/${id}`);
      expect([answer.status, await answer.json()]).toEqual([
        404,
        {
          code: expect.stringMatching(/^FACE_IMAGE_/),
          message: expect.stringMatching(/photo.*\.$/),
        },
      ]);
    }
  });

  test('small pictures are those that a result has, made on demand, together, and kept', async () => {
    await sortPortraits(temp('people'));
    const data = JSON.parse(readFileSync(temp('people/.data/page/clusters.json'), 'utf8'));
    const faces = data.people.flatMap((person: { faces: object[] }) => person.faces).slice(0, 12);
    for (const { id, photo, box } of faces) {
      const file = photoFile(photo, statSync(photo, { bigint: true }));
      const of = { file, width: undefined, height: undefined, thumbnail: undefined };
      people.faces.set(id, { photo: of, box, thumbnail: undefined });
      people.photos.set(id.slice(0, 16), of);
    }
    const all = () =>
      Promise.all(
        faces.flatMap(({ id }: { id: string }) =>
          [`thumbnails/faces/${id}`, `thumbnails/photos/${id.slice(0, 16)}`].map(async (path) => {
            const answer = await client.fetch(path);
            expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
            expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=\d+, immutable$/);
            return Buffer.from(await answer.arrayBuffer());
          }),
        ),
      );
    const made = await all();
    const expected = faces.flatMap(({ thumbnail, photoThumbnail }: Record<string, string>) =>
      [thumbnail, photoThumbnail].map((path) => readFileSync(temp('people/.data/page', path as string))),
    );
    expect(made.map((bytes, i) => bytes.equals(expected[i]))).toEqual(made.map(() => true));
    const kept = readdirSync(temp('.data/pictures'), { recursive: true }).filter((name) =>
      /\.jpg$/.test(`${name}`),
    );
    expect(kept).toHaveLength(
      new Set(faces.map(({ id }: { id: string }) => id.slice(0, 16))).size + faces.length,
    );
    // Without the photos.
    for (const [id, face] of people.faces)
      people.faces.set(id, { ...face, photo: { ...face.photo, file: undefined } });
    for (const [id, photo] of people.photos) people.photos.set(id, { ...photo, file: undefined });
    expect(await all()).toEqual(made);
    // What a result has comes first, unless it was replaced meanwhile.
    writeFileSync(temp('small.jpg'), 'of the result');
    const [{ id }] = faces;
    for (const [name, text] of [
      ['small.jpg', 'of the result'],
      ['gone.jpg', made[0]],
    ] as const) {
      people.faces.set(id, { ...(people.faces.get(id) as SessionFace), thumbnail: temp(name) });
      const answer = await client.fetch(`thumbnails/faces/${id}`);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(text as string));
    }
  });

  test('a face that is not on its photo has no picture', async () => {
    const id = show(portrait());
    const box = { top: 90_000, right: 90_100, bottom: 90_100, left: 90_000 };
    people.faces.set(`${id}_1`, { photo: people.photo(id) as never, box, thumbnail: undefined });
    expect((await client.fetch(`thumbnails/faces/${id}_1`)).status).toBe(404);
  });
});
