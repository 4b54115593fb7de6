import { selfTest } from '../../src/doctor/self-test';
import { findModelsFolder } from '../../src/models/folders';
import { native } from '../../src/native';
import { useInstructionSet } from '../support/instruction-sets';

/* A self-test that is too strict for some processor would send its owner looking for a fault that is none. */
afterEach(() => useInstructionSet());

test.each(native().instructionSets())('the self-test of doctor passes on %s', async (name) => {
  useInstructionSet(name);
  const { wrong, difference } = await selfTest(findModelsFolder());
  expect(wrong).toEqual([]);
  expect(difference).toBeLessThan(1e-5);
});
