/* Photos by the time when they were taken, below their years. */
import type { GalleryOverview, GalleryPhoto } from '../src/result/export/gallery/page-types';
import { load } from './data';
import { dateWords } from './dates';
import { count, element, fileName, folderName, thumbnail } from './elements';
import { type ListSection, type LongList, sectionedList } from './lists';
import { personName } from './people';
import { addressOf, photoShots, type Shots } from './shots';

/** How many people on a photo screen readers are told of. */
const MOST_NAMES = 3;

/** How many photos there are, frames of videos among them, see `Pages.photos`. */
export function photosIn({ years }: GalleryOverview): number {
  return years.reduce((sum, { photos }) => sum + photos, 0);
}

/**
 * How many photos these are, in words: a video is one, as in folders. `12 photos, among them 9 frames of 2 videos`
 * @param numbers of the photos, see `Pages.photos`, in rising order
 */
export function amountOfPhotos({ videos }: GalleryOverview, numbers: readonly number[]): string {
  const frames = videos
    .map(([first, of]) => firstFrom(numbers, first + of) - firstFrom(numbers, first))
    .filter((own) => own > 0);
  const all = frames.reduce((sum, own) => sum + own, 0);
  const photos = count(numbers.length - all + frames.length, 'photo');
  // One frame looks like a photo, and is counted like one.
  if (all === frames.length) return photos;
  return `${photos}, among them ${count(all, 'frame')} of ${count(frames.length, 'video')}`;
}

/**
 * @param numbers of the photos, see `Pages.photos`, in rising order
 * @param view address of the view that the list is in
 */
export function photoList(
  { years }: GalleryOverview,
  numbers: readonly number[],
  view: string,
): { readonly list: LongList; readonly shots: Shots } {
  let end = 0;
  let from = 0;
  const sections: ListSection<number>[] = [];
  for (const { year, photos } of years) {
    end += photos;
    const to = firstFrom(numbers, end);
    if (to > from) sections.push({ heading: year ?? 'Without a date', items: numbers.slice(from, to) });
    from = to;
  }
  const list = sectionedList(sections, (number) => photoItem(number, view), 'photos');
  return { list, shots: photoShots(numbers) };
}

/** The place of the first number that is `least` or larger. */
function firstFrom(numbers: readonly number[], least: number): number {
  let [from, to] = [0, numbers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((numbers[middle] as number) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** It is as large before the photo's page has been loaded as it is then. */
function photoItem(number: number, view: string): HTMLLIElement {
  const link = element('a', { tabindex: 0 }, ...contentOf(undefined));
  const fill = async () => {
    // A list makes an item to see how large it is, too, and takes it away at once.
    await Promise.resolve();
    return link.isConnected ? load('photos', number, number + 1) : [];
  };
  fill().then(
    ([photo]) => {
      if (!photo) return;
      link.setAttribute('href', `${view}/${addressOf(photo)}`);
      link.removeAttribute('tabindex');
      link.title = photo.path;
      link.replaceChildren(...contentOf(photo));
    },
    // It is told where everybody sees it.
    ({ message }) => link.querySelector('.thumbnail')?.replaceChildren(message),
  );
  return element('li', {}, link);
}

function contentOf(photo: GalleryPhoto | undefined): Node[] {
  const [name, folder] = photo ? [fileName(photo.path), folderName(photo.path)] : ['', ''];
  const date = photo?.taken ? dateWords(photo.taken) : undefined;
  const people = [...new Set(photo?.faces.map(({ label }) => label))].filter((label) => label >= 0);
  const told = [...(date ? [name] : []), ...people.slice(0, MOST_NAMES).map(personName)];
  return [
    photo ? thumbnail(photo.thumbnail) : element('span', { class: 'thumbnail none' }),
    element('span', { class: 'name' }, date ?? name),
    element('span', { class: 'detail', dir: 'auto' }, folder),
    element('span', { class: 'hidden' }, told.join(', ')),
  ];
}
