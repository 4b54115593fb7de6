import { COST } from './allowance';
import {
  arrayFromBuffer,
  latin1Bytes,
  makeDtype,
  makeScalar,
  NumpyArray,
  NumpyDtype,
  setArrayState,
  setDtypeState,
} from './numpy';
import { pathText } from './paths';
import { describeValue, PickleGlobal, type PickleValue, type ReaderContext } from './values';

/**
 * Everything that a pickle may name, and the function of ours that stands for it. A name that is not here is refused, and
 * none is looked up anywhere else.
 *
 * `numpy.core` is what NumPy 1 writes, `numpy._core` NumPy 2. Up to protocol 2, `bytes` has no instruction of its
 * own and is written as `_codecs.encode(text, 'latin1')`, or `bytes()` if empty; `bytearray` has none up to 4. A path
 * is of the module `pathlib._local` in Python 3.13, of `pathlib` in all others.
 */
const ALLOWED = new Map<string, PickleGlobal>();
const ARRAY_CLASS = 'numpy.ndarray';
for (const [make, ...names] of [
  [makeArray, 'numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct'],
  [makeScalar, 'numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar'],
  [arrayFromBuffer, 'numpy.core.numeric._frombuffer', 'numpy._core.numeric._frombuffer'],
  [refuseArray, ARRAY_CLASS],
  [makeDtype, 'numpy.dtype'],
  [textToBytes, '_codecs.encode'],
  [makeBytes, '__builtin__.bytes', 'builtins.bytes', '__builtin__.bytearray', 'builtins.bytearray'],
  [orderedDict, 'collections.OrderedDict'],
  [(parts, context) => pathText(parts, false, context), ...pathlib('PosixPath', 'PurePosixPath')],
  [(parts, context) => pathText(parts, true, context), ...pathlib('WindowsPath', 'PureWindowsPath')],
] as [PickleGlobal['make'], ...string[]][]) {
  for (const name of names) {
    const dot = name.lastIndexOf('.');
    ALLOWED.set(key(name.slice(0, dot), name.slice(dot + 1)), new PickleGlobal(name, make));
  }
}

function pathlib(...classes: readonly string[]): string[] {
  return classes.flatMap((name) => [`pathlib.${name}`, `pathlib._local.${name}`]);
}

// Module and name stay apart: `numpy` + `core.multiarray.scalar` is another thing than `numpy.core.multiarray` + `scalar`.
function key(module: string, name: string): string {
  return `${module}\n${name}`;
}

/** What `module` and `name` stand for, or `undefined` if that is not allowed. */
export function allowedGlobal(module: string, name: string): PickleGlobal | undefined {
  return ALLOWED.get(key(module, name));
}

/** An array that is to be filled. */
function makeArray([type]: readonly PickleValue[], context: ReaderContext): NumpyArray {
  if (!(type instanceof PickleGlobal) || type.name !== ARRAY_CLASS) {
    throw context.invalid(`there is an array of a special class (${describeValue(type)})`);
  }
  context.charge(COST.array);
  return new NumpyArray();
}

function refuseArray(_args: readonly PickleValue[], context: ReaderContext): never {
  throw context.invalid('there is an array that was not made the way NumPy does');
}

function makeBytes(args: readonly PickleValue[], context: ReaderContext): Uint8Array {
  if (args.length === 0) return context.allocate(0);
  // Not `bytes(number)`, which would be that many zeros.
  if (args.length === 1 && args[0] instanceof Uint8Array) return args[0];
  throw context.invalid(`there are bytes made of ${describeValue(args[0])}`);
}

/** Gives `target` its state. */
export function build(target: PickleValue, state: PickleValue, context: ReaderContext): void {
  if (target instanceof NumpyArray) setArrayState(target, state, context);
  else if (target instanceof NumpyDtype) setDtypeState(target, state, context);
  else throw context.invalid(`there is a state for ${describeValue(target)}, which has none`);
}

/** `OrderedDict()`, whose entries are set later, or, of Python 2, `OrderedDict([[key, value], …])`. */
function orderedDict(args: readonly PickleValue[], context: ReaderContext): PickleValue {
  const pairs = args[0] ?? [];
  if (args.length > 1 || !Array.isArray(pairs)) {
    throw context.invalid(`there is an OrderedDict made of ${describeValue(args[0])}`);
  }
  const dict: PickleValue = new Map();
  context.charge(COST.dict);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw context.invalid(`there is an OrderedDict with ${describeValue(pair)} for an entry`);
    }
    context.setItems(dict, pair);
  }
  return dict;
}

function textToBytes(args: readonly PickleValue[], context: ReaderContext): Uint8Array {
  const [text, encoding] = args;
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
    throw context.invalid(`there are bytes made of ${describeValue(text)} in an encoding that is not latin1`);
  }
  return latin1Bytes(text, context);
}
