import { inspect } from 'node:util';
import { FaceError } from '../../src/base/errors';
import { problemOf } from '../../src/base/photo-problem';
import { ArgumentError, integer } from '../../src/base/validate';
import { ioError } from '../../src/system/io-error';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

test('programs learn from fields which file, which argument and what to do', () => {
  expect(thrownBy(() => integer('minSamples', 0, 1))).toMatchObject({
    code: 'FACE_INVALID_ARGUMENT',
    argument: 'minSamples',
  });
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/photos/x' });
  const error = ioError('write /photos/x', full);
  expect(error).toMatchObject({ path: '/photos/x', remedy: expect.stringContaining('free some space') });
  expect(error.message).toContain(error.remedy);
});

test('what is not known of an error is not there, neither in logs nor in JSON', () => {
  const error = new FaceError('FACE_IO', 'It failed.', { path: undefined });
  expect(Object.keys(error).sort()).toEqual(['code', 'name']);
  expect(inspect(error)).not.toContain('remedy');
});

test('a wrong argument can be called by the name that its user has typed', () => {
  const error = thrownBy(() => integer('minSamples', 'x', 1));
  expect(error).toBeInstanceOf(ArgumentError);
  const { message } = error as ArgumentError;
  expect(message).toBe('Expected an integer of at least 1 for minSamples but received "x"');
  expect((error as ArgumentError).messageNaming('--min-samples')).toBe(
    'Expected an integer of at least 1 for --min-samples but received "x"',
  );
});

test('the reason of a problem names its photo, once, whatever the error says', () => {
  const remedy = 'Make it smaller.';
  const named = new FaceError('FACE_IMAGE_TOO_LARGE', `The photo "b.jpg" is large. ${remedy}`, {
    path: 'b.jpg',
    remedy,
  });
  expect(problemOf('b.jpg', named)).toEqual({
    path: 'b.jpg',
    code: 'FACE_IMAGE_TOO_LARGE',
    reason: named.message,
    remedy,
  });
  // The photo of an encodings file that was found elsewhere.
  expect(problemOf('old/b.jpg', named, 'b.jpg').reason).toBe(named.message);
  // What went wrong with another file says nothing of the photo.
  const elsewhere = ioError('write x', Object.assign(new Error('no space'), { path: 'x' }));
  expect(problemOf('a.jpg', elsewhere).reason).toMatch(/^"a\.jpg": Could not write x/);
  // "a" is a photo's name, too.
  expect(problemOf('a', new Error('out of paper'))).toEqual({
    path: 'a',
    code: 'FACE_INTERNAL',
    reason: '"a": out of paper',
  });
});
