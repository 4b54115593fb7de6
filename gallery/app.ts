/* Shows what the address says, see addresses.ts, and the other way around. */
import type { GalleryOverview, GalleryPerson } from '../src/result/export/gallery/page-types';
import type { ServedOverview } from '../src/web/api-types';
import {
  EVERYBODY,
  parseRoute,
  personHash,
  placeOf,
  type Route,
  searchHash,
  type ViewKind,
} from './addresses';
import { addPage, dropPages, setPageSize, setSource } from './data';
import { setEditing } from './editing';
import { announce, byId, element } from './elements';
import { focusHeading, keepFocus } from './focus';
import { areNamed, presentLabel, setPeople } from './people';
import { startQuestions } from './questions-view';
import { showSelection } from './selection';
import { Served } from './served';
import { showState } from './state';
import type { Context, View } from './view';
import { viewer } from './viewer';
import { VIEWS } from './views';
import { wordsOf } from './words';

/** How long nothing must be pressed before what was pressed is written into the address. */
const REST_MS = 150;

/** How many views are kept, scrolled as they were, for going back to them. */
const VIEWS_KEPT = 8;

/** The views that the navigation's "People" leads to. */
const PEOPLES: readonly ViewKind[] = ['person', 'unsorted', 'unclear', 'hidden'];

/** Puts `people` in the place of what was shown of them before. */
type ShowAnew = (overview: GalleryOverview) => void;

function start(first: GalleryOverview): ShowAnew {
  const content = byId('content');
  const queryField = byId('query') as HTMLInputElement;
  /** A view is kept with where it was scrolled to; without the view, if that is to be made anew. */
  const kept = new Map<string, { readonly view?: View | undefined; readonly scrolled: number }>();
  let overview = first;
  let route: Route | undefined;
  /** What is shown now. */
  let shown: View | undefined;
  /** Whether what is shown is not so any more. */
  let stale = false;
  /** Whether going back closes the viewer. It is kept with the address, for when the page is loaded anew. */
  let openedHere = false;
  /** The timers of what waits for the user to rest: browsers allow only so many changes of the address in ten seconds. */
  let [moving, typing] = [0, 0];
  let navigations = 0;

  const context: Context = {
    get overview() {
      return overview;
    },
    replace(address) {
      history.replaceState(null, '', address);
      update();
    },
  };

  /** Shows what the address says. */
  async function navigate(): Promise<void> {
    const navigation = ++navigations;
    const to = presentRoute();
    const from = route;
    const same = from?.view === to.view;
    const earlier = kept.get(to.view);
    content.setAttribute('aria-busy', 'true');
    const view =
      same && !stale && shown
        ? shown
        : (earlier?.view ?? (await (VIEWS[to.kind] ?? VIEWS.people)(context, to)));
    const position = (await view.shots?.find(to)) ?? -1;
    if (navigation !== navigations) return;
    content.removeAttribute('aria-busy');

    const stays = view === shown;
    // Another order of the same faces, or the same with what has changed: neither scrolls, nor takes the keyboard elsewhere.
    const inPlace = from !== undefined && placeOf(from.view) === placeOf(to.view);
    if (!stays) {
      const scrolled = window.scrollY;
      if (from) keep(from.view, stale ? undefined : shown, scrolled);
      const focusAgain = keepFocus(content);
      const scrollTo = inPlace ? scrolled : (earlier?.scrolled ?? 0);
      keep(to.view, view, scrollTo);
      if (!inPlace) viewer.close();
      // A view that is made of the same elements has changed them itself.
      if (view.content.some((one, i) => content.childNodes[i] !== one))
        content.replaceChildren(...view.content);
      [shown, stale] = [view, false];
      markPlace(to);
      view.list?.update();
      window.scrollTo(0, scrollTo);
      view.list?.update();
      showSelection(view.selection);
      document.title = `${view.title} – People on your photos`;
      if (inPlace) focusAgain(view);
    }
    route = to;

    if (view.shots && position >= 0) {
      openedHere = history.state?.openedHere ?? (stays && (!(from && isOpen(from)) || openedHere));
      history.replaceState({ openedHere }, '');
      viewer.show(view.shots, position);
    } else if (!stays && to.photo !== undefined && viewer.dialog.open) {
      // A photo stays while it is looked at, though it belongs elsewhere now.
      viewer.show(viewer.shots, viewer.position);
    } else if (!stays && to.face !== undefined && viewer.dialog.open && view.shots?.length) {
      // In the place of a face that belongs elsewhere comes the next one.
      viewer.show(view.shots, Math.min(viewer.position, view.shots.length - 1));
      viewer.tell();
    } else if ((stays || inPlace) && viewer.dialog.open) {
      viewer.close();
      view.list?.focusItem(viewer.position);
    } else if (!stays && document.activeElement === queryField) {
      announce(content.querySelector('.summary')?.textContent ?? '');
    } else if (!stays && !inPlace && from) {
      focusAfter(from, view);
    }
    // What is being typed, or is in the address since then, is not undone by what has just been loaded.
    const { query } = parseRoute(location.hash);
    if (typing === 0 && queryField.value.trim() !== query) queryField.value = query;
  }

  /**
   * The address. Of somebody who is not there any more, it is changed to that of whom they were made one with, or of all people.
   */
  function presentRoute(): Route {
    const to = parseRoute(location.hash);
    if (to.label === undefined) return to;
    const label = presentLabel(to.label, overview.people);
    if (label === to.label) return to;
    const address = label === undefined ? EVERYBODY : personHash({ label });
    history.replaceState(null, '', address);
    return parseRoute(address);
  }

  function showAnew(people: GalleryOverview): void {
    overview = people;
    for (const [address, { scrolled }] of kept) kept.set(address, { scrolled });
    stale = true;
    update();
  }

  /** Marks the part of the page that is shown. */
  function markPlace({ kind }: Route): void {
    for (const link of document.querySelectorAll('.views a')) {
      const { kind: own } = parseRoute(link.getAttribute('href') ?? '');
      if (own === kind || (own === 'people' && PEOPLES.includes(kind)))
        link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }

  /**
   * After a change of view: the focus goes to what leads to where the user came from, or to the heading, which is then
   * read aloud.
   */
  function focusAfter(from: Route, view: View): void {
    if (view.list?.focusItem(view.placeOf(from.view))) return;
    focusHeading(content);
  }

  function keep(address: string, view: View | undefined, scrolled: number): void {
    kept.delete(address);
    kept.set(address, { view, scrolled });
    const [oldest] = kept.keys();
    if (kept.size > VIEWS_KEPT && oldest !== undefined) kept.delete(oldest);
  }

  function fail(error: unknown): void {
    content.removeAttribute('aria-busy');
    viewer.close();
    // What comes next is shown, even if it is the view before.
    [route, shown] = [undefined, undefined];
    showSelection(undefined);
    const heading = element('h1', { tabindex: -1 }, 'This page is not complete');
    content.replaceChildren(
      heading,
      element('p', {}, `${wordsOf(error)} Run face-cluster-native again, as before.`),
    );
    document.title = heading.textContent ?? '';
    if (document.activeElement !== queryField) heading.focus();
  }

  const update = () => {
    const navigation = navigations + 1;
    navigate().catch((error) => {
      if (navigation === navigations) fail(error);
    });
  };

  // The address of the face or photo comes in place of that of the one before.
  viewer.onMove = (shot) => {
    if (!route) return;
    const address = `${route.view}/${shot}`;
    const before = location.hash;
    route = parseRoute(address);
    window.clearTimeout(moving);
    moving = window.setTimeout(() => {
      // Unless the user has gone elsewhere meanwhile.
      if (location.hash === before) history.replaceState({ openedHere }, '', address);
    }, REST_MS);
  };
  viewer.onClose = () => {
    if (!route || !isOpen(route)) return;
    window.clearTimeout(moving);
    const { view } = route;
    route = parseRoute(view);
    viewer.close();
    shown?.list?.focusItem(viewer.position);
    if (openedHere) history.back();
    else history.replaceState(null, '', view);
  };
  viewer.dialog.addEventListener('click', async (event) => {
    const link = (event.target as Element).closest('a[href^="#"]');
    const to = parseRoute(link?.getAttribute('href') ?? '');
    // Other faces of the list that the viewer is on are a step within it: closing it leads to the list all the same.
    if (!link || to.view !== route?.view || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (isOpen(to)) viewer.goTo(await viewer.shots.find(to));
    else viewer.onClose();
  });
  function search(): void {
    window.clearTimeout(typing);
    typing = 0;
    const query = queryField.value.trim();
    const { query: before } = parseRoute(location.hash);
    if (query === before) return;
    const address = searchHash(query);
    // One step back leads out of the search, however many letters it has.
    if (before !== '') location.replace(address);
    else location.assign(address);
  }
  queryField.addEventListener('input', () => {
    window.clearTimeout(typing);
    typing = window.setTimeout(search, REST_MS);
  });
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    search();
    content.focus();
  });
  document.querySelector('.skip')?.addEventListener('click', (event) => {
    event.preventDefault();
    content.focus();
  });
  history.scrollRestoration = 'manual';
  window.addEventListener('hashchange', update);
  update();
  return showAnew;
}

