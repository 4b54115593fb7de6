import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';

const SCHEMA = join(__dirname, '../../schemas/clusters.schema.json');
// strictTypes off: the schema narrows what it refers to without naming the type again.
const validate = new Ajv({ allErrors: true, strict: true, strictTypes: false }).compile(
  JSON.parse(readFileSync(SCHEMA, 'utf8')),
);

/** What is wrong with the content of a clusters.json; nothing if it fits the schema that is shipped. */
export function clustersSchemaErrors(data: unknown): string[] {
  validate(data);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
