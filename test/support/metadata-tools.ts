import { execFileSync } from 'node:child_process';

/** Programs of others that read what photos say of themselves. */
const VERSION_ARGUMENTS = { exiftool: ['-ver'], exiv2: ['--version'] } as const;

export type MetadataTool = keyof typeof VERSION_ARGUMENTS;

/** `test` if these programs are there; without them it is skipped, and a line says so. */
export function testWithTools(tools: readonly MetadataTool[], name: string, work: () => Promise<void>): void {
  const missing = tools.filter((tool) => !isThere(tool));
  if (missing.length === 0) {
    test(name, work);
    return;
  }
  process.stderr.write(
    `SKIPPED "${name}": needs ${missing.join(' and ')} (apt-get install libimage-exiftool-perl exiv2)\n`,
  );
  test.skip(name, work);
}

function isThere(tool: MetadataTool): boolean {
  try {
    runTool(tool, VERSION_ARGUMENTS[tool]);
    return true;
  } catch {
    return false;
  }
}

/** What the program prints. @throws if it fails */
export function runTool(tool: MetadataTool, args: readonly string[]): string {
  return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
