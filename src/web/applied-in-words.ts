import { count } from '../base/words';
import type { FolderSummary } from '../result/people-folder/types';
import type { TakenOver } from '../sort/take-over';
import type { Applied } from './api-types';

/** What was done to the folders, in words. */
export function appliedInWords(
  takenOver: readonly TakenOver[],
  { placed, moved, removed, renamed, kept, problems }: FolderSummary,
): Omit<Applied, 'state'> {
  const added = placed.hardlink + placed.copy + placed.symlink;
  const done = [
    ...(renamed > 0 ? [`${count(renamed, 'folder')} renamed`] : []),
    ...(added > 0 ? [`${count(added, 'photo')} added`] : []),
    ...(moved > 0 ? [`${count(moved, 'photo')} moved`] : []),
    ...(removed > 0 ? [`${count(removed, 'photo')} taken out`] : []),
  ];
  const found = (isDecided: boolean) =>
    takenOver
      .filter(({ decision }) => (decision !== undefined) === isDecided)
      .map(({ message }) => `Found in the folders: ${message}`);
  return {
    said: [...found(true), done.length > 0 ? `${done.join(', ')}.` : 'The folders were as they should be.'],
    left: [
      // What came of nothing is for people to do in another way.
      ...found(false),
      ...(kept.length > 0
        ? [
            `${count(kept.length, 'photo')} kept that nobody's folder has any more and that ${kept.length === 1 ? 'is' : 'are'} nowhere else.`,
          ]
        : []),
      ...problems.map(({ path, reason }) => `${path}: ${reason}`),
    ],
  };
}
