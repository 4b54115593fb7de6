import { defaultThreshold } from '../clustering/linkage';
import type { GroupedFace } from '../people/carry-over';
import type { People } from '../people/people';
import type { PeopleSuggestion } from '../people/suggest';

/** More than there are. */
const ALL = 1_000_000;
/** After so many decisions on who is who, people are compared anew: merged people are compared as what they are by then. */
const MANY = 20;

/**
 * How far above the default threshold of the grouping pairs are worth asking about. Of those that it has just left apart, up to 0.01
 * above it 36 in 100 are one person, up to 0.02 23, up to 0.03 10, and 5 beyond: one in twenty is not worth anybody's evening. See
 * docs/grouping.md.
 */
const WORTH_ASKING = 0.03;
/** Where more than a third of the pairs are one person. */
const SURE = 0.01;
/**
 * After so many "no" in a row, only those are asked about: where a tenth of all are one person, so many would come three times in
 * ten; where a third is, never.
 */
const NOES = 12;

/** The pairs of people who may be one, kept in memory. */
export class Suggestions {
  #pairs: readonly PeopleSuggestion[] | undefined;
  #finding: Promise<void> | undefined;
  /** Decisions on who is who since the pairs were found. */
  #since = 0;
  readonly #stop = new AbortController();

  constructor(
    private readonly people: People,
    private readonly facesNow: () => readonly GroupedFace[],
    private readonly threads: number,
  ) {}

  /** Says that somebody may be somebody else by now. */
  changed(): void {
    this.#since++;
    if (this.#pairs && this.#since >= MANY) this.#find().catch(() => {});
  }

  /**
   * Who may be one person by now, surest first, but for what is decided: pairs of people who were merged meanwhile are those of whom
   * they were merged with.
   * @throws FaceError FACE_ABORTED
   */
  async now(): Promise<PeopleSuggestion[]> {
    if (!this.#pairs) await this.#find();
    const told = new Set<string>();
    return (this.#pairs as readonly PeopleSuggestion[]).flatMap(({ people: [a, b], score }) => {
      const [one, other] = [this.people.whoIs(a), this.people.whoIs(b)];
      if (one === undefined || other === undefined || one === other) return [];
      const key = one < other ? `${one} ${other}` : `${other} ${one}`;
      if (told.has(key) || this.people.areApart(one, other)) return [];
      told.add(key);
      return { people: [one, other] as const, score };
    });
  }

  /** Stops what is under way. */
  close(): void {
    this.#stop.abort();
  }

  #find(): Promise<void> {
    this.#finding ??= this.#suggest().finally(() => {
      this.#finding = undefined;
    });
    return this.#finding;
  }

  async #suggest(): Promise<void> {
    this.#since = 0;
    const { signal } = this.#stop;
    const options = { count: ALL, threads: this.threads, signal };
    this.#pairs = await this.people.suggest(this.facesNow(), options);
  }
}

/**
 * Up to which score pairs are asked about.
 * @param mirrored whether mirror images were compared, too
 * @param noes how many of the last answers in a row were that two people are two
 */
export function farthestAsked(mirrored: boolean, noes: number): number {
  return defaultThreshold(mirrored) + (noes >= NOES ? SURE : WORTH_ASKING);
}

/** How many of the last decisions on whether two are one, made on the page, were in a row that they are two. */
export function noesInARow(people: People): number {
  let noes = 0;
  for (const { do: kind, by, counts } of people.decisions().reverse()) {
    if (!counts || by !== 'view') continue;
    if (kind === 'merge') break;
    if (kind === 'differ') noes++;
  }
  return noes;
}
