import type { JournalReport } from '../journal/journal';
import type { EncodeSettings } from '../journal/settings';
import { count } from './text';

/** What a user should know about the journal before the work begins; mostly nothing. */
export function journalNotes(report: JournalReport): string[] {
  const { path, photos, settings: current, others, dropped, damaged } = report;
  return [
    ...(dropped > 0 ? [`Starting over: what was known of ${count(dropped, 'photo')} is forgotten.`] : []),
    ...(photos > 0 ? [`${count(photos, 'photo')} known from before (${path}).`] : []),
    ...others.map(({ settings, photos }) => {
      const changes = differences(settings, current);
      return (
        `${count(photos, 'photo was', 'photos were')} encoded with ${changes.map(([was]) => was).join(', ')} before, ` +
        `now with ${changes.map(([, is]) => is).join(', ')}: this is done anew, and the earlier results are kept.`
      );
    }),
    ...(damaged > 0
      ? [
          `${count(damaged, 'entry', 'entries')} of ${path} were damaged; these photos are encoded anew. Is the disk failing?`,
        ]
      : []),
  ];
}

/** What differs, as it was and as it is. */
function differences(was: EncodeSettings, is: EncodeSettings): [was: string, is: string][] {
  const options: [string, keyof EncodeSettings][] = [
    ['-d', 'method'],
    ['--upsample', 'upsample'],
    ['--num-jitters', 'numJitters'],
  ];
  return [
    ...options
      .filter(([, key]) => was[key] !== is[key])
      .map(([option, key]): [string, string] => [`${option} ${was[key]}`, `${option} ${is[key]}`]),
    ...(JSON.stringify(was.models) === JSON.stringify(is.models)
      ? []
      : [['other models', 'the present ones'] satisfies [string, string]]),
    ...(was.revision === is.revision
      ? []
      : [['another version of this program', 'this one'] satisfies [string, string]]),
  ];
}
