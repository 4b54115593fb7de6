import type { GroupedFace } from '../../src/people/carry-over';
import type { FaceOnPhoto } from '../../src/people/decisions';
import type { People } from '../../src/people/people';
import { sha256 } from '../../src/system/sha256';

/** The id of photo `name`. */
export const photo = (name: string | number) => sha256(`photo ${name}`);

/** A face of 100 pixels on a photo, `right` pixels from its left edge; `x` is all there is of its encoding. */
export function faceOn(name: string | number, x: number, right = 0): GroupedFace {
  return {
    photo: photo(name),
    box: { top: 0, right: right + 100, bottom: 100, left: right },
    encoding: Float64Array.of(x),
  };
}

/** `count` faces on photos of their own, near `x`. */
export function facesAt(x: number, count: number, name = `at ${x}`): GroupedFace[] {
  return Array.from({ length: count }, (_, i) => faceOn(`${name}, ${i}`, x + i / 1000));
}

/** All faces of these groups, and their labels. */
export function grouped(
  groups: readonly (readonly GroupedFace[])[],
  nobody: readonly GroupedFace[] = [],
): [GroupedFace[], number[]] {
  const labels = groups.flatMap((faces, label) => faces.map(() => label));
  return [
    [...groups.flat(), ...nobody],
    [...labels, ...nobody.map(() => -1)],
  ];
}

/** All that can be told apart of it, for these faces. */
export function stateOf(people: People, faces: readonly FaceOnPhoto[]): string {
  return JSON.stringify({
    people: people.list(),
    faces: faces.map((face) => [people.personOf(face) ?? null, people.isFace(face)]),
  });
}
