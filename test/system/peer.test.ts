import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { isOtherUsers } from '../../src/system/peer';
import { useTempFolder } from '../support/files';
import { onLinux } from '../support/platform';
import { unprivileged } from '../support/unprivileged';

/* Whose a connection is, as Linux lists them. */
const temp = useTempFolder();

const SOCKET = { remoteAddress: '127.0.0.1', remotePort: 0xabcd, localPort: 0x1f90 };

/** A list with the client's end of {@link SOCKET}, among others. */
function table(state: string, user: number): string {
  const line = (local: string, remote: string, state: string, user: number) =>
    `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${user}        0 1234 1 0000000000000000 20 4 30 10 -1`;
  writeFileSync(
    temp('tcp'),
    [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      line('0100007F:1F90', '00000000:0000', '0A', 7),
      line('0100007F:1F90', '0100007F:ABCD', '01', 7),
      line('0100007F:ABCD', '0100007F:1F91', '01', 9),
      line('0200007F:ABCD', '0100007F:1F90', '01', 9),
      line('0100007F:ABCD', '0100007F:1F90', state, user),
      '',
    ].join('\n'),
  );
  return temp('tcp');
}

onLinux.each([
  ['its own', '01', 7, false],
  ["root's", '01', 0, false],
  ["another user's", '01', 8, true],
  ["closed already, and so nobody's", '05', 0, true],
])('%s', (_, state, user, others) => {
  expect(isOtherUsers(SOCKET, 7, [temp('none'), table(state, user)])).toBe(others);
});

onLinux("what is in no list is nobody else's, and root has no others", () => {
  expect(isOtherUsers({ ...SOCKET, remotePort: 1 }, 7, [table('01', 8)])).toBe(false);
  expect(isOtherUsers(SOCKET, 7, [temp('none')])).toBe(false);
  expect(isOtherUsers(SOCKET, 0, [table('01', 8)])).toBe(false);
});

onLinux('who has the same port at another address of this computer is somebody else', () => {
  const other = { ...SOCKET, remoteAddress: '127.0.0.2' };
  expect(isOtherUsers(other, 7, [table('01', 7)])).toBe(true);
  expect(isOtherUsers(SOCKET, 7, [table('01', 7)])).toBe(false);
});

// Where the kernel was told to do without IPv6, nobody comes by it.
const hosts = ['127.0.0.1', ...(existsSync('/proc/net/if_inet6') ? ['::ffff:127.0.0.1'] : [])];
onLinux.each(hosts)('a real connection, from %s', async (host) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ends: Socket[] = [];
  try {
    const met = once(server, 'connection');
    // The system looks at who asks for the socket.
    await unprivileged(async () => {
      const client = connect(port, host);
      ends.push(client);
      await once(client, 'connect');
    });
    ends.push(...((await met) as [Socket]));
    const user = process.geteuid?.() === 0 ? 65534 : (process.geteuid?.() as number);
    expect(isOtherUsers(ends[1] as Socket, user)).toBe(false);
    expect(isOtherUsers(ends[1] as Socket, user + 1)).toBe(true);
  } finally {
    for (const end of ends) end.destroy();
    server.close();
  }
});
