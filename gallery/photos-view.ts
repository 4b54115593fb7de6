/* All photos by date, or those of several people at once: "Anna and Ben, not Carl". */
import type { GalleryOverview, GalleryPerson, GalleryPhoto } from '../src/result/export/gallery/page-types';
import { parseRoute, type Route, withOption } from './addresses';
import { load } from './data';
import { element, ICONS, icon } from './elements';
import { NameField } from './name-field';
import { inText, isSameName, personName, presentLabel } from './people';
import { amountOfPhotos, photoList, photosIn } from './photo-list';
import { type Context, hint, type MakeView, summaryOf } from './view';

export const photosView: MakeView = async (context, route) => {
  const { overview } = context;
  const filter = filterOf(route, overview);
  const numbers = await numbersOf(filter, overview);
  const { list, shots } = photoList(overview, numbers, route.view);
  const title = titleOf(filter);
  return {
    title,
    content: [
      element('h1', {}, element('bdi', {}, title)),
      summaryOf(amountOfPhotos(overview, numbers)),
      choices(context, route, filter),
      ...(numbers.length === 0 ? [hint('There is no such photo.')] : []),
      list.list,
    ],
    list,
    shots,
    placeOf: () => -1,
  };
};

/** Which photos are shown. */
interface Filter {
  /** Who is on each of them, and who is on none. */
  readonly with: readonly GalleryPerson[];
  readonly without: readonly GalleryPerson[];
  readonly faces: 'none' | 'several' | undefined;
}

function filterOf({ options }: Route, { people }: GalleryOverview): Filter {
  const peopleIn = (option: string) => {
    const labels = (options.get(option) ?? '').split(',').filter((label) => label !== '');
    const present = new Set(labels.map((label) => presentLabel(Number(label), people)));
    return people.filter(({ label }) => present.has(label));
  };
  const faces = options.get('faces');
  return {
    with: peopleIn('with'),
    without: peopleIn('without'),
    faces: faces === 'none' || faces === 'several' ? faces : undefined,
  };
}

/** The numbers of the photos, the latest first. */
async function numbersOf(filter: Filter, overview: GalleryOverview): Promise<number[]> {
  const photosOf = async ({ first, faces }: GalleryPerson) => {
    const loaded = await load('faces', first, first + faces);
    return new Set(loaded.map(({ onPhoto }) => onPhoto));
  };
  const [those, notThose] = await Promise.all([
    Promise.all(filter.with.map(photosOf)),
    Promise.all(filter.without.map(photosOf)),
  ]);
  const [some, ...others] = those;
  const all = photosIn(overview);
  const numbers = some ? [...some].sort((a, b) => a - b) : Array.from({ length: all }, (_, number) => number);
  const ofPeople = numbers.filter(
    (number) =>
      others.every((photos) => photos.has(number)) && !notThose.some((photos) => photos.has(number)),
  );
  if (!filter.faces) return ofPeople;
  const photos = await load('photos', 0, all);
  const least = filter.faces === 'several' ? 2 : 0;
  const most = filter.faces === 'several' ? Number.POSITIVE_INFINITY : 0;
  return ofPeople.filter((number) => {
    const { faces } = photos[number] as GalleryPhoto;
    return faces.length >= least && faces.length <= most;
  });
}

/** `Photos of Anna and Ben, not Carl` */
function titleOf(filter: Filter): string {
  const kinds = { none: 'Photos without a face', several: 'Photos with several faces' };
  const what = filter.faces ? kinds[filter.faces] : 'Photos';
  const those = listed(filter.with, 'and');
  const notThose = listed(filter.without, 'or');
  if (those === '') return notThose === '' ? what : `${what} without ${notThose}`;
  return notThose === '' ? `${what} of ${those}` : `${what} of ${those}, not ${notThose}`;
}

function listed(people: readonly GalleryPerson[], last: 'and' | 'or'): string {
  const names = people.map(({ label }) => inText(personName(label)));
  const end = names.pop() ?? '';
  return names.length === 0 ? end : `${names.join(', ')} ${last} ${end}`;
}

/** What is chosen, and what can be. */
function choices(context: Context, route: Route, filter: Filter): HTMLElement {
  const go = (name: string, value: string) => context.replace(withOption(route, name, value || undefined));
  const labels = (people: readonly GalleryPerson[]) => people.map(({ label }) => label);
  const set = (those: readonly number[], notThose: readonly number[]) => {
    const [some, others] = [those.join(','), notThose.join(',')];
    const changed = parseRoute(withOption(route, 'with', some || undefined));
    context.replace(withOption(changed, 'without', others || undefined));
  };
  const [those, notThose] = [labels(filter.with), labels(filter.without)];
  const rest = (from: readonly number[], label: number) => from.filter((one) => one !== label);
  const chip = (label: number, wanted: boolean) => {
    const name = personName(label);
    const turn = element(
      'button',
      {
        type: 'button',
        'data-part': `turn-${label}`,
        'aria-label': wanted ? `With ${name}: change to without` : `not ${name}: change to with`,
      },
      ...(wanted ? [] : ['not ']),
      element('bdi', {}, name),
    );
    turn.addEventListener('click', () =>
      wanted ? set(rest(those, label), [...notThose, label]) : set([...those, label], rest(notThose, label)),
    );
    const remove = element(
      'button',
      { type: 'button', 'aria-label': `Leave ${name} out of the choice` },
      icon(ICONS.close),
    );
    remove.addEventListener('click', () => {
      // What is gone can't keep the keyboard: after the last it is where one more is added.
      const { parentElement: chip } = remove;
      const next = (chip?.previousElementSibling ?? chip?.nextElementSibling)?.querySelector('button');
      (next ?? remove.closest('.choices')?.querySelector('input'))?.focus();
      set(rest(those, label), rest(notThose, label));
    });
    return element('li', { class: wanted ? 'chip' : 'chip not' }, turn, remove);
  };
  const { overview } = context;
  const left = overview.people.filter(
    ({ label }) => label >= 0 && !those.includes(label) && !notThose.includes(label),
  );
  const select = element(
    'select',
    { 'data-part': 'faces', 'aria-label': 'Which photos' },
    ...[
      { value: '', text: 'all photos' },
      ...(overview.photosWithoutFaces > 0 ? [{ value: 'none', text: 'without a face' }] : []),
      { value: 'several', text: 'with several faces' },
    ].map(({ value, text }) => element('option', { value, selected: value === (filter.faces ?? '') }, text)),
  );
  select.addEventListener('change', () => go('faces', select.value));
  return element(
    'div',
    { class: 'choices' },
    element(
      'ul',
      { role: 'list', 'aria-label': 'Who is on the photos' },
      ...those.map((label) => chip(label, true)),
      ...notThose.map((label) => chip(label, false)),
    ),
    ...(left.length > 0 ? [personField(left, (label) => set([...those, label], notThose))] : []),
    select,
  );
}

/** @param onPerson told who was chosen */
function personField(people: readonly GalleryPerson[], onPerson: (label: number) => void): HTMLElement {
  const field = new NameField({
    label: 'Add a person',
    placeholder: 'Add a person',
    known: people,
  });
  field.input.addEventListener('click', () => field.offer());
  field.input.addEventListener('blur', () => field.close());
  field.onChosen = ({ label }) => onPerson(label);
  const form = element('form', {}, field.element);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = field.chosen ?? people.find(({ label }) => isSameName(personName(label), field.text));
    if (chosen) onPerson(chosen.label);
  });
  return form;
}
