import { PageServer } from '../../src/web/server';
import { FakePeople } from '../support/fake-people';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();
test('x', async () => {
  const s = await PageServer.start(new FakePeople(temp()));
  console.log(s.address);
  const r = await fetch(s.address, { redirect: 'manual' });
  console.log(r.status, [...r.headers], await r.text());
  const cookie = r.headers.get('set-cookie')!.split(';')[0];
  const base = `http://127.0.0.1:${s.port}`;
  for (const [m, p, h, b] of [
    ['GET', '/', {}],
    ['GET', '/gallery/app.js', {}],
    ['GET', '/api/overview', {}],
    ['GET', '/api/pages/faces/0?revision=1', {}],
    ['GET', '/api/pages/faces/0?revision=2', {}],
    ['GET', '/api/pages/faces/0', {}],
    ['GET', '/api/pages/x/0?revision=1', {}],
    [
      'POST',
      '/api/decisions',
      { origin: base, 'content-type': 'application/json' },
      JSON.stringify({ decisions: [{ do: 'name', person: 1, name: 'A' }] }),
    ],
    [
      'POST',
      '/api/decisions',
      { origin: base, 'content-type': 'application/json' },
      JSON.stringify({ decisions: [{ do: 'name', person: 1, name: 'A', x: 1 }] }),
    ],
    [
      'POST',
      '/api/decisions',
      { origin: base, 'content-type': 'application/json' },
      '{"decisions":[{"do":"name","person":1,"name":"A","__proto__":{}}]}',
    ],
    ['POST', '/api/decisions', { origin: base, 'content-type': 'text/plain' }, '{}'],
    ['POST', '/api/decisions', { origin: base, 'content-type': 'application/json' }, '{'],
    [
      'POST',
      '/api/decisions',
      { origin: base, 'content-type': 'application/json' },
      '"' + 'a'.repeat(10 << 20) + '"',
    ],
    [
      'POST',
      '/api/faces',
      { origin: base, 'content-type': 'application/json' },
      '{"photo":"abc","box":[1,2,3,4]}',
    ],
    ['POST', '/api/apply', { origin: base }],
    ['POST', '/api/goodbye', { origin: base }],
    ['POST', '/api/apply', {}],
    ['GET', '/photos/..%2f..%2fetc%2fpasswd', {}],
    ['GET', '/photos/%00', {}],
    ['GET', '/%zz', {}],
    ['GET', '/photos/' + 'a'.repeat(300), {}],
    ['HEAD', '/', {}],
    ['PUT', '/api/apply', {}],
    ['GET', '/nothing', {}],
    ['OPTIONS', '/api/apply', { origin: base }],
  ] as any[]) {
    const r = await fetch(base + p, {
      method: m,
      headers: { cookie, ...h },
      body: b,
      redirect: 'manual',
    }).catch((e) => ({ status: e.cause?.code, text: async () => '', headers: new Map() }) as any);
    console.log(
      m,
      p,
      r.status,
      r.headers.get('content-security-policy')?.length,
      r.headers.get('content-type'),
      (await r.text()).slice(0, 150),
    );
  }
  await s.close();
});
