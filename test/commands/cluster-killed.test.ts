import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeEncodings } from '../../src/encodings/encodings';
import { People } from '../../src/people/people';
import { MARKER } from '../../src/result/names-in-result';
import { markWaste } from '../../src/result/publish/marker';
import { pathBeside } from '../../src/system/temporary';
import { runCli } from '../support/cli';
import { resultListing, useCollection } from '../support/collection';
import { useTempFolder } from '../support/files';
import { atMoment } from '../support/moment';

/*
 * `cluster`, killed: the next run finds the earlier result as it was, does the work, and clears away what was left.
 */
const temp = useTempFolder();
const { family } = useCollection(temp);
const output = () => join(temp(), 'people');
const args = ['cluster', '-e', 'faces.pickle', '-o', 'people', '--quiet'];
const hidden = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

/** The name of a folder such as a process that is gone has made. */
const abandoned = () => pathBeside(output()).replace(`-${process.pid}-`, `-${2 ** 30}-`);

test('what it had made of a result is removed by the next run, and the earlier result stays until then', async () => {
  await writeEncodings(join(temp(), 'faces.pickle'), family());
  const whole = await runCli(args, { cwd: temp() });
  expect(whole).toMatchObject({ code: 0 });
  const files = resultListing(output());
  const data = readFileSync(join(output(), 'clusters.json'));

  const killed = await runCli([...args, '--eps', '0.4'], {
    cwd: temp(),
    env: atMoment({ change: /^link .*label0/ }, 'SIGKILL'),
  });
  expect(killed.signal).toBe('SIGKILL');
  expect(hidden(temp())).toHaveLength(1);
  expect(readFileSync(join(output(), 'clusters.json')).equals(data)).toBe(true);

  expect(await runCli(args, { cwd: temp() })).toMatchObject({ code: 0 });
  expect(hidden(temp())).toEqual([]);
  expect(resultListing(output())).toEqual(files);
});

test('people who last have the numbers and names that they had, and one folder each', async () => {
  await writeEncodings(join(temp(), 'faces.pickle'), family());
  const named = [...args, '--folders', 'names'];
  expect(await runCli(named, { cwd: temp() })).toMatchObject({ code: 0 });
  const people = await People.open(join(temp(), 'faces.pickle.people.jsonl'));
  await people.name(2, 'Anna');
  await people.close();
  expect(await runCli(named, { cwd: temp() })).toMatchObject({ code: 0 });
  const files = resultListing(output());

  const anna = files.find((name) => name.startsWith('Anna ('));
  expect(anna).toBeDefined();
  // While nobody else may decide anything, and when the new folder is being filled.
  for (const change of [/^rename .*people\.jsonl\.faces$/, /^link .*Anna \(/]) {
    const killed = await runCli([...named, '--eps', '0.4'], {
      cwd: temp(),
      env: atMoment({ change }, 'SIGKILL'),
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(resultListing(output())).toEqual(files);
  }

  expect(await runCli(named, { cwd: temp() })).toMatchObject({ code: 0 });
  expect(hidden(temp())).toEqual([]);
  expect(resultListing(output())).toEqual(files);
});

test('what it left in a folder that has to stay does not keep the next run from using it', async () => {
  await writeEncodings(join(temp(), 'faces.pickle'), family());
  expect(await runCli(args, { cwd: temp() })).toMatchObject({ code: 0 });
  const left = join(output(), abandoned().slice(temp().length + 1));
  mkdirSync(left);
  await markWaste(left);
  expect(await runCli(args, { cwd: temp() })).toMatchObject({ code: 0 });
  expect(hidden(output())).toEqual([]);
});

test('a whole result that a killed run had moved aside is not removed, nor is what is not marked as ours', async () => {
  await writeEncodings(join(temp(), 'faces.pickle'), family());
  expect(await runCli(args, { cwd: temp() })).toMatchObject({ code: 0 });
  const [aside, other] = [abandoned(), abandoned()];
  renameSync(output(), aside);
  mkdirSync(other);
  writeFileSync(join(other, MARKER), '{"format":"something else"}');
  expect(await runCli(args, { cwd: temp() })).toMatchObject({ code: 0 });
  expect(hidden(temp()).sort()).toEqual([aside, other].map((path) => path.slice(temp().length + 1)).sort());
});
