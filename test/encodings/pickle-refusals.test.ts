import { NumpyArray } from '../../src/encodings/pickle/numpy';
import { faceError, little, parsed } from '../support/pickle-bytes';

const DTYPE = 'cnumpy\ndtype\nX\x02\0\0\0f8\x85R';
const RECONSTRUCT = 'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R';
const SCALAR = 'cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n';
const shortText = (text: string) => `\x8c${String.fromCharCode(text.length)}${text}`;

describe('what is not plain data is refused by name', () => {
  test.each([
    ['GLOBAL and REDUCE', ['cposix\nsystem\n', shortText('echo'), '\x85R.'], 'posix.system'],
    ['a name alone', ['cos\nsystem\n.'], 'os.system'],
    ['STACK_GLOBAL', [shortText('nt'), shortText('system'), '\x93.'], 'nt.system'],
    ['INST', ['(S"echo"\nios\nsystem\n.'], 'os.system'],
    ['builtins', ['cbuiltins\neval\n.'], 'builtins.eval'],
    ['a class of JavaScript', ['c__proto__\nconstructor\n.'], '__proto__.constructor'],
    ['a property of an allowed name', ['cnumpy.core.multiarray\nscalar.__class__\n.'], 'scalar.__class__'],
    [
      'an allowed name split elsewhere',
      ['cnumpy\ncore.multiarray.scalar\n.'],
      'numpy.core.multiarray.scalar',
    ],
    ['an allowed name in another module', ['cnumpy.core\nscalar\n.'], 'numpy.core.scalar'],
    ['pickle in a pickle', ['cpickle\nloads\n.'], 'pickle.loads'],
    ['copyreg', ['ccopyreg\n_reconstructor\n.'], 'copyreg._reconstructor'],
    ['OBJ', ['(cbuiltins\nbytes\no.'], 'object of a class'],
    ['NEWOBJ', ['cbuiltins\nbytes\n)\x81.'], 'object of a class'],
    ['NEWOBJ_EX', ['cbuiltins\nbytes\n)}\x92.'], 'object of a class'],
    ['EXT1', ['\x82\x01.'], 'extension registry'],
    ['EXT2', ['\x83\x01\x01.'], 'extension registry'],
    ['EXT4', ['\x84\x01\x01\x01\x01.'], 'extension registry'],
    ['PERSID', ['P1\n.'], 'persistent id'],
    ['BINPERSID', ['K\x01Q.'], 'persistent id'],
    ['NEXT_BUFFER', ['\x97.'], 'buffer outside'],
    ['READONLY_BUFFER', ['\x98.'], 'buffer outside'],
    ['EMPTY_SET', ['\x8f.'], 'a set'],
    ['ADDITEMS', ['(\x90.'], 'a set'],
    ['FROZENSET', ['(\x91.'], 'a frozenset'],
  ])('%s', (_name, pieces, wanted) => {
    const error = faceError(() => parsed(...pieces));
    expect(error.code).toBe('FACE_PICKLE_UNSAFE');
    expect(error.message).toContain(wanted);
    expect(error.message).toContain('Nothing of it was run');
  });

  test('a name can not write to the terminal or flood it', () => {
    const { message } = faceError(() => parsed('cos\n\x1b[2J\xc2\x9b', 'x'.repeat(10_000), '\n.'));
    expect(message).not.toMatch(/\p{Control}/u);
    expect(message.length).toBeLessThan(600);
  });

  test('nor can the name of a type', () => {
    const { message } = faceError(() => parsed('cnumpy\ndtype\nX\x06\0\0\0f8\xc2\x9b2J\x85R.'));
    expect(message).toContain('"f8\\u009b2J"');
    expect(message).not.toMatch(/\p{Control}/u);
  });
});

