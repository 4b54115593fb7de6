import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCli } from '../support/cli';
import { useTempFolder } from '../support/files';
import { describeWithShared } from '../support/shared';

/** What the command of face_recognition 1.3.0 (dlib 20.0.1) prints, without the photos' folder: see docs/migration.md. */
const THEIRS = readFileSync(join(__dirname, '../fixtures/face-recognition-players.csv'), 'utf8')
  .trim()
  .split('\n');

const temp = useTempFolder();

describeWithShared('recognize beside the command of face_recognition', (shared) => {
  const players = join(shared, 'data/players');

  /** Knows each by the first photo of theirs, and looks for them on all. */
  async function recognize(...options: string[]): Promise<string[]> {
    const identities = readFileSync(join(shared, 'data/players-identities.csv'), 'utf8').trim().split('\n');
    const known = new Map(identities.reverse().map((line) => line.split(',').reverse() as [string, string]));
    mkdirSync(temp('known'), { recursive: true });
    for (const [name, photo] of known) copyFileSync(join(players, photo), temp('known', `${name}.jpg`));
    const { stdout, stderr, code } = await runCli(['recognize', temp('known'), players, ...options], {
      cwd: temp(),
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',').slice(0, 2).join(','))
      .map((line) => basename(line))
      .sort();
  }

  test('without a margin, each face has the line, of those it has there, of the person who is nearest', async () => {
    const ours = await recognize('--margin', '0');
    // A face that is like several people has a line for each of them there.
    expect(ours.filter((line) => !THEIRS.includes(line))).toEqual([]);
    expect(ours).toHaveLength(135);
    expect(THEIRS).toHaveLength(173);
    const nobody = (lines: readonly string[]) =>
      lines.filter((line) => /unknown_person|no_persons/.test(line));
    expect(nobody(ours)).toEqual(nobody(THEIRS));
  });

  test('with its margin, nobody has another name than theirs', async () => {
    const lines = await recognize();
    const identities = readFileSync(join(shared, 'data/players-identities.csv'), 'utf8').trim().split('\n');
    const named = lines.filter((line) => !/unknown_person|no_persons/.test(line));
    expect(named.filter((line) => !identities.includes(line))).toEqual([]);
    expect(named).toHaveLength(118);
  });
});
