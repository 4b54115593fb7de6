import type { Register } from './register';
import type { View } from './view';

/**
 * What the groupings have come to, but for everybody on whom nothing was decided: their faces are nobody's, as if no run had
 * compared them. Their numbers are not given again.
 */
export function dissolveUndecided(view: View): Register {
  const { faces, absorbed, ...register } = view.known.register;
  const stays = (person: number) => view.decided.has(view.root(person));
  return {
    ...register,
    absorbed: new Map([...absorbed].filter(([, into]) => stays(into))),
    faces: faces.map(({ person, instead, ...face }) => {
      const kept = instead?.filter(stays) ?? [];
      if (person === undefined || !stays(person)) {
        const [first, ...others] = kept;
        return first === undefined
          ? face
          : { ...face, person: first, ...(others.length > 0 && { instead: others }) };
      }
      return { ...face, person, ...(kept.length > 0 && { instead: kept }) };
    }),
  };
}
