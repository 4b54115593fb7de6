/** The version of this package. */
export function programVersion(): string {
  return (require('../../package.json') as { version: string }).version;
}
