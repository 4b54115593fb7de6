/* Who makes the view that an address names. */
import type { ViewKind } from './addresses';
import { hiddenView } from './hidden-view';
import { historyView } from './history-view';
import { peopleView } from './people-view';
import { personView } from './person-view';
import { photosView } from './photos-view';
import { questionsView } from './questions-view';
import { searchView } from './search-view';
import type { MakeView } from './view';

/** A view that is not here is none of this page: all people are shown. */
export const VIEWS: Readonly<Partial<Record<ViewKind, MakeView>>> & { readonly people: MakeView } = {
  people: peopleView,
  person: personView,
  unsorted: personView,
  unclear: personView,
  photos: photosView,
  search: searchView,
  questions: questionsView,
  history: historyView,
  hidden: hiddenView,
};
