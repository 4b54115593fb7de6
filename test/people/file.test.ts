import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { SplitMix64 } from '../../src/base/random';
import { DecisionsFile } from '../../src/people/decisions-file';
import { faultIn } from '../../src/people/faults';
import { People } from '../../src/people/people';
import { pathBeside } from '../../src/system/temporary';
import { useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { facesAt, grouped, photo, stateOf } from './support';

const inFolder = useTempFolder();
const file = () => inFolder('people.jsonl');
const anna = facesAt(0, 4, 'Anna');
const ben = facesAt(1, 3, 'Ben');
const all = [...anna, ...ben];
const header = '{"format":"face-cluster-native people","version":1}\n';
const line = (id: number, rest: object) =>
  `${JSON.stringify({ id, at: '2026-01-02T03:04:05.678Z', by: 'an editor', ...rest })}\n`;
const naming = (id: number, name: string, person = 1) => line(id, { do: 'name', person, name });

/** What people are called when the file is opened. */
async function namesIn(): Promise<(string | undefined)[]> {
  const people = await People.open(file());
  const names = people.list().map(({ name }) => name);
  await people.close();
  return names;
}

test('a new file has a header, and is for the user alone; closing leaves no lock', async () => {
  const people = await People.open(inFolder('new/people.jsonl'));
  expect(people.path).toBe(inFolder('new/people.jsonl'));
  await people.update(...grouped([anna, ben]));
  await people.name(1, 'Anna');
  await people.close();
  const text = readFileSync(people.path, 'utf8');
  expect(text).toMatch(
    /^\{"format":.*\n\{"id":1,"at":"\S+Z","by":"library","do":"name","person":1,"name":"Anna","seen":\[.+\]\}\n$/,
  );
  expect(readdirSync(inFolder('new')).sort()).toEqual(['people.jsonl', 'people.jsonl.faces']);
  if (process.platform !== 'win32') {
    for (const name of ['people.jsonl', 'people.jsonl.faces']) {
      expect(statSync(inFolder('new', name)).mode & 0o777).toBe(0o600);
    }
  }
});

test('what was found and decided is there when it is opened again', async () => {
  const people = await People.open(file());
  await people.update(...grouped([anna, ben]));
  await people.update(...grouped([[...anna, ...facesAt(0, 1, 'more')]], []));
  await people.update(...grouped([[...anna, ...ben]]));
  await people.split([all[0] as (typeof all)[0]]);
  const state = stateOf(people, all);
  await people.close();
  const again = await People.open(file());
  expect(stateOf(again, all)).toBe(state);
  await again.close();
});

test('only one program has it at a time, by whatever name', async () => {
  const people = await People.open(file());
  expect(await rejection(People.open(file()))).toMatchObject({ code: 'FACE_LOCKED', path: file() });
  symlinkSync(file(), inFolder('link.jsonl'));
  expect(await rejection(People.open(relative(process.cwd(), file())))).toMatchObject({
    code: 'FACE_LOCKED',
  });
  expect(await rejection(People.open(inFolder('link.jsonl')))).toMatchObject({ code: 'FACE_LOCKED' });
  await people.close();
  await (await People.open(inFolder('link.jsonl'))).close();
});

test('a link that leads nowhere yet is the file that it leads to', async () => {
  symlinkSync(file(), inFolder('link.jsonl'));
  const people = await People.open(inFolder('link.jsonl'));
  expect(people.path).toBe(file());
  expect(await rejection(People.open(file()))).toMatchObject({ code: 'FACE_LOCKED' });
  await people.close();
});

test('a path from the current folder stays the same file when that changes', async () => {
  const before = process.cwd();
  mkdirSync(inFolder('elsewhere'));
  try {
    process.chdir(inFolder());
    const people = await People.open('people.jsonl');
    process.chdir('elsewhere');
    await people.update(...grouped([anna]));
    await people.name(1, 'Anna');
    await people.close();
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(inFolder('elsewhere'))).toEqual([]);
  expect(await namesIn()).toEqual(['Anna']);
});

describe('to look only', () => {
  test('works while another program has it, makes nothing, and decides nothing', async () => {
    const people = await People.open(file());
    await people.update(...grouped([anna, ben]));
    await people.name(1, 'Anna');
    const there = readdirSync(inFolder());
    const looking = await People.open(file(), { readOnly: true });
    expect(stateOf(looking, all)).toBe(stateOf(people, all));
    const text = readFileSync(file(), 'utf8');
    for (const call of [
      () => looking.name(1, 'Ben'),
      () => looking.undo(),
      () => looking.update(...grouped([anna])),
    ]) {
      expect(await rejection(call())).toMatchObject({
        code: 'FACE_INVALID_ARGUMENT',
        argument: 'readOnly',
      });
    }
    await looking.close();
    expect(readdirSync(inFolder())).toEqual(there);
    expect(readFileSync(file(), 'utf8')).toBe(text);
    await people.close();
  });

  test('leaves what was cut off as it is', async () => {
    const text = `${header}${naming(1, 'Anna')}{"id":2,`;
    writeFileSync(file(), text);
    const looking = await People.open(file(), { readOnly: true });
    expect(looking.list()).toMatchObject([{ name: 'Anna' }]);
    await looking.close();
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  test('needs a file', async () => {
    expect(await rejection(People.open(inFolder('none/people.jsonl'), { readOnly: true }))).toMatchObject({
      code: 'FACE_IO',
    });
    expect(readdirSync(inFolder())).toEqual([]);
  });
});

test('a file of faces of a newer version leaves no file of decisions behind', async () => {
  writeFileSync(`${file()}.faces`, '{"format":"face-cluster-native faces of people","version":2}\n');
  expect(await rejection(People.open(file()))).toMatchObject({ code: 'FACE_PEOPLE_INVALID' });
  expect(readdirSync(inFolder())).toEqual(['people.jsonl.faces']);
});

test('what could not be read again is not written', async () => {
  const people = await DecisionsFile.open(file());
  const good = { id: 1, at: '2026-01-02T03:04:05Z', by: 'test', do: 'hide', person: 1 } as const;
  for (const bad of [
    { ...good, person: 2 ** 53 },
    { ...good, at: 'now' },
    { ...good, by: '' },
  ]) {
    expect(await rejection(people.append([good, bad]))).toMatchObject({ code: 'FACE_INTERNAL' });
  }
  await people.close();
  expect(readFileSync(file(), 'utf8')).toBe(header);
});

test('a second close waits for the first, and it closes itself', async () => {
  const people = await People.open(file());
  await people.update(...grouped([anna]));
  const naming1 = people.name(1, 'Anna');
  people.close();
  await people.close();
  await naming1;
  const again = await People.open(file());
  expect(again.list()).toMatchObject([{ name: 'Anna' }]);
  await again[Symbol.asyncDispose]();
  expect(await rejection(again.name(1, 'Ben'))).toMatchObject({ code: 'FACE_DISPOSED' });
  expect(readdirSync(inFolder()).sort()).toEqual(['people.jsonl', 'people.jsonl.faces']);
});

test('whose lock was taken away writes nothing more', async () => {
  const people = await People.open(file());
  await people.update(...grouped([anna, ben]));
  const before = readFileSync(file(), 'utf8');
  const lost = new AbortController();
  const { lock } = Reflect.get(people, 'files');
  Object.defineProperty(lock, 'lost', { value: lost.signal });
  lost.abort(Object.assign(new Error('taken'), { code: 'FACE_LOCKED' }));
  expect(await rejection(people.name(1, 'Anna'))).toMatchObject({ code: 'FACE_LOCKED' });
  expect(await rejection(people.update([], []))).toMatchObject({ code: 'FACE_LOCKED' });
  expect(people.list().map(({ name, photos }) => [name, photos])).toEqual([
    [undefined, 4],
    [undefined, 3],
  ]);
  await people.close();
  expect(readFileSync(file(), 'utf8')).toBe(before);
});

test.each<[string, () => void]>([
  [
    'saved by an editor that puts another file into its place',
    () => {
      linkSync(file(), inFolder('kept'));
      writeFileSync(inFolder('other'), readFileSync(file()));
      renameSync(inFolder('other'), file());
    },
  ],
  ['saved by an editor that writes into it', () => appendFileSync(file(), naming(1, 'Ben'))],
  ['removed', () => rmSync(file())],
])('a file that was %s under it is no place for decisions', async (_, change) => {
  const people = await People.open(file());
  await people.update(...grouped([anna, ben]));
  change();
  const after = readdirSync(inFolder()).map((name) => readFileSync(inFolder(name), 'utf8'));
  for (const call of [() => people.name(1, 'Anna'), () => people.update(...grouped([anna]))]) {
    expect(await rejection(call())).toMatchObject({
      code: 'FACE_IO',
      path: file(),
      message: expect.stringMatching(/file of people .* was changed by another program/),
      remedy: expect.any(String),
    });
  }
  expect(people.list().map(({ name, photos }) => [name, photos])).toEqual([
    [undefined, 4],
    [undefined, 3],
  ]);
  expect(readdirSync(inFolder()).map((name) => readFileSync(inFolder(name), 'utf8'))).toEqual(after);
  await people.close();
});

describe('killed while it was writing', () => {
  test('at any byte: all lines before are there, and the next goes on', async () => {
    const people = await People.open(file());
    await people.update(...grouped([anna, ben]));
    const states = [stateOf(people, all)];
    const ends = [readFileSync(file()).length];
    for (const decide of [
      () => people.name(1, 'Änna 🙂'),
      () => people.merge(2, 1),
      () => people.undo(),
      () => people.is(ben[0] as (typeof ben)[0], 1),
    ]) {
      await decide();
      states.push(stateOf(people, all));
      ends.push(readFileSync(file()).length);
    }
    await people.close();
    const bytes = readFileSync(file());
    // Faces are written when the file has its first bytes: without any, it is refused.
    for (let length = 1; length <= bytes.length; length++) {
      writeFileSync(file(), bytes.subarray(0, length));
      const cut = await People.open(file());
      // A line that lacks nothing but its line feed is whole.
      const lines = ends.filter((end) => end - 1 <= length).length;
      expect(stateOf(cut, all)).toBe(states[Math.max(lines, 1) - 1]);
      if (length % 7 === 0) {
        await cut.hide(1);
        await cut.close();
        const text = readFileSync(file(), 'utf8');
        expect(text.startsWith(bytes.toString('utf8', 0, ends[Math.max(lines, 1) - 1]))).toBe(true);
        expect(
          text
            .trimEnd()
            .split('\n')
            .map((one) => JSON.parse(one)),
        ).toHaveLength(Math.max(lines, 1) + 1);
      }
      await cut.close();
    }
  });

  test('what a power cut leaves behind the last line is dropped', async () => {
    writeFileSync(file(), header + naming(1, 'Anna') + '\0'.repeat(500));
    expect(await namesIn()).toEqual(['Anna']);
    expect(readFileSync(file(), 'utf8')).toBe(header + naming(1, 'Anna'));
  });

  test('while it wrote what a run found: that is as before, and the next run finds it', async () => {
    const people = await People.open(file());
    await people.update(...grouped([anna]));
    await people.close();
    // A file with the name of one that a process which is gone was writing.
    const half = pathBeside(file()).replace(`-${process.pid}-`, `-${2 ** 30}-`);
    writeFileSync(half, 'half');
    const ours = pathBeside(file());
    writeFileSync(ours, 'of somebody who is at work');
    const again = await People.open(file());
    expect([half, ours].map((path) => existsSync(path))).toEqual([false, true]);
    expect(again.list()).toHaveLength(1);
    expect(await again.update(...grouped([anna, ben]))).toMatchObject({ newPeople: [2] });
    await again.close();
  });
});

describe('edited by hand', () => {
  test('lines added and left out, empty lines, carriage returns, a byte order mark, no line feed at the end', async () => {
    writeFileSync(
      file(),
      `\uFEFF${header}\n${naming(2, 'Anna')}`.replaceAll('\n', '\r\n') + naming(9, 'Ben', 2).trimEnd(),
    );
    expect(await namesIn()).toEqual(['Anna', 'Ben']);
    expect(readFileSync(file(), 'utf8')).toMatch(/"Ben"\}\n$/);
    const people = await People.open(file());
    expect(await people.hide(2)).toMatchObject({ id: 10 });
    await people.close();
  });

  test('the largest numbers there are: what comes next has smaller ones, or is refused', async () => {
    const most = 2 ** 31 - 1;
    writeFileSync(file(), header + naming(7, 'Anna', most));
    const people = await People.open(file());
    expect(await people.update(...grouped([anna, ben]))).toMatchObject({ newPeople: [1, 2] });
    expect((await people.split(anna.slice(0, 1))).as).toBe(3);
    expect(await people.update(...grouped([anna, ben, facesAt(5, 1)]))).toMatchObject({ newPeople: [4] });
    await people.close();
    const again = await People.open(file());
    expect(again.list().map(({ id }) => id)).toEqual([1, 2, 3, 4, most]);
    await again.close();

    writeFileSync(file(), header + naming(most, 'Anna'));
    const full = await People.open(file());
    await full.update(...grouped([anna]));
    const before = readFileSync(file(), 'utf8');
    expect(await rejection(full.name(1, 'Annie'))).toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      remedy: expect.stringContaining('"id"'),
    });
    expect(readFileSync(file(), 'utf8')).toBe(before);
    await full.close();
    expect(await namesIn()).toEqual(['Anna']);
  });

  test('letters of a name that are written in two ways are one name', async () => {
    writeFileSync(file(), header + naming(1, ' Zoe\u0308 '));
    expect(await namesIn()).toEqual(['Zo\u00eb']);
  });

  test('people and decisions that there are not are no harm', async () => {
    writeFileSync(
      file(),
      header +
        line(1, { do: 'merge', person: 5, into: 6 }) +
        line(2, { do: 'merge', person: 6, into: 5 }) +
        line(4, { do: 'undo', of: 3 }) +
        line(5, { do: 'not', person: 7, face: { photo: photo('none'), box: [0, 1, 1, 0] } }) +
        naming(6, 'Anna', 5),
    );
    const people = await People.open(file());
    expect(people.list()).toMatchObject([{ id: 6, name: 'Anna', faces: [] }]);
    // The numbers that are spoken of are taken.
    expect(await people.update(...grouped([anna]))).toMatchObject({ newPeople: [8] });
    await people.close();
  });

  test.each<[string, string, number, RegExp]>([
    ['no JSON', `${header}${naming(1, 'a')}{"id":2\n${naming(3, 'b')}`, 3, /no JSON/],
    ['no header', naming(1, 'a'), 1, /format/],
    ['something else', '# people\n', 1, /no JSON/],
    ['something else without a line feed', 'people', 1, /not a whole line/],
    ['an array', `${header}[]\n`, 2, /no object/],
    ['null', `${header}null\n`, 2, /no object/],
    ['a newer version', header.replace('1', '2'), 1, /version 2, and this program knows 1/],
    ['an unknown decision', header + line(1, { do: 'love', person: 1 }), 2, /"love"/],
    ['no person', `${header}\n${line(1, { do: 'hide' })}`, 3, /lacks "person"/],
    [
      'a last line by hand, without line feed',
      header + line(1, { do: 'hide' }).trimEnd(),
      2,
      /lacks "person"/,
    ],
    [
      'a last line with a comma too many',
      `${header}${naming(1, 'a')}{"id":2,"by":"me","do":"hide","person":1,}`,
      3,
      /no JSON/,
    ],
    ['a last line with the wrong bracket', `${header}{"id":1,"do":"split","faces":[}`, 2, /no JSON/],
    ['a number too large', header + naming(1, 'a', 2 ** 31), 2, /"person"/],
    [
      'a line that belongs to a later one',
      header + line(1, { with: 2, do: 'hide', person: 1 }),
      2,
      /belongs/,
    ],
    ['an undo with a gesture', header + line(3, { with: 1, do: 'undo', of: 2 }), 2, /"with"/],
    ['a name that turns the line', header + naming(1, 'a\u202eb'), 2, /"name"/],
    ['a day that there is not', header + naming(1, 'a').replace('-01-02', '-02-30'), 2, /"at"/],
    ['no time', header + naming(1, 'a').replace('2026', 'once'), 2, /"at"/],
    ['a month that is none', header + naming(1, 'a').replace('-01-', '-13-'), 2, /"at"/],
    [
      'something more',
      header + line(1, { do: 'hide', person: 1, name: 'a' }),
      2,
      /"name", which means nothing/,
    ],
    ['an id twice', header + naming(1, 'a') + naming(1, 'b'), 3, /does not come after 1/],
    ['an undo of later ones', `${header}${line(1, { do: 'undo', of: 2 })}`, 2, /does not come before/],
    [
      'one person made twice',
      header +
        [1, 2]
          .map((id) => line(id, { do: 'split', as: 9, faces: [{ photo: photo(1), box: [0, 1, 1, 0] }] }))
          .join(''),
      3,
      /person 9 a second time/,
    ],
  ])('refused with the number of the line, and left as it is: %s', async (_, text, number, message) => {
    writeFileSync(file(), text);
    expect(await rejection(People.open(file()))).toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      path: file(),
      message: expect.stringMatching(new RegExp(`line ${number}: it .*${message.source}`)),
      remedy: expect.any(String),
    });
    expect(readFileSync(file(), 'utf8')).toBe(text);
    expect(existsSync(`${file()}.lock`)).toBe(false);
  });

  test('refused: bytes that are no text', async () => {
    writeFileSync(file(), header + naming(1, 'Anna'));
    appendFileSync(file(), Buffer.from(naming(2, 'Zoë'), 'latin1'));
    expect(await rejection(People.open(file()))).toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      remedy: expect.stringContaining('line 3 '),
    });
  });
});