/** Whether the viewer is open. */
function isOpen({ face, photo }: Route): boolean {
  return face !== undefined || photo !== undefined;
}

/** Shows a page from the disk: called by `data/overview.js`. */
function setOverview(overview: GalleryOverview): void {
  take(overview);
  start(overview);
}

/** Shows a page that `view` serves, on which people can be changed: called by what the server has for `data/overview.js`. */
async function startServed(): Promise<void> {
  let served: Served;
  try {
    served = await Served.connect();
  } catch (error) {
    byId('content').replaceChildren(element('p', { role: 'alert' }, wordsOf(error)));
    return;
  }
  setEditing(served);
  setSource((kind, page) => served.page(kind, page));
  let latest: ServedOverview = served.overview;
  take(latest, latest.hidden);
  startQuestions(served);
  const showAnew = start(latest);
  showState(served);
  document.addEventListener('keydown', (event) => {
    const typing = (event.target as Element).matches('input:not(.pick), select, textarea');
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || typing)
      return;
    event.preventDefault();
    served.undo();
  });
  served.onChange(() => {
    if (served.overview === latest) return;
    latest = served.overview;
    dropPages();
    take(latest, latest.hidden);
    showAnew(latest);
  });
}

function take(overview: GalleryOverview, hidden: readonly GalleryPerson[] = []): void {
  setPageSize(overview.pageSize);
  setPeople(overview, hidden);
  // Where people last, they have names sooner or later.
  if (overview.lastingLabels || areNamed()) {
    const what = 'Search by name or file name';
    byId('query').setAttribute('placeholder', what);
    byId('query-label').textContent = what;
  }
  viewer.notShown = overview.notShown;
}

Object.assign(window, { addPage, setOverview, startServed });
