import { UNREAD, type UnreadKind } from './formats/formats';
import type { LeftOut } from './left-out';

const NAMES_SHOWN = 3;

/**
 * What a search has left out, for people: phrases that say what, and why. Empty if nothing was.
 * @param ofVideos what is to be said of videos where they are never looked at
 */
export function describeLeftOut(
  { results, hidden, excluded, rawBesideJpeg, videosOfLivePhotos, unread }: LeftOut,
  ofVideos = '--video looks for faces in them, too',
): string[] {
  return [
    phrase(
      'not readable yet',
      Object.entries(UNREAD).map(([kind, { one, many }]) =>
        kind === 'video' ? '' : number(unread[kind as UnreadKind] ?? 0, one, many),
      ),
    ),
    phrase('the JPEG or HEIC of the same name is taken; --raw-and-jpeg both takes both', [
      number(rawBesideJpeg, 'raw photo', 'raw photos'),
    ]),
    phrase('the photo of the same name is taken', [
      number(videosOfLivePhotos, 'video of a Live Photo', 'videos of Live Photos'),
    ]),
    phrase(ofVideos, [number(unread.video ?? 0, 'video', 'videos')]),
    phrase('always left out', [number(results.length, 'earlier result', 'earlier results', results)]),
    phrase('--include-hidden takes them', [
      number(hidden.folders, 'hidden or system folder', 'hidden or system folders', hidden.names),
      number(hidden.photos, 'hidden photo', 'hidden photos'),
    ]),
    phrase('excluded', [
      number(excluded.folders, 'folder', 'folders'),
      number(excluded.photos, 'photo', 'photos'),
    ]),
  ].filter((text) => text !== '');
}

function phrase(why: string, what: readonly string[]): string {
  const there = what.filter((text) => text !== '');
  return there.length === 0 ? '' : `${new Intl.ListFormat('en-GB').format(there)}: ${why}`;
}

/** `12 raw photos`, `2 folders (.git, @eaDir)`; nothing for 0. */
function number(count: number, one: string, many: string, names: readonly string[] = []): string {
  if (count === 0) return '';
  const shown = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '');
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}${shown === '' ? '' : ` (${shown})`}`;
}
