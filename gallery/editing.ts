/*
 * What can be changed on the page, where `view` serves it; a page from the disk is for looking alone, and `editing` stays
 * `undefined`.
 */
import type { Decided, Failure, PageDecision, PageState, ServedOverview } from '../src/web/api-types';

export interface Editing {
  /** The latest that is known. */
  readonly state: PageState;
  readonly overview: ServedOverview;
  /** Whether the server answers; while it does not, nothing can be changed. */
  readonly there: boolean;
  /** What the server has at `api/<path>`. @throws Error with words for people */
  ask<T>(path: string): Promise<T>;
  /** Sends `body` to `api/<path>`. @throws Error with words for people */
  send<T>(path: string, body: unknown): Promise<T>;
  /**
   * Has decisions made as one gesture, shows what comes of it, and offers to undo it.
   * @param said what was done, in words: "Anna and Person 3 are one"
   * @returns `undefined` if it could not be done, which has been told
   */
  decide(decisions: readonly PageDecision[], said: string): Promise<Decided | undefined>;
  /**
   * Undoes a gesture, the last one unless told otherwise.
   * @param isUndo whether that gesture is an undo itself: what that has undone is done again
   */
  undo(gesture?: number, isUndo?: boolean): Promise<void>;
  /** Calls `listener` each time that {@link state} has changed, after the overview has been loaded anew if people have. */
  onChange(listener: () => void): void;
}

export type { Failure };

export let editing: Editing | undefined;

export function setEditing(made: Editing): void {
  editing = made;
}
