import { FaceError } from '../base/errors';
import { invalidArgument, object, oneOf, options } from '../base/validate';
import type { DecisionRecord, DecisionToMake, FaceOnPhoto } from '../people/decisions';
import { tidyName } from '../people/faults';
import type { People } from '../people/people';
import { namesAPerson } from '../result/people-folder/names';
import type { PageDecision } from './api-types';

/** What each decision is made of. */
const PARTS = {
  name: { do: true, person: true, name: true },
  unname: { do: true, person: true },
  hide: { do: true, person: true },
  show: { do: true, person: true },
  merge: { do: true, person: true, into: true },
  differ: { do: true, person: true, other: true },
  split: { do: true, faces: true, name: true },
  is: { do: true, faces: true, person: true },
  not: { do: true, faces: true, person: true },
  'not-a-face': { do: true, faces: true },
  cover: { do: true, face: true },
} as const satisfies { readonly [kind in PageDecision['do']]: Readonly<Record<string, true>> };
const KINDS = Object.keys(PARTS) as PageDecision['do'][];

/**
 * Makes decisions of the page, all or none, as one gesture.
 * @param faceOf finds the face with an id
 * @returns what stands in the file, the gesture's first decision first
 * @throws FaceError FACE_INVALID_ARGUMENT, and as `People.decide`
 */
export async function makeDecisions(
  people: People,
  decisions: readonly PageDecision[],
  faceOf: (id: string) => FaceOnPhoto | undefined,
): Promise<DecisionRecord[]> {
  if (!Array.isArray(decisions) || decisions.length === 0) {
    throw invalidArgument('decisions', 'an array of decisions', decisions);
  }
  const wanted: DecisionToMake[] = [];
  for (const [i, decision] of decisions.entries()) {
    const argument = (part: string) => `decisions[${i}].${part}`;
    const face = (id: unknown, part: string) => {
      const found = typeof id === 'string' ? faceOf(id) : undefined;
      if (!found) throw invalidArgument(argument(part), 'the id of a face', id);
      return { photo: found.photo, box: found.box };
    };
    const faces = (ids: unknown) => {
      if (!Array.isArray(ids) || ids.length === 0) {
        throw invalidArgument(argument('faces'), 'an array of ids of faces', ids);
      }
      return [...new Set(ids)].map((id, k) => face(id, `faces[${k}]`));
    };
    const name = (given: unknown) => {
      const tidy = typeof given === 'string' ? tidyName(given) : '';
      if (namesAPerson(tidy)) return tidy;
      const expected = 'a name: one line of up to 200 characters that can be seen, and not "Person 07"';
      throw invalidArgument(argument('name'), expected, given);
    };
    const kind = oneOf(argument('do'), object(`decisions[${i}]`, decision).do, KINDS);
    options(`decisions[${i}]`, decision, PARTS[kind]);
    switch (decision.do) {
      case 'name':
        wanted.push({ ...decision, name: name(decision.name) });
        break;
      case 'split':
        wanted.push({
          do: 'split',
          faces: faces(decision.faces),
          ...(decision.name !== undefined && { name: name(decision.name) }),
        });
        break;
      case 'is':
      case 'not':
        wanted.push(
          ...faces(decision.faces).map((face) => ({ do: decision.do, face, person: decision.person })),
        );
        break;
      case 'not-a-face':
        wanted.push(...faces(decision.faces).map((face) => ({ do: decision.do, face })));
        break;
      case 'cover':
        wanted.push({ do: 'cover', face: face(decision.face, 'face') });
        break;
      default:
        wanted.push({ ...decision });
    }
  }
  return people.decide(wanted);
}

/** The people whom splits have made, in their order. */
export function madeBy(records: readonly DecisionRecord[]): number[] {
  return records.flatMap((record) => (record.do === 'split' ? [record.as] : []));
}

/** Why somebody can't be found by the number that the page has. */
export function nobodyCalled(person: number): FaceError {
  return new FaceError('FACE_INVALID_ARGUMENT', `There is nobody with the number ${person} any more.`, {
    argument: 'person',
  });
}
