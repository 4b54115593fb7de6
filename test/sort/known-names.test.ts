import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgetPeople } from '../../src/album/forget';
import type { GroupedFace } from '../../src/people/carry-over';
import { People } from '../../src/people/people';
import type { FoundFaces } from '../../src/sort/found-faces';
import { nameByKnownPeople } from '../../src/sort/known-names';
import { type SortPhotosOptions, sortPhotos } from '../../src/sort/sort';
import { facesAt, grouped } from '../people/support';
import { PORTRAITS, samplePhoto, useTempFolder } from '../support/files';
import { rejection } from '../support/photos';
import { DAMAGED_JPEG, rawPhoto } from '../support/raw';

const temp = useTempFolder();

describe('people who look like somebody who is known', () => {
  let people: People;
  beforeEach(async () => {
    people = await People.open(temp('people.jsonl'));
  });
  afterEach(() => people.close());

  const known = [
    { name: 'Anna', encodings: [[0], [0.1]] },
    { name: 'Ben', encodings: [[2]] },
  ];
  /** Groups of faces, of which all are near to these numbers. */
  async function run(...groups: readonly (readonly GroupedFace[])[]): Promise<FoundFaces> {
    const [faces, labels] = grouped(groups);
    await people.update(faces, labels);
    return { faces } as unknown as FoundFaces;
  }
  const names = () => people.list().map(({ id, name }) => name ?? id);

  test('get their name, with how many of their faces say so', async () => {
    const found = await run(facesAt(0.2, 6), facesAt(2.1, 4), facesAt(5, 3));
    expect(await nameByKnownPeople(people, found, known)).toEqual([
      { message: 'Person 01 is Anna: 6 of 6 faces look like theirs', decision: 1 },
      { message: 'Person 02 is Ben: 4 of 4 faces look like theirs', decision: 2 },
    ]);
    expect(names()).toEqual(['Anna', 'Ben', 3]);
    expect(people.decisions()).toMatchObject([{ by: 'known people' }, { by: 'known people' }]);
  });

  test('get none if less than half of their faces do, or one alone', async () => {
    const found = await run([...facesAt(0, 3), ...facesAt(5, 4)], facesAt(2, 1));
    expect(await nameByKnownPeople(people, found, known)).toEqual([]);
  });

  test('get one name once: of several, the one with most faces; of the others it is only told', async () => {
    const found = await run(facesAt(0.1, 5), facesAt(0.4, 3, 'later'));
    const taken = await nameByKnownPeople(people, found, known);
    expect(names()).toEqual(['Anna', 2]);
    expect(taken[1]).toEqual({
      message: 'Person 02 may be Anna, too: 3 of 3 faces look like theirs. If so: merge 2 1',
      decision: undefined,
    });
    await people.differ(1, 2);
    expect(await nameByKnownPeople(people, found, known)).toEqual([]);
  });

  test('keep the name that they have, and stay without one where that was decided', async () => {
    const found = await run(facesAt(0.1, 5), facesAt(2, 4));
    await people.name(1, 'Ann');
    await people.name(2, 'Benjamin');
    await people.unname(2);
    expect(await nameByKnownPeople(people, found, known)).toEqual([]);
    expect(names()).toEqual(['Ann', 2]);
  });

  test('do not get a name again that was undone, but another one', async () => {
    const found = await run(facesAt(0.1, 5));
    await nameByKnownPeople(people, found, known);
    await people.undo();
    expect(await nameByKnownPeople(people, found, known)).toEqual([]);
    const renamed = [{ name: 'Anna Schmidt', encodings: [[0]] }];
    expect(await nameByKnownPeople(people, found, renamed)).toHaveLength(1);
    expect(names()).toEqual(['Anna Schmidt']);
  });

  test('get none while they are hidden', async () => {
    const found = await run(facesAt(0.1, 5));
    await people.hide(1);
    expect(await nameByKnownPeople(people, found, known)).toEqual([]);
  });
});

