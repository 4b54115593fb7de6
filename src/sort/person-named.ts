import { FaceError } from '../base/errors';
import { nearestWord } from '../base/words';
import type { PersonId } from '../people/decisions';
import type { KnownPerson } from '../people/list';
import { personTitle } from '../people/names';
import type { People } from '../people/people';
import { titleOf as folderTitle } from '../result/people-folder/names';
import { foldedName } from '../system/file-name';

/**
 * The person that somebody means.
 * @param who their number, their name in whatever case, or what their folder is called
 * @throws FaceError FACE_INVALID_ARGUMENT if that is nobody, or several people
 */
export function personNamed(people: People, who: string): KnownPerson {
  const found = peopleNamed(people, who);
  const [person, other] = found;
  if (person && other) throw severalNamed(found, who);
  if (person) return person;
  throw unknown(`There is nobody called "${who}".`, whoElse(people, who));
}

/** Those whom somebody may mean, see {@link personNamed}; several if they have one name. */
export function peopleNamed(people: People, who: string): KnownPerson[] {
  const all = people.list();
  // A name may have a slash in it.
  const words = [who, who.replace(/\/+$/, '').split('/').at(-1) as string].map(foldedName);
  const found =
    words
      // A number may be somebody's name; it is by numbers that people of one name are told apart.
      .flatMap((word) => [
        all.filter(({ id }) => isNumberOf(id, word)),
        all.filter((one) => isTitle(one, word)),
      ])
      .find(({ length }) => length > 0) ?? [];
  if (found.length > 0) return found;
  // Merged with somebody since, or found to be them.
  const number = /^\d{1,9}$/.test(who) && Number(who) > 0 ? people.whoIs(Number(who)) : undefined;
  return all.filter(({ id }) => id === number);
}

export function severalNamed(people: readonly KnownPerson[], who: string): FaceError {
  const which = people.map(({ id, photos }) => `${id} (${photos} photos)`).join(', ');
  return unknown(`Several people are called "${who}": ${which}.`, 'Give the number.');
}

/** Where a name is nobody's: what people are called who may have been meant, and where all names are. */
export function whoElse(people: People, who: string): string {
  const names = [...new Set(people.list().flatMap(({ name }) => name ?? []))];
  const word = foldedName(who.trim());
  // Who types a part of a name means one of those that have it.
  const longer = word.length > 1 ? names.filter((name) => foldedName(name).includes(word)) : [];
  const meant = longer.length > 0 ? longer.slice(0, MOST_MEANT) : [nearestWord(who, names) ?? []].flat();
  const list = 'The command "people" lists who there is.';
  return meant.length === 0 ? list : `Did you mean ${meant.map((name) => `"${name}"`).join(' or ')}? ${list}`;
}

/** More are no help. */
const MOST_MEANT = 3;

function unknown(message: string, remedy: string): FaceError {
  return new FaceError('FACE_INVALID_ARGUMENT', message, { remedy });
}

function isNumberOf(id: PersonId, word: string): boolean {
  return /^\d+$/.test(word) && Number(word) === id;
}

/** Whether that is what somebody is called, or their folder. */
function isTitle({ id, name }: KnownPerson, word: string): boolean {
  const titles = [name, folderTitle(id, name), personTitle(id, undefined), `Person ${id}`];
  return titles.some((title) => {
    if (title === undefined) return false;
    const own = foldedName(title);
    return word === own || (word.startsWith(own) && /^ \(\d+\)( \d+)?$/.test(word.slice(own.length)));
  });
}
