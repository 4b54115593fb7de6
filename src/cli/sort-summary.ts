import { personTitle } from '../people/names';
import type { ArrangeSummary } from '../sort/arrange';
import type { SortSummary } from '../sort/sort';
import type { TakenOver } from '../sort/take-over';
import { quoted } from '../system/shell';
import { important, type Line } from './important';
import {
  copiesLines,
  inPictures,
  leftOutLines,
  ofPeople,
  picturesRead,
  problemLines,
  warningLines,
} from './report';
import { STRICTNESS } from './strictness';
import { allFiles, filesText } from './terminal/files';
import { coloursFor, commandName, count, duration, printable, wrapped } from './terminal/text';

const SHOWN = 20;

/**
 * What a user reads when `sort` is done.
 * @param output the folder, as the user calls it
 */
export function describeSorted(summary: SortSummary, output: string): Line[] {
  const { people, encode, seconds } = summary;
  const { withoutFace, known, done } = encode.files;
  const without =
    allFiles(withoutFace) === 0
      ? ''
      : ` (${withoutFace.videos > 0 ? filesText(withoutFace) : withoutFace.photos.toLocaleString('en')} without a face)`;
  const looked = allFiles(known) > 0 ? `, ${filesText(done, 'new ')} looked at` : '';
  return [
    `${coloursFor(process.stdout).bold(count(people.length, 'person', 'people'))} on ${inPictures(picturesRead(encode))}${without}${looked}`,
    ...describeArranged(summary, output),
    `Time:    ${duration(seconds)}`,
    ...copiesLines(encode.copies, output, 'Copies:  '),
    ...leftOutLines(encode.leftOut, 'Left out: '),
    ...summary.notForgotten.flatMap((folder) =>
      important(wrapped(`Not forgotten: ${printable(folder)} is none of the folders that are sorted.`, '  ')),
    ),
    ...problemLines('Could not be used:', summary.problems),
    ...warningLines(summary.warnings),
    ...nextSteps(summary, output),
  ];
}

/** What has changed, and where it is now. */
export function describeArranged(summary: ArrangeSummary, output: string): Line[] {
  const { people, takenOver, folder } = summary;
  const largest = [...people].sort((a, b) => b.photos - a.photos || a.id - b.id);
  const rest = largest.length - SHOWN;
  return [
    ...takenOver.flatMap((taken): readonly Line[] => {
      const lines = wrapped(takenOverLine(taken), '  ');
      // What came of nothing is said once, and is for the user to do in another way.
      return taken.decision === undefined ? important(lines) : lines;
    }),
    ...changeLines(summary),
    ...largest.slice(0, SHOWN).map(({ folder }) => `  ${printable(folder)}`),
    ...(rest > 0 ? [`  … and ${count(rest, 'more', 'more')}`] : []),
    ...unsortedLines(summary),
    `Folder:  ${printable(output)}`,
    ...(folder.kept.length > 0
      ? important(
          wrapped(
            `Kept:    ${count(folder.kept.length, 'photo')} that nobody's folder has any more and that ${folder.kept.length === 1 ? 'is' : 'are'} nowhere else: ${printable(folder.kept[0]?.file ?? '')}${folder.kept.length > 1 ? ' and others beside it' : ''}`,
            ' '.repeat(9),
          ),
        )
      : []),
  ];
}

/** `Took over: Person 02 is now Anna (undo 4)`. */
export function takenOverLine({ message, decision }: TakenOver): string {
  const said = printable(message);
  return decision === undefined ? `Noticed: ${said}` : `Took over: ${said} (to undo it: undo ${decision})`;
}

/** What the grouping has changed, in one sentence: `3 new photos of Anna, 1 new person, 2 people may be one`. */
function changeLines({ changes, people }: ArrangeSummary): string[] {
  const titles = new Map(people.map(({ id, name }) => [id, personTitle(id, name)]));
  const title = (id: number) => titles.get(id) ?? personTitle(id, undefined);
  const joined = changes.joined.filter(({ photos }) => photos > 0).sort((a, b) => b.photos - a.photos);
  const others = joined.slice(3);
  const photosOfOthers = others.reduce((sum, { photos }) => sum + photos, 0);
  // The first time, everybody is new.
  const first = changes.newPeople.length > 0 && changes.newPeople.length >= people.length;
  const parts = [
    ...joined.slice(0, 3).map(({ person, photos }) => `${count(photos, 'new photo')} of ${title(person)}`),
    ...(others.length > 0
      ? [`${photosOfOthers.toLocaleString('en')} of ${count(others.length, 'other')}`]
      : []),
    ...(changes.newPeople.length > 0 && !first
      ? [count(changes.newPeople.length, 'new person', 'new people')]
      : []),
    ...changes.absorbed.map(({ person, into }) => `${title(person)} is ${title(into)}`).slice(0, 5),
    ...(changes.absorbed.length > 5
      ? [`${count(changes.absorbed.length - 5, 'more was', 'more were')} somebody else`]
      : []),
    ...(changes.gone > 0
      ? [`${count(changes.gone, 'face')} gone with ${changes.gone === 1 ? 'its photo' : 'their photos'}`]
      : []),
    ...(changes.mayBeOne.length > 0
      ? [`${count(changes.mayBeOne.length, 'pair')} of people may be one: ${commandName()} suggest`]
      : []),
  ];
  return parts.length === 0 ? [] : wrapped(`Changed: ${printable(parts.join(', '))}`, ' '.repeat(9));
}

function unsortedLines({ unsorted, unclear }: ArrangeSummary): string[] {
  if (unsorted === 0) return [];
  const tell = unclear > 0 ? `, ${unclear.toLocaleString('en')} of them too unclear to tell` : '';
  return wrapped(`  and ${count(unsorted, 'face')} of people on few photos${tell}`, '    ');
}

/** What else can be done where many people look like several; nothing if that was done. */
function stricter({ threshold, forNewFacesOnly }: SortSummary): string {
  const isStrict = threshold !== null && threshold <= STRICTNESS.strict;
  if (isStrict && !forNewFacesOnly) return '';
  return `; if there are many such: sort ${isStrict ? '' : '--strictness strict '}--regroup`;
}

function nextSteps(summary: SortSummary, output: string): string[] {
  const { people, faces } = summary;
  if (people.length === 0) {
    return faces === 0
      ? []
      : [
          '',
          ...wrapped(
            'Nobody is on enough photos to have a folder. --min-photos 2 makes one for those who are on 2.',
          ),
        ];
  }
  const several = people.filter(({ several }) => several);
  const [nameless] = people.filter(({ name }) => name === undefined);
  return [
    ...(several.length > 0
      ? [
          '',
          ...wrapped(
            `Perhaps several people in one: ${several
              .slice(0, SHOWN)
              .map(({ folder }) => printable(folder))
              .join(
                ', ',
              )}. Move the photos of one of them into a new folder beside, and run this again${stricter(summary)}.`,
          ),
        ]
      : []),
    '',
    `Look at them:  ${commandName()} view ${quoted(printable(output))}`,
    ...(nameless
      ? [
          `Name somebody: rename their folder, or ${commandName()} name ${nameless.id} NAME${ofPeople(output)}`,
        ]
      : []),
  ];
}
