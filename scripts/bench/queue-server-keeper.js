'use strict';
/*
 * A process of its own that keeps a server of queue-servers.js: starts it, and ends it when whoever started this is gone, however that
 * came about; then nothing is left of it. Told what to do by IPC; nothing ends it but that being closed.
 *
 *   node queue-server-keeper.js <folder, removed at the end> <signal that ends the server at once, and all that it has started>
 */
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');

const [folder, atOnce] = process.argv.slice(2);
let server;
/** Processes that use the server. */
const users = new Set();

// Ctrl-C reaches all processes of a terminal.
for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(name, () => {});

process.on('message', ({ start, signal, keep, release }) => {
  if (start) {
    const { program, args, user } = start;
    server = spawn(program, args, { stdio: 'ignore', cwd: folder, ...user });
    server.once('spawn', () => tell({ pid: server.pid }));
    server.once('error', ({ message }) => tell({ ended: message }));
    server.once('exit', (code, by) => tell({ ended: by ?? code }));
  }
  if (signal) server.kill(signal);
  if (keep) users.add(keep);
  users.delete(release);
});

process.once('disconnect', async () => {
  // With all that they have started, where they have a group of their own.
  for (const pid of users) if (!kill(-pid)) kill(pid);
  if (server?.pid !== undefined && server.exitCode === null && server.signalCode === null) {
    const end = once(server, 'exit');
    server.kill(atOnce);
    await end;
  }
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.exit();
});

/** @returns whether there was something to kill */
function kill(pid) {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function tell(message) {
  // Nobody may be there any more.
  if (process.connected) process.send(message, () => {});
}
