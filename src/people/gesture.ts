import { FaceError } from '../base/errors';
import { invalidArgument, text } from '../base/validate';
import { DecisionMaker } from './decide';
import { type DecisionRecord, type DecisionToMake, idsThatCount, type PersonId } from './decisions';
import { LARGEST } from './faults';
import { PersonNumbers } from './numbers';
import type { PeopleFiles } from './people-files';
import { seenIn } from './seen';
import { View } from './view';

/** The decisions that there are, and the path of their file. */
type Written = Pick<PeopleFiles, 'path' | 'records'>;

export interface GestureOptions {
  /** Where the decisions come from. */
  readonly by: string;
  /** A decision whose gesture they belong to; `undefined`: they are one of their own. */
  readonly with: number | undefined;
  /** How a part of a decision is called by the one who gave it. */
  readonly argument: (place: number, part: string) => string;
}

/**
 * Makes decisions that belong together, each checked as if those before were made. Nothing is written by that.
 * @param before who is who without them
 * @returns their lines, and who is who with them
 * @throws FaceError FACE_INVALID_ARGUMENT; FACE_PEOPLE_INVALID if no line can follow
 */
export function makeGesture(
  written: Written,
  before: View,
  decisions: readonly DecisionToMake[],
  { by, with: member, argument }: GestureOptions,
): { readonly made: DecisionRecord[]; readonly view: View } {
  const gesture = member === undefined ? undefined : firstOfGesture(written, member);
  const numbers = new PersonNumbers(before.known.register, written.records);
  const made: DecisionRecord[] = [];
  const told = new Set<PersonId>();
  let view = before;
  const add = (wanted: DecisionToMake, i: number) => {
    const maker = new DecisionMaker(
      view,
      () => numbers.take(),
      (part) => argument(i, part),
    );
    const head = newRecord(written, by, made.length);
    const first = gesture ?? made[0]?.id;
    const decision = maker.make(wanted);
    const record = { ...head, ...(first !== undefined && { with: first }), ...decision };
    // That of now is to stay as it is until all is written.
    if (made.length === 0 || !view.add(record)) {
      view = new View(view.known, [...written.records, ...made, record]);
    }
    maker.check(decision, view);
    const seen = seenIn(decision, view, told);
    made.push({ ...record, ...(seen.length > 0 && { seen }) });
    return decision;
  };
  for (const [i, wanted] of decisions.entries()) {
    const decision = add(wanted, i);
    if (decision.do !== 'split' || wanted.do !== 'split' || wanted.name === undefined) continue;
    add({ do: 'name', person: decision.as, name: wanted.name }, i);
  }
  return { made, view };
}

/**
 * Makes the line that undoes a decision, or all of its gesture.
 * @param id see `People.undo`
 * @throws FaceError as {@link makeGesture}
 */
export function makeUndo(written: Written, id: number | undefined, by: string): DecisionRecord {
  const counting = idsThatCount(written.records);
  const standing = written.records.filter((record) => counting.has(record.id));
  const last = standing.findLast((record) => record.do !== 'undo');
  const of = id === undefined ? (last?.with ?? last?.id) : standing.find((record) => record.id === id)?.id;
  if (of === undefined) {
    if (id !== undefined) throw invalidArgument('id', 'the number of a decision that counts', id);
    throw new FaceError('FACE_INVALID_ARGUMENT', 'There is nothing to undo.', { argument: 'id' });
  }
  return { ...newRecord(written, by, 0), do: 'undo', of };
}

/** The number of the first decision of the gesture that a decision belongs to. */
function firstOfGesture({ records }: Written, id: number): number {
  const record = records.find((one) => one.id === id);
  if (!record || record.do === 'undo' || !idsThatCount(records).has(id)) {
    throw invalidArgument('with', 'the number of a decision that counts', id);
  }
  return record.with ?? record.id;
}

/** What each line begins with. @param place among those that are made together */
function newRecord({ path, records }: Written, by: string, place: number) {
  const id = (records.at(-1)?.id ?? 0) + 1 + place;
  if (id > LARGEST) {
    const remedy = 'Give its last line a smaller "id" in an editor.';
    const what = `The decision ${id - 1} in ${path} has the largest number there is, so none can follow.`;
    throw new FaceError('FACE_PEOPLE_INVALID', what, { path, remedy });
  }
  return { id, at: new Date().toISOString(), by: text('by', by) };
}