describe('what is malformed is refused with its place', () => {
  test.each([
    ['an empty file', []],
    ['no instruction', ['\xff.']],
    ['a newer protocol', ['\x80\x06.']],
    ['no STOP', ['K\x01']],
    ['STOP with nothing', ['.']],
    ['STOP within a list', ['K\x01(K\x01.']],
    ['a list that never began', ['K\x01t.']],
    ['APPEND to a number', ['K\x01K\x02a.']],
    ['APPEND without an item', [']a.']],
    ['APPENDS to a dict', ['}(K\x01e.']],
    ['SETITEM on a list', [']K\x01K\x02s.']],
    ['SETITEMS with a key alone', ['}(K\x01u.']],
    ['what lies below a mark', ['](K\x01a.']],
    ['a reference to nothing', ['h\x00.']],
    ['a reference forward', ['h\x00K\x01q\x00.']],
    ['a reference beyond the file', ['j\xff\xff\xff\xff.']],
    ['a memo key beyond the file', ['K\x01r\xff\xff\xff\xff.']],
    ['a negative memo key', ['K\x01p-1\n.']],
    ['a memo key that is none', ['K\x01pxyz\n.']],
    ['INT that is none', ['I1x\n.']],
    ['LONG too long', ['L', '9'.repeat(5000), 'L\n.']],
    ['LONG4 too long', ['\x8b', little(4096, 4), Buffer.alloc(4096, 1), '.']],
    ['LONG4 of negative length', ['\x8b\xff\xff\xff\xff.']],
    ['BINSTRING of negative length', ['T\xff\xff\xff\xff.']],
    ['FLOAT that is none', ['F0x10\n.']],
    ['FLOAT that is empty', ['F\n.']],
    ['STRING without quotes', ['Sabc\n.']],
    ['STRING with half an escape', ["S'\\x4'\n."]],
    ['UNICODE with half an escape', ['V\\u12\n.']],
    ['UNICODE beyond Unicode', ['V\\Uffffffff\n.']],
    ['text that is not UTF-8', ['\x8c\x01\xff.']],
    ['text with half a surrogate', ['\x8c\x02\xed\xa0.']],
    ['STACK_GLOBAL of numbers', ['K\x01K\x02\x93.']],
    ['a call of a number', ['K\x01)R.']],
    ['a call without arguments', ['cnumpy\ndtype\nK\x01R.']],
    ['a state for a list', [']K\x01b.']],
    ['bytes of a number, which would be so many zeros', ['cbuiltins\nbytes\nJ\xff\xff\xff\x7f\x85R.']],
    ['text to bytes in another encoding', [`c_codecs\nencode\n${shortText('a')}${shortText('rot13')}\x86R.`]],
    [
      'text to bytes with wide characters',
      [`c_codecs\nencode\n\x8c\x02\xc4\x80${shortText('latin1')}\x86R.`],
    ],
    ['an array of a subclass', [`cnumpy.core.multiarray\n_reconstruct\n${DTYPE}\x85R.`]],
    ['an array class called', ['cnumpy\nndarray\n)R.']],
    ['an array of objects', ['cnumpy\ndtype\nX\x02\0\0\0O8\x85R.']],
    ['an array of float16', ['cnumpy\ndtype\nX\x02\0\0\0f2\x85R.']],
    ['an array of text', [`${RECONSTRUCT}(K\x01K\x01\x85cnumpy\ndtype\n\x8c\x02U1\x85R\x89C\x04a\0\0\0tb.`]],
    ['text of NumPy that is cut short', [`${SCALAR}\x8c\x02U2\x85RC\x04a\0\0\0\x86R.`]],
    ['text of NumPy beyond Unicode', [`${SCALAR}\x8c\x02U1\x85RC\x04\0\0\x11\0\x86R.`]],
    ['a path made of a number', ['cpathlib\nPosixPath\nK\x01\x85R.']],
    ['an OrderedDict of numbers', ['ccollections\nOrderedDict\n]K\x01a\x85R.']],
    ['an OrderedDict with attributes', ['ccollections\nOrderedDict\n)R}b.']],
    ['a dtype of records', [`${DTYPE}(K\x03${shortText('<')}K\x01NNtb.`]],
    ['a dtype with another state', [`${DTYPE}K\x01b.`]],
    ['an array with another state', [`${RECONSTRUCT}K\x01b.`]],
    ['an array of unknown type', [`${RECONSTRUCT}(K\x01K\x01\x85N\x89C\x00tb.`]],
    [
      'an array with less data than its shape',
      [`${RECONSTRUCT}(K\x01K\x02\x85${DTYPE}\x89C\x08`, little(0, 8), 'tb.'],
    ],
    ['an array with a negative length', [`${RECONSTRUCT}(K\x01J\xff\xff\xff\xff\x85${DTYPE}\x89C\x00tb.`]],
    ['an array with a length that is none', [`${RECONSTRUCT}(K\x01N\x85${DTYPE}\x89C\x00tb.`]],
    [
      'an array whose shape overflows to 0',
      [`${RECONSTRUCT}(K\x01(`, ...Array(8).fill('J\0\0\0\x01'), `t${DTYPE}\x89C\x00tb.`],
    ],
    [
      'an array of 65 dimensions',
      [`${RECONSTRUCT}(K\x01(${'K\x01'.repeat(65)}t${DTYPE}\x89C\x08`, little(0, 8), 'tb.'],
    ],
    ['an array of objects for data', [`${RECONSTRUCT}(K\x01K\x01\x85${DTYPE}\x89]tb.`]],
    ['a scalar of two', [`cnumpy.core.multiarray\nscalar\n${DTYPE}C\x10${'\0'.repeat(16)}\x86R.`]],
  ])('%s', (_name, pieces) => {
    const error = faceError(() => parsed(...pieces));
    expect(error.code).toBe('FACE_PICKLE_INVALID');
    expect(error.message).toMatch(/at byte \d+ /);
  });

  test('the place is that of the instruction', () => {
    expect(faceError(() => parsed('](K\x01K\x02eh\x07.')).message).toContain('at byte 7 ');
  });
});

describe('what is allowed though it is rare', () => {
  test.each([
    ['an old state without version', `${RECONSTRUCT}(K\x01\x85${DTYPE}\x89C\x08${'\0'.repeat(8)}tb.`, [1]],
    ['an array with no element', `${RECONSTRUCT}(K\x01K\0\x85${DTYPE}\x89C\x00tb.`, [0]],
    [
      'no element, though one length is huge',
      `${RECONSTRUCT}(K\x01K\0\x8a\x06\0\0\0\0\0\x10\x86${DTYPE}\x89C\x00tb.`,
      [0, 2 ** 44],
    ],
    [
      'an array of Python 2, whose data is text',
      `${RECONSTRUCT}(K\x01K\x01\x85${DTYPE}\x89U\x08AAAAAAAAtb.`,
      [1],
    ],
    ['the same, not ASCII', `${RECONSTRUCT}(K\x01K\x01\x85${DTYPE}\x89U\x08\xff\xffAAAAAAtb.`, [1]],
  ])('%s', (_name, pickle, shape) => {
    const array = parsed(pickle);
    expect(array).toBeInstanceOf(NumpyArray);
    expect((array as NumpyArray).shape).toEqual(shape);
  });
});
