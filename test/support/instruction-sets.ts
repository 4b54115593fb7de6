import { native } from '../../src/native';

/** Has all vector code run on this instruction set from now on, or, without a name, on the best. */
export function useInstructionSet(name?: string): void {
  const { useInstructionSet: use } = native();
  if (!use) throw new Error('The addon was built without FACE_CLUSTER_TEST_SURFACE. Run "npm run setup".');
  use(name);
}
