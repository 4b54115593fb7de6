import { FaceError } from '../../src/base/errors';
import { checkAddress } from '../../src/queue/server';
import { isTransient, patiently, queueError, Troubles } from '../../src/queue/trouble';

const error = (message: string, code?: string) => Object.assign(new Error(message), code && { code });

/** What servers say, as seen with Redis 7.0 and PostgreSQL 15; whether it may pass; what people are told. */
test.each([
  [error('connect ECONNREFUSED 127.0.0.1:6379', 'ECONNREFUSED'), true, /can't be reached/],
  [error('getaddrinfo ENOTFOUND nas', 'ENOTFOUND'), true, /no computer of that name/],
  [error('Connection is closed.'), true, /can't be reached/],
  [error('NOAUTH Authentication required.'), false, /asks for a password.*FACE_QUEUE_PASSWORD/],
  [
    error('WRONGPASS invalid username-password pair or user is disabled.'),
    false,
    /refuses the name or the password/,
  ],
  [error('password authentication failed for user "x"', '28P01'), false, /refuses the name or the password/],
  [
    error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
    false,
    /refuses the name or the/,
  ],
  [error('database "x" does not exist', '3D000'), false, /has no such database/],
  [
    error('WRONGPASS invalid username-password pair or user is disabled.'),
    false,
    /user is disabled\. Give it in the environment/,
  ],
  [error("OOM command not allowed when used memory > 'maxmemory'."), true, /is full.*\(maxmemory\)/],
  [error('could not extend file: No space left on device', '53100'), true, /no room left on its disk/],
  [error('out of memory', '53200'), true, /has too little memory/],
  [error('LOADING Redis is loading the dataset in memory'), true, /is starting/],
  [error('the database system is starting up', '57P03'), true, /is starting/],
  [error('terminating connection due to administrator command', '57P01'), true, /is starting, stopping/],
  [error('MISCONF Redis is configured to save RDB snapshots'), true, /can't write to its disk/],
  [
    error(
      `MISCONF Errors writing to the AOF file: No space left on device script: ${'5ab'.padEnd(40, '0')}, on @user_script:589.`,
    ),
    true,
    /: MISCONF Errors writing to the AOF file: No space left on device\. Look whether that is full\./,
  ],
  [error("READONLY You can't write against a read only replica."), false, /may only be read/],
  [error('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), false, /NODE_EXTRA_CA_CERTS/],
  [error('The server does not support SSL connections'), false, /has no sslmode/],
  [
    error('no pg_hba.conf entry for host "10.0.0.1", user "x", database "y", no encryption', '28000'),
    false,
    /from here by this address: .*no encryption.*\?sslmode=verify-full/,
  ],
  [error('role "x" is not permitted to log in', '28000'), false, /refuses the name or the password/],
  [error('something that nobody has seen'), false, /failed: something that nobody has seen/],
])('%p', (said, passes, told) => {
  const { code, message } = queueError(said, 'redis://nas:6379');
  expect(code).toBe('FACE_QUEUE');
  expect(message).toContain('redis://nas:6379');
  expect(message).toMatch(told);
  expect(isTransient(said)).toBe(passes);
});

test('all addresses of a name were tried', () => {
  const both = Object.assign(
    new AggregateError([error('connect ECONNREFUSED ::1:6379', 'ECONNREFUSED')], ''),
    {
      code: 'ECONNREFUSED',
    },
  );
  expect(queueError(both, 'redis://localhost').message).toMatch(/can't be reached/);
});

test('what an error was made with, a password say, is not in what is told of it', () => {
  const said = Object.assign(error('WRONGPASS invalid username-password pair'), {
    command: { name: 'auth', args: ['geheim'] },
  });
  const told = queueError(said, 'redis://nas');
  expect(
    JSON.stringify({ ...told, message: told.message, stack: told.stack, cause: told.cause }),
  ).not.toContain('geheim');
});

test('what may pass is tried again, what will not is told', async () => {
  const told: string[] = [];
  let attempts = 0;
  const value = await patiently(
    async () => {
      if (++attempts < 3) throw error('connect ECONNREFUSED', 'ECONNREFUSED');
      return 7;
    },
    'redis://nas',
    undefined,
    ({ message }) => told.push(message),
  );
  expect([value, attempts, told.length]).toEqual([7, 3, 2]);
  const refused = patiently(
    async () => {
      throw error('WRONGPASS');
    },
    'redis://nas',
    undefined,
    () => {},
  );
  await expect(refused).rejects.toMatchObject({ code: 'FACE_QUEUE' });
});

test('who stops waits no longer', async () => {
  const stop = new AbortController();
  const waiting = patiently(
    async () => {
      throw error('connect ECONNREFUSED', 'ECONNREFUSED');
    },
    'redis://nas',
    stop.signal,
    () => stop.abort(),
  );
  await expect(waiting).rejects.toMatchObject({ code: 'FACE_ABORTED' });
});

test('what is told is plain, and says so where it is tried again', () => {
  const message = (said: Error, again = false) => queueError(said, 'redis://nas', again).message;
  expect(message(error('NOAUTH HELLO must be called with the client already authenticated'))).toBe(
    "The queue's server redis://nas asks for a password. Give it in the environment, FACE_QUEUE_PASSWORD, or in a file, --password-file.",
  );
  expect(message(error('WRONGPASS user is disabled.'))).toContain(': WRONGPASS user is disabled. Give');
  const away = error('connect ECONNREFUSED', 'ECONNREFUSED');
  expect(message(away)).not.toContain('tried again');
  expect(message(away, true)).toMatch(
    /Is it running\?.* It is tried again and again; what is done is kept\.$/,
  );
  expect(message(error('LOADING dataset'), true)).toMatch(/busy: LOADING dataset\. It is tried again/);
  expect(message(error('NOAUTH'), true)).not.toContain('tried again');
});

test('a trouble that several connections have is told once', () => {
  const told: string[] = [];
  const troubles = new Troubles(
    ({ message }) => told.push(message),
    () => told.push('back'),
  );
  for (let i = 0; i < 5; i++) {
    troubles.add(queueError(error(`connect ECONNREFUSED 127.0.0.1:${i}`, 'ECONNREFUSED'), 'redis://nas'));
  }
  troubles.add(queueError(error('OOM'), 'redis://nas'));
  expect(told.length).toBe(2);
});

test('that a server answers again is told once, to whom it was told that it does not', () => {
  const told: string[] = [];
  const troubles = new Troubles(
    ({ message }) => told.push(message),
    () => told.push('back'),
  );
  const away = queueError(error('connect ECONNREFUSED', 'ECONNREFUSED'), 'redis://nas', true);
  const before = performance.now();
  troubles.answered(before);
  // A server that is full answers.
  const full = queueError(error('OOM'), 'redis://nas', true);
  troubles.add(full);
  troubles.answered(performance.now());
  expect(told).toEqual([full.message]);
  troubles.add(away);
  // That was asked when it still was there.
  troubles.answered(before);
  expect(told).toEqual([full.message, away.message]);
  troubles.answered(performance.now());
  troubles.answered(performance.now());
  expect(told).toEqual([full.message, away.message, 'back']);
});

test.each([
  'redis://nas',
  'redis://nas:7000/3',
  'rediss://anna@nas',
  'postgres://anna@nas/photos',
  'postgresql://nas',
])('%s is an address', (address) => {
  expect(checkAddress(address).protocol).toMatch(/:$/);
});

test.each([
  ['nas', '"nas"'],
  ['http://nas', '"http:"'],
  ['redis://nas/photos', '"/photos"'],
  ['', '""'],
  ['secret@nas', '"…@nas"'],
  ['postgres://anna:se@secret@nas:99999', '"…@nas:99999"'],
])('"%s" is none', (address, received) => {
  let failure: unknown;
  try {
    checkAddress(address);
  } catch (thrown) {
    failure = thrown;
  }
  expect(failure).toBeInstanceOf(FaceError);
  // There may be a password in it.
  expect((failure as FaceError).message).not.toContain('secret');
  expect((failure as FaceError).message).toContain(`received ${received}`);
});
