import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeErrorsFile } from '../../src/cli/errors-file';
import { useTempFolder } from '../support/files';

const temp = useTempFolder();

test('a line has what to do about the photo in a field of its own, where it is known', async () => {
  const file = join(temp(), 'errors.jsonl');
  const remedy = 'Make it smaller.';
  const large = {
    path: 'a.jpg',
    code: 'FACE_IMAGE_TOO_LARGE',
    reason: `It is large. ${remedy}`,
    remedy,
  } as const;
  const damaged = { path: 'b.jpg', code: 'FACE_IMAGE_DECODE', reason: 'It is damaged.' } as const;
  await writeErrorsFile(file, [large, damaged]);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([large, damaged]);
});
