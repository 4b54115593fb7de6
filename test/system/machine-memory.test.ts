import { checkMaxMemory, shareMaxMemory } from '../../src/system/machine-memory';

test('two processes share what one may take', () => {
  expect(shareMaxMemory(4e9)).toEqual({ little: 1e9, rest: 3e9 });
  const { little, rest } = shareMaxMemory(undefined);
  expect(little + rest).toBe(Math.max(checkMaxMemory(undefined), 512e6));
});

test('with less than both need, each takes what it can not do without', () => {
  expect(shareMaxMemory(600e6)).toEqual({ little: 256e6, rest: 344e6 });
  expect(shareMaxMemory(300e6)).toEqual({ little: 256e6, rest: 256e6 });
  expect(() => shareMaxMemory(255e6)).toThrow(expect.objectContaining({ code: 'FACE_INVALID_ARGUMENT' }));
});
