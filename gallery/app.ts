/* Shows what the address says, see addresses.ts, and the other way around. */
import type { GalleryOverview } from '../src/result/export/gallery/page-types';
import { faceHash, parseRoute, positionIn, type Route, searchHash } from './addresses';
import { addPage, setPageSize } from './data';
import { announce, byId, element } from './elements';
import { areNamed, setPeople } from './people';
import { viewer } from './viewer';
import { type Order, overviewView, personView, searchView, type View } from './views';

/** How long nothing must be pressed before what was pressed is written into the address. */
const REST_MS = 150;

/** How many views are kept, scrolled as they were, for going back to them. */
const VIEWS_KEPT = 8;

function start(overview: GalleryOverview): void {
  const content = byId('content');
  const queryField = byId('query') as HTMLInputElement;
  const kept = new Map<string, { readonly view: View; scrolled: number }>();
  let order: Order = 'first';
  let route: Route | undefined;
  /** Whether going back closes the viewer. It is kept with the address, for when the page is loaded anew. */
  let openedHere = false;
  /** The timers of what waits for the user to rest: browsers allow only so many changes of the address in ten seconds. */
  let [moving, typing] = [0, 0];
  let navigations = 0;

  function makeView({ label, query }: Route): View | Promise<View> {
    if (query !== '') return searchView(overview, query);
    const person = overview.people.find((one) => one.label === label);
    return person ? personView(overview, person, order, reorder) : overviewView(overview);
  }

  function reorder(chosen: Order): void {
    order = chosen;
    kept.clear();
    navigate(true).then(() => content.querySelector('select')?.focus());
  }

  /** Shows what the address says. */
  async function navigate(anew = false): Promise<void> {
    const navigation = ++navigations;
    const to = parseRoute(location.hash);
    const from = route;
    const stays = from?.view === to.view && !anew;
    const earlier = kept.get(to.view);
    content.setAttribute('aria-busy', 'true');
    const view = earlier?.view ?? (await makeView(to));
    if (navigation !== navigations) return;
    content.removeAttribute('aria-busy');

    if (!stays) {
      const left = from && kept.get(from.view);
      if (left) left.scrolled = window.scrollY;
      keep(to.view, view, earlier?.scrolled ?? 0);
      viewer.close();
      content.replaceChildren(...view.content);
      window.scrollTo(0, earlier?.scrolled ?? 0);
      view.list.update();
      document.title = `${view.title} – People on your photos`;
    }
    route = to;

    const position = positionIn(view.faces, to.face);
    if (position >= 0) {
      openedHere = history.state?.openedHere ?? (stays && (from?.face === undefined || openedHere));
      history.replaceState({ openedHere }, '');
      viewer.show(view.faces, position);
    } else if (stays && viewer.dialog.open) {
      viewer.close();
      view.list.focusItem(viewer.position);
    } else if (!stays && document.activeElement === queryField) {
      announce(content.querySelector('.summary')?.textContent ?? '');
    } else if (!stays && from) {
      focusAfter(from, view);
    }
    // What is being typed, or is in the address since then, is not undone by what has just been loaded.
    const { query } = parseRoute(location.hash);
    if (typing === 0 && queryField.value.trim() !== query) queryField.value = query;
  }

  /**
   * After a change of view: the focus goes to what leads to where the user came from, or to the heading, which is then
   * read aloud.
   */
  function focusAfter(from: Route, view: View): void {
    if (view.list.focusItem(view.placeOf(from.view))) return;
    const heading = content.querySelector('h1');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  }

  function keep(address: string, view: View, scrolled: number): void {
    kept.delete(address);
    kept.set(address, { view, scrolled });
    const [oldest] = kept.keys();
    if (kept.size > VIEWS_KEPT && oldest !== undefined) kept.delete(oldest);
  }

  function fail(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    content.removeAttribute('aria-busy');
    viewer.close();
    // What comes next is shown, even if it is the view before.
    route = undefined;
    const heading = element('h1', { tabindex: -1 }, 'This page is not complete');
    content.replaceChildren(heading, element('p', {}, `${why} Run face-cluster-native again, as before.`));
    document.title = heading.textContent ?? '';
    if (document.activeElement !== queryField) heading.focus();
  }

  const update = () => {
    const navigation = navigations + 1;
    navigate().catch((error) => {
      if (navigation === navigations) fail(error);
    });
  };

  // The address of the face comes in place of that of the one before.
  viewer.onMove = (face) => {
    if (!route) return;
    const address = faceHash(face, route.view);
    const before = location.hash;
    route = { ...route, face: face.id };
    window.clearTimeout(moving);
    moving = window.setTimeout(() => {
      // Unless the user has gone elsewhere meanwhile.
      if (location.hash === before) history.replaceState({ openedHere }, '', address);
    }, REST_MS);
  };
  viewer.onClose = () => {
    if (route?.face === undefined) return;
    window.clearTimeout(moving);
    const { view } = route;
    route = { ...route, face: undefined };
    viewer.close();
    kept.get(view)?.view.list.focusItem(viewer.position);
    if (openedHere) history.back();
    else history.replaceState(null, '', view);
  };
  viewer.dialog.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a[href^="#"]');
    const to = parseRoute(link?.getAttribute('href') ?? '');
    // Other faces of the list that the viewer is on are a step within it: closing it leads to the list all the same.
    if (!link || to.view !== route?.view || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (to.face === undefined) viewer.onClose();
    else viewer.goTo(positionIn(viewer.faces, to.face));
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
}

/** Called by `data/overview.js`. */
export function setOverview(overview: GalleryOverview): void {
  setPageSize(overview.pageSize);
  setPeople(overview);
  if (areNamed()) {
    const what = 'Search by name or file name';
    byId('query').setAttribute('placeholder', what);
    byId('query-label').textContent = what;
  }
  viewer.notShown = overview.notShown;
  start(overview);
}

Object.assign(window, { addPage, setOverview });
