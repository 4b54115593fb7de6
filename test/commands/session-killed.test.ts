import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { arrangePeople } from '../../src/sort/arrange';
import { PeopleSession } from '../../src/web/session';
import { useTempFolder } from '../support/files';
import { type Cast, drawPhotos, sortDrawn } from '../web/support';

const temp = useTempFolder();
const KILLS = Number(process.env.FACE_CLUSTER_KILLS ?? 8);

/** What it has been answered, a line for each; the folders follow again and again meanwhile. */
const PROGRAM = `
const { PeopleSession } = require(${JSON.stringify(join(__dirname, '../../lib/web/session'))});
const [folder, round] = process.argv.slice(1);
const faces = (session) => session.page('faces', 0);
const encoding = (seed) => Float64Array.from({ length: 128 }, (_, i) => Math.sin(i * 7 + seed) / 12);
const engine = {
  encode: async () => [encoding(1)],
  measure: async () => [{ sharpness: 1, mirrored: encoding(2) }],
};
const answered = (what) => console.log(JSON.stringify(what));
async function main() {
  const session = await PeopleSession.open(folder, { engine });
  const apply = () => session.apply().then(apply, () => {});
  if (round % 2 === 0) apply();
  for (let i = 0; ; i++) {
    const people = session.overview().people.filter(({ label, faces }) => label > 0 && faces > 3);
    const { label } = people[i % people.length];
    const own = faces(session).filter((face) => face.label === label).map(({ id }) => id);
    const decide = async (decisions) => {
      const { gesture, made } = await session.decide(decisions);
      answered({ gesture });
      return made;
    };
    await decide([{ do: 'name', person: label, name: 'Anna ' + round + '.' + i }]);
    const [emma] = await decide([{ do: 'split', faces: own.slice(0, 1), name: 'Emma ' + round + '.' + i }]);
    await decide([{ do: 'not', faces: own.slice(1, 3), person: label }]);
    answered({ gesture: (await session.undo()).gesture });
    await decide([{ do: 'merge', person: emma, into: label }]);
    const photos = session.page('photos', 0).filter(({ faces }) => faces.length === 0);
    if (photos[0]) answered({ face: (await session.addFace({ photo: photos[0].id, box: [10, 70, 90, 10] })).face });
  }
}
main();
`;

test('a session that is killed at any moment has kept what it has answered', async () => {
  const cast: Cast = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`p${i}.png`, i % 3 === 0 ? [0] : [1 + (i % 4), 5 + (i % 2)]]),
  );
  await drawPhotos(temp('photos'), cast);
  await sortDrawn({ photos: temp('photos'), output: temp('people') });
  const gestures = new Set<number>();
  const added = new Set<string>();
  for (let round = 0; round < KILLS; round++) {
    const child = spawn(process.execPath, ['-e', PROGRAM, temp('people'), String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let answers = 0;
    for await (const line of createInterface(child.stdout)) {
      const answer = JSON.parse(line) as { gesture?: number; face?: string };
      if (answer.gesture !== undefined) gestures.add(answer.gesture);
      if (answer.face !== undefined) added.add(answer.face);
      // In the middle of what comes next.
      if (++answers === 1 + 3 * round) child.kill('SIGKILL');
    }
    await ended;
    expect(answers).toBeGreaterThan(3 * round);
    const session = await PeopleSession.open(temp('people'));
    const made = new Set(session.history().map(({ gesture }) => gesture));
    expect([...gestures].filter((gesture) => !made.has(gesture))).toEqual([]);
    expect([...added].filter((id) => session.face(id) === undefined)).toEqual([]);
    // In the other rounds the folders followed meanwhile, perhaps to the last of them.
    if (round % 2 === 1) expect(session.state.unapplied).toBeGreaterThan(0);
    await session.close();
  }
  expect(added.size).toBeGreaterThan(1);

  const session = await PeopleSession.open(temp('people'));
  const shown = new Map((session.page('faces', 0) ?? []).map(({ id, label }) => [id, label]));
  await session.close();
  await arrangePeople({ output: temp('people') });
  const sorted = await PeopleSession.open(temp('people'));
  expect(new Map((sorted.page('faces', 0) ?? []).map(({ id, label }) => [id, label]))).toEqual(shown);
  expect(sorted.state.unapplied).toBe(0);
  await sorted.close();
});
