/* People whose name contains what is searched for, and photos that they are on, or whose file name does. */
import { load } from './data';
import { element, fileName } from './elements';
import { longList } from './lists';
import { personCard } from './people-view';
import { amountOfPhotos, photoList, photosIn } from './photo-list';
import { hint, type MakeView, summaryOf } from './view';
import { forSearch } from './words';

/** With a slash in it, it is looked for in the paths of photos. */
export const searchView: MakeView = async ({ overview }, { query, view }) => {
  const wanted = forSearch(query);
  const isWanted = (text: string) => forSearch(text).includes(wanted);
  const people = overview.people.filter(({ name }) => name !== null && isWanted(name));
  const called = new Set(people.map(({ label }) => label));
  const photos = await load('photos', 0, photosIn(overview));
  const numbers = [...photos.keys()].filter((number) => {
    const { path, faces } = photos[number] as (typeof photos)[0];
    return (
      faces.some(({ label }) => called.has(label)) || isWanted(query.includes('/') ? path : fileName(path))
    );
  });
  const { list, shots } = photoList(overview, numbers, view);
  const cards = longList(people, personCard, 'people', ({ label }) => String(label));
  const title = `Search for “${query}”`;
  const found = [
    ...(people.length > 0
      ? [people.length === 1 ? '1 person' : `${people.length.toLocaleString('en')} people`]
      : []),
    ...(numbers.length > 0 || people.length > 0 ? [amountOfPhotos(overview, numbers)] : []),
  ];
  return {
    title,
    content: [
      element('h1', {}, element('bdi', {}, title)),
      ...(found.length > 0 ? [summaryOf(found.join(' · '))] : [summaryOf('Nothing was found.'), hint(RULE)]),
      ...(people.length > 0 ? [cards.list, cards.rest] : []),
      list.list,
    ],
    list,
    shots,
    placeOf: () => -1,
  };
};

const RULE =
  'The search looks for people by a part of their name, and for photos by a part of their file’s name; with a slash in it, by a part of the whole path. Upper and lower case are alike, and so are letters with and without accents.';
