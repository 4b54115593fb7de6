import type { People } from '../people/people';
import type { PeopleSuggestion } from '../people/suggest';
import type { GalleryFace } from '../result/export/gallery/page-types';
import type { FoundFaces } from '../sort/found-faces';
import type { Alike, Questions, WhyTogether } from './api-types';
import { nobodyCalled } from './decisions';
import type { PageNow } from './page-now';
import { farthestAsked, noesInARow, Suggestions } from './suggestions';
import { cutOf, nearestPair } from './why-together';

/** How many questions are answered at once; the page asks for more when these are answered. */
const QUESTIONS = 20;
/** Pairs of faces that are compared for each of them. */
const PAIRS_OF_QUESTION = 10_000;

/** What the page asks about people whom it shows: who may be one, and who may be several. */
export class Asking {
  readonly #suggestions: Suggestions;

  /**
   * @param now what there is when it is called
   * @param jobs how many threads compare people at most
   */
  constructor(
    private readonly people: People,
    private readonly now: () => { readonly found: FoundFaces; readonly page: PageNow },
    jobs: number,
  ) {
    // It takes long; one core stays free for who decides meanwhile.
    this.#suggestions = new Suggestions(people, () => now().found.faces, Math.max(1, jobs - 1));
  }

  /** Says that somebody may be somebody else by now. */
  changed(): void {
    this.#suggestions.changed();
  }

  /** See `PeopleSession.questions`. */
  async questions(): Promise<Questions> {
    const pairs = await this.#pairs();
    const mirrored = this.now().found.toCluster.mirrored !== undefined;
    const farthest = farthestAsked(mirrored, noesInARow(this.people));
    const asked = pairs.filter(({ score }) => score <= farthest);
    return {
      left: asked.length,
      questions: asked.slice(0, QUESTIONS).map(({ people, score }) => {
        const [one, other] = people.map((person) => this.#clearFaces(person)) as [number[], number[]];
        const { faces } = nearestPair(one, other, this.#encodingOf, PAIRS_OF_QUESTION);
        return { people, score, faces: this.#both(faces) };
      }),
    };
  }

  /** See `PeopleSession.alike`. */
  async alike(person: number): Promise<Alike[]> {
    this.#facesOf(person);
    const pairs = await this.#pairs();
    return pairs.flatMap(({ people: [one, other], score }) => {
      if (one !== person && other !== person) return [];
      return { person: one === person ? other : one, score };
    });
  }

  /** See `PeopleSession.several`. */
  several(person: number): WhyTogether | undefined {
    const cut = cutOf(this.#facesOf(person), this.#encodingOf);
    if (!cut) return undefined;
    const { faces, distance } = cut.link;
    return { link: { faces: this.#both(faces), distance }, cut: this.now().page.galleryFaces(cut.smaller) };
  }

  /** Stops what is under way. */
  close(): void {
    this.#suggestions.close();
  }

  readonly #encodingOf = (place: number): Float64Array =>
    this.now().found.faces[place]?.encoding as Float64Array;

  #both(faces: readonly [number, number]): [GalleryFace, GalleryFace] {
    return this.now().page.galleryFaces(faces) as [GalleryFace, GalleryFace];
  }

  /** @throws FaceError FACE_INVALID_ARGUMENT if the page shows nobody with that number */
  #facesOf(person: number): readonly number[] {
    const { page } = this.now();
    if (!page.shows(person)) throw nobodyCalled(person);
    return page.facesOf(person);
  }

  /** Those that a person can be told by; all if there are none. */
  #clearFaces(person: number): readonly number[] {
    const { unclear } = this.now().found.toCluster;
    const all = this.#facesOf(person);
    const clear = all.filter((place) => !unclear[place]);
    return clear.length > 0 ? clear : all;
  }

  /** Pairs of people whom the page shows; who has more faces first. */
  async #pairs(): Promise<Pick<PeopleSuggestion, 'people' | 'score'>[]> {
    const pairs = await this.#suggestions.now();
    const { page } = this.now();
    const faces = (person: number) => page.facesOf(person).length;
    return pairs
      .filter(({ people }) => people.every((person) => page.shows(person)))
      .map(({ people, score }) => {
        const [one, other] = [...people].sort((a, b) => faces(b) - faces(a) || a - b) as [number, number];
        return { people: [one, other], score };
      });
  }
}
