import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** Of a connection that both ends have. */
const ESTABLISHED = '01';

/**
 * Whether the other end of a connection on this computer is another user's. `false` also where the system does not say: on others
 * than Linux, and if what has the other end is in none of its lists, as Windows around WSL is. Root is nobody else: it could
 * become any user.
 * @param tables for tests: the system's lists of connections
 */
export function isOtherUsers(
  { remoteAddress, remotePort, localPort }: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>,
  self = process.geteuid?.() ?? 0,
  tables: readonly string[] = CONNECTIONS,
): boolean {
  if (process.platform !== 'linux' || self === 0) return false;
  // A client may ask by IPv6 for an address of IPv4.
  for (const table of tables) {
    // This computer has many addresses, from each of which there may be a connection between these ports: 127.0.0.2, say.
    const end = readTable(table).find(
      ({ address, from, to }) =>
        from === remotePort && to === localPort && localPort !== undefined && address === remoteAddress,
    );
    // Who has closed it already is not known any more.
    if (end) return end.state !== ESTABLISHED || (end.user !== self && end.user !== 0);
  }
  return false;
}

const CONNECTIONS = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];

/** The columns are, with blanks between: number, local and remote address in hexadecimal digits, state, four more, user. */
function readTable(path: string) {
  let text = '';
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // There are systems without it.
  }
  return text.split('\n').flatMap((line) => {
    const [, local, remote, state, , , , user] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || user === undefined) return [];
    return [
      { address: addressOf(local), from: portOf(local), to: portOf(remote), state, user: Number(user) },
    ];
  });
}

/** Of IPv4, of which the last four bytes of one of IPv6 may be; in the order of this computer's bytes. */
function addressOf(end: string): string {
  const bytes = [...Buffer.from(end.slice(0, end.lastIndexOf(':')).slice(-8), 'hex')];
  return (endianness() === 'LE' ? bytes.reverse() : bytes).join('.');
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
