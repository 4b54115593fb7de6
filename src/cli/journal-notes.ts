import type { JournalReport } from '../encode/journal/journal';
import type { EncodeSettings } from '../encode/journal/settings';
import { Important, type Line } from './important';
import { allFiles, filesText } from './terminal/files';
import { count } from './terminal/text';

/** What a user should know about the journal before the work begins; mostly nothing. */
export function journalNotes(report: JournalReport): Line[] {
  const { path, settings: current, others, dropped, damaged } = report;
  return [
    ...(allFiles(dropped) > 0
      ? [`Starting over: what was known of ${filesText(dropped)} is forgotten.`]
      : []),
    ...(allFiles(report) > 0 ? [`${filesText(report)} known from before (${path}).`] : []),
    ...others.map(
      ({ settings, ...files }) =>
        `${filesText(files)} ${allFiles(files) === 1 ? 'was' : 'were'} encoded ${differences(settings, current).join(' and ')}: ` +
        'this is done anew, and the earlier results are kept.',
    ),
    ...(damaged > 0
      ? [
          new Important(
            `${count(damaged, 'entry', 'entries')} of ${path} ${damaged === 1 ? 'was damaged; this photo is' : 'were damaged; these photos are'} encoded anew. Is the disk failing?`,
          ),
        ]
      : []),
  ];
}

/** The models by what they do; see models/manifest.json. */
const MODELS: Readonly<Record<string, string>> = {
  mmod: 'another detector model, which gives other boxes',
  landmarks: 'another model of eyes and noses, which gives other encodings',
  resnet: 'another recognition model, which gives other encodings',
};

const OPTIONS = [
  ['-d', 'method'],
  ['--upsample', 'upsample'],
  ['--num-jitters', 'numJitters'],
  ['--detect-size', 'detectSize'],
] as const;

/** How results came about that are not used, as it follows on "photos were encoded". */
function differences(was: EncodeSettings, is: EncodeSettings): string[] {
  const changed = OPTIONS.filter(([, key]) => was[key] !== is[key]);
  const options = (of: EncodeSettings) =>
    changed
      .map(([option, key]) => (of[key] === undefined ? `no ${option}` : `${option} ${of[key]}`))
      .join(', ');
  const [before, now] = [{ ...was.models }, { ...is.models }];
  const models = Object.keys(now).filter((role) => before[role] !== now[role]);
  return [
    ...(changed.length > 0 ? [`with ${options(was)} before, now with ${options(is)}`] : []),
    ...models.map((role) => `with ${MODELS[role] ?? 'another model'}`),
    ...(was.revision === is.revision
      ? []
      : [`by ${was.revision < is.revision ? 'an earlier' : 'a later'} version of this program`]),
  ];
}
