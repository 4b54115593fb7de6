import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import { ArgumentError } from '../../base/validate';
import type { QueueRunStatus } from '../../queue/status';
import { ExitCode, UsageError } from '../exit';
import { type Command, withOptions } from '../options';
import { PASSWORD_FILE_OPTION, queueServer } from '../queue-options';
import { runStoppable } from '../report';
import { commandName, count, duration, printable } from '../terminal/text';

const options = {
  'password-file': PASSWORD_FILE_OPTION,
  json: {
    type: 'boolean',
    default: false,
    describe: 'Write it as JSON, for other programs',
  },
} as const;

const WHAT = {
  isPlace: true,
  type: 'string',
  describe: 'What to do: status, or remove',
} as const;
const ADDRESS = {
  isPlace: true,
  type: 'string',
  describe: 'Address of the queue: redis://host, rediss://host with TLS, or postgres://user@host/database',
} as const;

const RUN = {
  isPlace: true,
  type: 'string',
  describe: 'The run to remove, as status calls it',
} as const;

type Arguments = InferredOptionTypes<
  typeof options & { what: typeof WHAT; address: typeof ADDRESS; run: typeof RUN }
>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, what: WHAT, address: ADDRESS, run: RUN }, 'Give one address.')
      .positional('what', WHAT)
      .positional('address', ADDRESS)
      .positional('run', RUN)
      .usage(
        'Usage: $0 queue status <address> [options]\n' +
          '       $0 queue remove <address> <run> [options]\n\n' +
          'Says what is going on on a queue that several computers share: which runs of "encode --queue" there are, how far they are, ' +
          'and how fast each worker is. Or removes what an "encode" that was killed has left there, if it is not to go on.',
      )
      .example('$0 queue status redis://nas', 'see how far everything is')
      .example('$0 queue remove redis://nas 0f3a5c7e9b1d2468', 'remove a run that nobody goes on with'),
  handler: (argv) =>
    runStoppable(
      (signal) => namingAddress(argv.what === 'remove' ? remove(argv, signal) : status(argv, signal)),
      '',
    ),
};

/** Has the address called what it is here: of other commands, it is the option --queue. */
async function namingAddress(work: Promise<number>): Promise<number> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ArgumentError && error.argument === 'queue')
      throw new UsageError(error.messageNaming('<address>'));
    throw error;
  }
}

async function remove(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { address, run } = argv;
  if (address === undefined || run === undefined) {
    throw new UsageError(
      `Give the address of the queue and the run: ${commandName()} queue remove <address> <run>. "queue status" says which there are.`,
    );
  }
  const server = queueServer(address, argv.passwordFile as string | undefined);
  const { removeQueueRun } = require('../../queue/remove') as typeof import('../../queue/remove');
  await removeQueueRun({ ...server, run, signal });
  process.stdout.write(
    argv.json ? `${JSON.stringify({ removed: run })}\n` : `Removed the run ${printable(run)}.\n`,
  );
  return ExitCode.ok;
}

async function status(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  if (argv.what !== 'status' || argv.address === undefined || argv.run !== undefined) {
    throw new UsageError(
      `Give "status" and the address of the queue, and nothing else: ${commandName()} queue status <address>.`,
    );
  }
  const server = queueServer(argv.address, argv.passwordFile as string | undefined);
  const { queueStatus } = require('../../queue/status') as typeof import('../../queue/status');
  const found = await queueStatus({ ...server, signal });
  if (argv.json) {
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return ExitCode.ok;
  }
  const lines =
    found.runs.length === 0
      ? [`There is no run on ${found.server}.`]
      : found.runs.flatMap((run, i) => [...(i > 0 ? [''] : []), ...describe(run)]);
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
  return ExitCode.ok;
}

function describe(run: QueueRunStatus): string[] {
  const { host, done, total, jobsWaiting, jobsInHand, results, workers } = run;
  // Clocks of two computers.
  const heard = duration(Math.max(0, (Date.now() - Date.parse(run.heard)) / 1000));
  const all = workers.reduce((sum, { perSecond }) => sum + perSecond, 0);
  return [
    `Run ${run.run} of ${host}, ${run.program}`,
    `  ${done.toLocaleString('en')} of ${count(total, 'photo')} done, ${all.toFixed(1)} a second; last heard of ${heard} ago`,
    `  ${count(jobsWaiting, 'job')} waiting, ${jobsInHand.toLocaleString('en')} in hand, ${count(results, 'result')} to be taken`,
    ...workers.map(
      ({ host, pid, jobs, photos, perSecond }) =>
        `  ${host} (process ${pid}, ${jobs} at once): ${count(photos, 'photo')}, ${perSecond.toFixed(1)} a second`,
    ),
  ];
}