test.each<[string, unknown, unknown, string]>([
  ['no path', undefined, {}, 'path'],
  ['no origin', 'x', { by: '' }, 'by'],
  ['another option', 'x', { from: 'a' }, 'from'],
])('refused: %s', async (_, path, options, argument) => {
  expect(await rejection(People.open(path as string, options as object))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument,
  });
});

test('a folder that can not be', async () => {
  writeFileSync(inFolder('a'), '');
  expect(await rejection(People.open(inFolder('a/people.jsonl')))).toMatchObject({ code: 'FACE_IO' });
});

describe('the schema', () => {
  const schema = JSON.parse(readFileSync(join(__dirname, '../../schemas/people.schema.json'), 'utf8'));
  const fits = new Ajv({ strict: true, strictTypes: false, strictRequired: false })
    .addFormat('date-time', true)
    .compile(schema);
  const face = { photo: photo(1), box: [1, 20, 30, 4] };
  const base = { id: 3, at: '2026-01-02T03:04:05Z', by: 'test' };
  const examples: Record<string, unknown>[] = [
    { ...base, do: 'name', person: 1, name: 'Anna' },
    { ...base, do: 'unname', person: 1 },
    { ...base, do: 'merge', person: 1, into: 2 },
    { ...base, with: 1, do: 'merge', person: 1, into: 2, seen: [{ person: 1, faces: [face] }] },
    { ...base, do: 'split', person: 1, as: 4, faces: [face] },
    { ...base, do: 'split', as: 4, faces: [face, face] },
    { ...base, do: 'differ', person: 1, other: 2 },
    { ...base, do: 'is', person: 1, face },
    { ...base, do: 'not', person: 1, face },
    { ...base, do: 'not-a-face', face },
    { ...base, do: 'hide', person: 1 },
    { ...base, do: 'show', person: 1 },
    { ...base, do: 'cover', person: 1, face },
    { ...base, do: 'undo', of: 2 },
  ];

  test('takes every decision, and the header', () => {
    expect(fits(JSON.parse(header))).toBe(true);
    for (const example of examples) {
      expect([example.do, faultIn(example), fits(example)]).toEqual([example.do, undefined, true]);
    }
  });

  test('takes the days that there are', () => {
    const naming2 = { ...base, do: 'name', person: 1, name: 'a' };
    for (let year = 1896; year <= 2104; year += 4) {
      for (const [month, day] of [
        ['02', 28],
        ['02', 29],
        ['02', 30],
        ['04', 31],
        ['12', 31],
        ['01', 32],
      ] as const) {
        for (const each of [year, year + 1]) {
          const at = `${each}-${month}-${day}T10:11:12.5Z`;
          const time = new Date(at);
          const exists = !Number.isNaN(time.getTime()) && time.getUTCDate() === day;
          expect([at, faultIn({ ...naming2, at }) === undefined]).toEqual([at, exists]);
          expect([at, fits({ ...naming2, at })]).toEqual([at, exists]);
        }
      }
    }
  });

  test('refuses and takes what the program does, of thousands of changed lines', () => {
    const random = new SplitMix64(1n);
    const values = [
      0,
      1,
      -1,
      1.5,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 53,
      '',
      ' ',
      'a',
      'a\u2028b',
      'a\u200db',
      'a\u200d',
      ' a ',
      'a\u202eb',
      'a\ud800',
      '\u3164',
      '\u200d',
      'Zoe\u0308',
      [{ person: 1, faces: [face] }],
      [{ person: 1, faces: [] }],
      [{ person: 1, faces: [face], more: 1 }],
      '2024-02-29T23:59:59Z',
      '2026-02-29T23:59:59Z',
      '2026-04-31T00:00:00Z',
      '2026-01-02T24:00:00Z',
      '1900-02-29T00:00:00Z',
      '2000-02-29T00:00:00Z',
      'x'.repeat(201),
      '👩'.repeat(200),
      null,
      true,
      [],
      {},
      face,
      [face],
      [face, 1],
      { ...face, box: [1, 2, 3] },
      { ...face, box: [1, 2, 3, 4.5] },
      { ...face, more: 1 },
      { ...face, photo: 'A'.repeat(64) },
      '2026-01-02T03:04:05.5Z',
      '2026-01-02 03:04',
      'name',
      'undo',
      'constructor',
    ];
    const keys = [
      'id',
      'at',
      'by',
      'do',
      'person',
      'name',
      'into',
      'as',
      'faces',
      'other',
      'face',
      'of',
      'with',
      'seen',
      'more',
    ];
    const pick = <T>(of: readonly T[]) => of[random.below(of.length)] as T;
    let [taken, refused] = [0, 0];
    for (let i = 0; i < 20_000; i++) {
      const value = { ...pick(examples) };
      for (let changes = random.below(3); changes >= 0; changes--) {
        const key = pick(keys);
        if (random.below(3) === 0) delete value[key];
        else value[key] = pick(values);
      }
      const fault = faultIn(value);
      if (fits(value) !== (fault === undefined)) throw new Error(`${fault}: ${JSON.stringify(value)}`);
      if (fault === undefined) taken++;
      else refused++;
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(500);
  });
});
