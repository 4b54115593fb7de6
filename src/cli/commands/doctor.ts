import type { ArgumentsCamelCase, InferredOptionTypes } from 'yargs';
import type { Finding } from '../../doctor';
import { programVersion } from '../../system/version';
import { ExitCode } from '../exit';
import { type Command, MODELS_OPTION, withOptions } from '../options';
import { runStoppable } from '../report';
import { coloursFor, printable } from '../terminal/text';

const options = {
  models: MODELS_OPTION,
  json: {
    type: 'boolean',
    default: false,
    describe: 'Write what was found as JSON, for other programs',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, options, 'Give the folder of the model files with --models.')
      .usage(
        'Usage: $0 doctor [options]\n\n' +
          'Looks at the computer, Node.js, the native part, the model files and the libraries, and finds and measures ' +
          'the face of a drawing. For what is wrong it says what mends it; the exit code is then 1.',
      )
      .example('$0 doctor', 'is all well?')
      .example('$0 doctor --json > doctor.json', 'for a bug report'),
  handler: (argv) => runStoppable((signal) => doctor(argv, signal), ''),
};

const TITLES: Readonly<Record<Finding['name'], string>> = {
  platform: 'Platform',
  node: 'Node.js',
  memory: 'Memory',
  native: 'Native part',
  instructions: 'Instructions',
  models: 'Models',
  sharp: 'sharp',
  libheif: 'libheif',
  opencv: 'OpenCV',
  ffmpeg: 'ffmpeg',
  exiftool: 'exiftool',
  'self-test': 'Self-test',
};

async function doctor(argv: ArgumentsCamelCase<Arguments>, signal: AbortSignal): Promise<number> {
  const { diagnose } = require('../../doctor') as typeof import('../../doctor');
  const findings: Finding[] = [];
  for await (const finding of diagnose({
    ...(argv.models !== undefined && { models: argv.models }),
    signal,
  })) {
    findings.push(finding);
    if (!argv.json) process.stdout.write(`${described(finding)}\n`);
  }
  const problems = findings.filter(({ status }) => status === 'problem').length;
  if (argv.json) {
    const report = { version: 1, program: programVersion(), healthy: problems === 0, findings };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const verdict = problems === 0 ? 'All is well.' : `To be mended: ${problems}`;
    process.stdout.write(`\n${coloursFor(process.stdout).bold(verdict)}\n`);
  }
  return problems === 0 ? ExitCode.ok : ExitCode.failed;
}

/** Columns before a message. */
const INDENT = 22;

function described({ name, status, message, remedy }: Finding): string {
  const colours = coloursFor(process.stdout);
  const mark = {
    ok: colours.green('ok     '),
    note: colours.yellow('note   '),
    problem: colours.red('PROBLEM'),
  }[status];
  const lines = [...message.split('\n'), ...(remedy === undefined ? [] : [`To mend it: ${remedy}`])];
  return `${mark}  ${TITLES[name].padEnd(INDENT - 9)}${lines.map(printable).join(`\n${' '.repeat(INDENT)}`)}`;
}
