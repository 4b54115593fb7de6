import { getOrMake } from '../base/maps';
import { integer, invalidArgument } from '../base/validate';
import { isArrayLike } from '../clustering/matrix';

/** How right a grouping is: shares from 0 to 1, `null` where there is nothing that could be right or wrong. */
export interface QualityFigures {
  /** How much of what was put together is one person. */
  readonly precision: number | null;
  /** How much of what is one person was put together. */
  readonly recall: number | null;
  /** Both in one number: their harmonic mean. */
  readonly f1: number | null;
}

/** How well a grouping tells people apart, over the faces whose person is known: see {@link evaluateClustering}. */
export interface ClusteringQuality {
  /** Number of faces whose person is known; all figures are of these alone. */
  readonly faces: number;
  /** Number of different people that they are of. */
  readonly people: number;
  /** Number of groups that they are in; each that is in none is one of its own. */
  readonly clusters: number;
  /** The mean over the faces: how much of a face's group is its person, how much of its person is in its group. */
  readonly bcubed: QualityFigures;
  /** Over pairs of faces: how many of those in one group are of one person, how many of those of one person in one group. */
  readonly pairwise: QualityFigures;
}

/**
 * Compares a grouping of faces with who they are.
 *
 * *B-cubed* (Bagga and Baldwin 1998; Amigó, Gonzalo, Artiles and Verdejo 2009): the precision of a face is the share of the
 * faces in its group, itself included, that are of its person; its recall the share of the faces of its person that are in its
 * group; of both the mean over all faces. Every face counts the same. `null` only if no face's person is known.
 *
 * *Pairwise* (as Otto, Wang and Jain 2018 measure groups of faces): of all pairs of faces in one group, the share that is of one
 * person; of all pairs of one person, the share that is in one group. A person of a hundred faces counts a hundred times as much as
 * one of ten. Precision is `null` if no two faces are in one group, recall if no two are of one person, and `f1`, 2 right pairs of
 * (pairs in one group + pairs of one person), if neither is; it is 0 if no pair is right.
 *
 * The time grows with the number of faces, not of pairs.
 * @param labels the group of each face, from 0; -1: in none, and so alone in a group of its own
 * @param truth the person of each, a name or a number from 0; -1, `null` or `undefined`: not known. Such faces are left out, as if
 *   they had not been grouped.
 * @throws FaceError FACE_INVALID_ARGUMENT
 */
export function evaluateClustering(
  labels: ArrayLike<number>,
  truth: ArrayLike<string | number | null | undefined>,
): ClusteringQuality {
  if (!isArrayLike(labels)) throw invalidArgument('labels', 'array of integers', labels);
  if (!isArrayLike(truth) || truth.length !== labels.length) {
    throw invalidArgument('truth', `${labels.length} people, one for each label,`, truth);
  }
  const people = new Map<string | number, number>();
  const groups = new Map<number, number>();
  const cells = new Map<number, number>();
  const faces: { readonly person: number; readonly group: number }[] = [];
  for (let i = 0; i < labels.length; i++) {
    const label = integer(`labels[${i}]`, labels[i], -1, 2 ** 31 - 1);
    const who = personAt(truth, i);
    if (who === undefined) continue;
    const person = getOrMake(people, who, () => people.size);
    // No label is below -1: who is alone has a number of their own there.
    const group = getOrMake(groups, label < 0 ? -1 - i : label, () => groups.size);
    faces.push({ person, group });
  }
  const [ofPerson, inGroup] = [new Float64Array(people.size), new Float64Array(groups.size)];
  for (const { person, group } of faces) {
    (ofPerson[person] as number)++;
    (inGroup[group] as number)++;
    const cell = person * groups.size + group;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  let [precision, recall, right] = [0, 0, 0];
  for (const [cell, both] of cells) {
    precision += both ** 2 / (inGroup[cell % groups.size] as number);
    recall += both ** 2 / (ofPerson[Math.floor(cell / groups.size)] as number);
    right += pairs(both);
  }
  const [together, same] = [sumOfPairs(inGroup), sumOfPairs(ofPerson)];
  const n = faces.length;
  return {
    faces: n,
    people: people.size,
    clusters: groups.size,
    bcubed: {
      precision: share(precision, n),
      recall: share(recall, n),
      f1: share((2 * precision * recall) / n, precision + recall),
    },
    pairwise: {
      precision: share(right, together),
      recall: share(right, same),
      f1: share(2 * right, together + same),
    },
  };
}

function personAt(
  truth: ArrayLike<string | number | null | undefined>,
  index: number,
): string | number | undefined {
  const who = truth[index];
  if (who === undefined || who === null || who === -1) return undefined;
  return typeof who === 'string' ? who : integer(`truth[${index}]`, who, -1);
}

function pairs(n: number): number {
  return (n * (n - 1)) / 2;
}

function sumOfPairs(counts: Float64Array): number {
  return counts.reduce((sum, n) => sum + pairs(n), 0);
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