describe('sort with known people', () => {
  const FRANCK = ['01829', '02045', '02159', '02221', '02683'];
  const franck = (n: string) => `franck_${n}.jpg`;

  function photos(): void {
    mkdirSync(temp('photos'));
    for (const n of FRANCK) copyFileSync(join(PORTRAITS, franck(n)), temp('photos', franck(n)));
    mkdirSync(temp('known', 'Franck'), { recursive: true });
  }
  const know = (from: string, ...to: string[]) => copyFileSync(from, temp('known', ...to));
  const sort = (options: Partial<SortPhotosOptions> = {}) =>
    sortPhotos({
      photos: temp('photos'),
      output: temp('people'),
      method: 'hog',
      known: temp('known'),
      ...options,
    });

  test('names them by their photos, which are looked at once, and reports those that are of no use', async () => {
    photos();
    know(join(PORTRAITS, franck('04117')), 'Franck', '1.jpg');
    know(join(PORTRAITS, franck('03909')), 'franck.jpg');
    know(samplePhoto('sample1.jpg'), 'Crowd.jpg');
    know(join(PORTRAITS, 'icon_sad.png'), 'Nobody.png');
    const looked: number[] = [];
    const summary = await sort({
      onProgress: ({ phase, encode }) => {
        if (phase === 'known' && encode) looked.push(encode.known);
      },
    });
    expect(summary.people.map(({ name, photos }) => [name, photos])).toEqual([['Franck', FRANCK.length]]);
    expect(summary.takenOver).toMatchObject([
      { message: expect.stringContaining('is Franck: 5 of 5 faces') },
    ]);
    expect(summary.problems.map(({ path, code }) => [path, code])).toEqual([
      [temp('known', 'Crowd.jpg'), 'FACE_KNOWN_PHOTO'],
      [temp('known', 'Nobody.png'), 'FACE_KNOWN_PHOTO'],
    ]);
    expect(looked.at(-1)).toBe(0);
    expect(existsSync(temp('people', 'Franck (5)'))).toBe(true);

    looked.length = 0;
    const again = await sort({
      onProgress: ({ phase, encode }) => {
        if (phase === 'known' && encode) looked.push(encode.known);
      },
    });
    expect(again.takenOver).toEqual([]);
    expect(looked.at(-1)).toBe(4);
  });

  test('names them by a raw photo where its JPEG is damaged, and says so', async () => {
    photos();
    writeFileSync(temp('known', 'Franck', '1.jpg'), DAMAGED_JPEG);
    const raw = temp('known', 'Franck', '1.nef');
    writeFileSync(raw, rawPhoto(readFileSync(join(PORTRAITS, franck('04117')))));
    const { people, problems, warnings } = await sort();
    expect(people.map(({ name }) => name)).toEqual(['Franck']);
    expect(problems).toEqual([]);
    expect(warnings).toContainEqual({
      path: raw,
      insteadOf: temp('known', 'Franck', '1.jpg'),
      reason: expect.stringContaining('was taken instead.'),
    });
    // One on which there is nobody is called by its own name.
    writeFileSync(raw, rawPhoto(readFileSync(samplePhoto('sample1.jpg'))));
    expect((await sort()).problems).toMatchObject([{ path: raw, code: 'FACE_KNOWN_PHOTO' }]);
  });

  test('another folder than the last time is no mistake, and one without photos names nobody', async () => {
    photos();
    know(join(PORTRAITS, franck('04117')), 'Franck', '1.jpg');
    await sort();
    mkdirSync(temp('others', 'Anna'), { recursive: true });
    const other = await sort({ known: temp('others') });
    expect(other.people.map(({ name }) => name)).toEqual(['Franck']);
    expect(other.problems).toMatchObject([{ path: temp('others'), code: 'FACE_NO_IMAGES' }]);
    copyFileSync(join(PORTRAITS, 'audrey.jpg'), temp('others', 'Anna', '1.jpg'));
    expect((await sort({ known: temp('others') })).takenOver).toEqual([
      {
        message:
          "Nobody was named by photos of known people: nobody without a name looks enough like Anna. It takes half of somebody's faces, 2 at " +
          'least, that differ from theirs by less than 0.55; several photos of each person help.',
        decision: undefined,
      },
    ]);
  });

  test('the photos that are sorted are no photos of people who are known, but folders among them may be', async () => {
    photos();
    const known = `${temp('photos')}/`;
    expect(await rejection(sort({ known }))).toMatchObject({ code: 'FACE_IO', path: known });
    expect(existsSync(temp('people'))).toBe(false);
    know(join(PORTRAITS, franck('04117')), 'Franck', '1.jpg');
    const { problems } = await sort({ photos: temp('known'), known: temp('known') });
    expect(problems).toEqual([]);
  });

  test('photos that can not be read are reported, and people are sorted without them', async () => {
    photos();
    writeFileSync(temp('known', 'Franck', '1.jpg'), 'no photo');
    const summary = await sort();
    expect(summary.people).toMatchObject([{ name: undefined, photos: 5 }]);
    expect(summary.problems.map(({ path }) => path)).toEqual([temp('known', 'Franck', '1.jpg')]);
    expect(summary.takenOver).toMatchObject([
      { message: expect.stringContaining('there is no face on these that could be told, of one person.') },
    ]);
  });

  test('what is known of them goes when somebody is forgotten', async () => {
    photos();
    know(join(PORTRAITS, franck('04117')), 'Franck', '1.jpg');
    const { people } = await sort();
    const journal = temp('people', '.data', 'known.pickle.journal');
    expect(existsSync(journal)).toBe(true);
    await forgetPeople({ output: temp('people'), people: people.map(({ id }) => id) });
    expect(existsSync(journal)).toBe(false);
  });

  test('a folder that is not there is an error before any work, and nothing is left', async () => {
    photos();
    expect(await rejection(sort({ known: temp('no') }))).toMatchObject({ code: 'FACE_IO', path: temp('no') });
    expect(existsSync(temp('people'))).toBe(false);
  });
});
