import {
  appendFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { SplitMix64 } from '../../src/base/random';
import { faultIn } from '../../src/people/decisions';
import { People } from '../../src/people/people';
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
    /^\{"format":.*\n\{"id":1,"at":"\S+Z","by":"library","do":"name","person":1,"name":"Anna"\}\n$/,
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
  expect(await rejection(People.open(inFolder('link.jsonl')))).toMatchObject({ code: 'FACE_LOCKED' });
  await people.close();
  await (await People.open(inFolder('link.jsonl'))).close();
});

test('whose lock was taken away writes nothing more', async () => {
  const people = await People.open(file());
  await people.update(...grouped([anna, ben]));
  const before = readFileSync(file(), 'utf8');
  const lost = new AbortController();
  Object.defineProperty(Reflect.get(people, 'lock'), 'lost', { value: lost.signal });
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

test('a file that is removed under it is no place for decisions', async () => {
  const people = await People.open(file());
  await people.update(...grouped([anna, ben]));
  linkSync(file(), inFolder('kept'));
  writeFileSync(inFolder('other'), '');
  const { renameSync } = await import('node:fs');
  renameSync(inFolder('other'), file());
  expect(await rejection(people.name(1, 'Anna'))).toMatchObject({ code: 'FACE_IO' });
  expect(people.list()[0]?.name).toBeUndefined();
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
    for (let length = 0; length <= bytes.length; length++) {
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
    writeFileSync(`${file()}.faces.1-0-abc.part`, 'half');
    const again = await People.open(file());
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

describe('what runs have found', () => {
  beforeEach(async () => {
    const people = await People.open(file());
    await people.update(...grouped([anna, ben]));
    await people.name(1, 'Anna');
    await people.close();
  });

  test('if it is lost, names are not', async () => {
    writeFileSync(`${file()}.faces`, '');
    expect(await rejection(People.open(file()))).toMatchObject({ code: 'FACE_PEOPLE_INVALID' });
    const { rmSync } = await import('node:fs');
    rmSync(`${file()}.faces`);
    expect(await namesIn()).toEqual(['Anna']);
  });

  test.each<[string, (lines: string[]) => string[], number]>([
    ['a line is cut off', (lines) => lines.slice(0, 3), 1],
    ['a line is damaged', (lines) => lines.with(2, '{"photo"'), 3],
    ['a line is no face', (lines) => lines.with(2, '{"photo":"a","box":[1]}'), 3],
    ['a line is null', (lines) => lines.with(1, 'null'), 2],
    ['it is something else', (lines) => lines.slice(1), 1],
    ['its header lacks something', (lines) => lines.with(0, (lines[0] as string).replace('next', 'text')), 1],
  ])('refused: %s', async (_, change, number) => {
    const lines = readFileSync(`${file()}.faces`, 'utf8').trimEnd().split('\n');
    writeFileSync(`${file()}.faces`, `${change(lines).join('\n')}\n`);
    expect(await rejection(People.open(file()))).toMatchObject({
      code: 'FACE_PEOPLE_INVALID',
      path: `${file()}.faces`,
      remedy: expect.stringContaining(`line ${number} `),
    });
    expect(existsSync(`${file()}.lock`)).toBe(false);
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
  const fits = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
  const face = { photo: photo(1), box: [1, 20, 30, 4] };
  const base = { id: 3, at: '2026-01-02T03:04:05Z', by: 'test' };
  const examples: Record<string, unknown>[] = [
    { ...base, do: 'name', person: 1, name: 'Anna' },
    { ...base, do: 'merge', person: 1, into: 2 },
    { ...base, do: 'split', person: 1, as: 4, faces: [face] },
    { ...base, do: 'split', as: 4, faces: [face, face] },
    { ...base, do: 'differ', person: 1, other: 2 },
    { ...base, do: 'is', person: 1, face },
    { ...base, do: 'not', person: 1, face },
    { ...base, do: 'not-a-face', face },
    { ...base, do: 'hide', person: 1 },
    { ...base, do: 'cover', person: 1, face },
    { ...base, do: 'undo', of: 2 },
  ];

  test('takes every decision, and the header', () => {
    expect(fits(JSON.parse(header))).toBe(true);
    for (const example of examples) {
      expect([example.do, faultIn(example), fits(example)]).toEqual([example.do, undefined, true]);
    }
  });

  test('refuses and takes what the program does, of thousands of changed lines', () => {
    const random = new SplitMix64(1n);
    const values = [
      0,
      1,
      -1,
      1.5,
      2 ** 53,
      '',
      ' ',
      'a',
      'a\u2028b',
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
