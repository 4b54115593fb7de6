import { isAscii } from 'node:buffer';
import { build } from './globals';
import type { Machine } from './machine';
import { invalidPickle, unsafePickle } from './refusals';
import {
  binaryLong,
  decimalFloat,
  decimalInteger,
  MAX_TEXT_BYTES,
  python2Literal,
  rawUnicodeEscape,
  utf8,
} from './text';
import type { Tokens } from './tokens';
import { describeValue, PickleGlobal } from './values';

/** How many bytes follow an instruction; positive numbers are a fixed count. */
export const Argument = {
  /** Text up to a newline. */
  Line: -1,
  /** Two such texts. */
  TwoLines: -2,
  /** A length of 1, 4 or 8 bytes (little-endian, unsigned), then as many bytes. */
  Counted1: -3,
  Counted4: -4,
  Counted8: -5,
  /** As `Counted4`, but the length is signed; a negative one is an error. */
  CountedSigned4: -6,
} as const;

type Handler = (machine: Machine) => void;

/**
 * Every instruction of pickle protocols 0 to 5: its byte, what follows it (CPython, Lib/pickletools.py), and what it does
 * to the machine.
 */
export const OPCODES = {
  PROTO: [0x80, 1, checkProtocol],
  // A frame is a hint to read ahead. The instructions in it are checked one by one anyway.
  FRAME: [0x95, 8, () => {}],
  STOP: [0x2e, 0, (m) => m.stop()],

  MARK: [0x28, 0, (m) => m.mark()],
  POP: [0x30, 0, (m) => m.popValueOrMark()],
  POP_MARK: [0x31, 0, (m) => void m.popToMark()],
  DUP: [0x32, 0, (m) => m.push(m.top())],

  NONE: [0x4e, 0, (m) => m.push(null)],
  NEWTRUE: [0x88, 0, (m) => m.push(true)],
  NEWFALSE: [0x89, 0, (m) => m.push(false)],
  INT: [0x49, Argument.Line, (m) => m.push(integerOrBoolean(m.argument()))],
  LONG: [0x4c, Argument.Line, (m) => m.push(decimalInteger(m.argument()))],
  LONG1: [0x8a, Argument.Counted1, (m) => m.push(binaryLong(m.argument()))],
  LONG4: [0x8b, Argument.CountedSigned4, (m) => m.push(binaryLong(m.argument()))],
  BININT: [0x4a, 4, (m) => m.push(m.tokens.bytes.readInt32LE(m.tokens.start))],
  BININT1: [0x4b, 1, (m) => m.push(m.tokens.bytes[m.tokens.start])],
  BININT2: [0x4d, 2, (m) => m.push(m.tokens.bytes.readUInt16LE(m.tokens.start))],
  FLOAT: [0x46, Argument.Line, (m) => m.push(decimalFloat(m.argument()))],
  BINFLOAT: [0x47, 8, (m) => m.push(m.tokens.bytes.readDoubleBE(m.tokens.start))],

  STRING: [0x53, Argument.Line, (m) => m.push(python2String(m, python2Literal(text(m))))],
  BINSTRING: [0x54, Argument.CountedSigned4, (m) => m.push(python2String(m, m.argument()))],
  SHORT_BINSTRING: [0x55, Argument.Counted1, (m) => m.push(python2String(m, m.argument()))],
  UNICODE: [0x56, Argument.Line, (m) => m.push(rawUnicodeEscape(text(m)))],
  SHORT_BINUNICODE: [0x8c, Argument.Counted1, (m) => m.push(utf8(text(m)))],
  BINUNICODE: [0x58, Argument.Counted4, (m) => m.push(utf8(text(m)))],
  BINUNICODE8: [0x8d, Argument.Counted8, (m) => m.push(utf8(text(m)))],
  SHORT_BINBYTES: [0x43, Argument.Counted1, (m) => m.push(m.copyOf(m.argument()))],
  BINBYTES: [0x42, Argument.Counted4, (m) => m.push(m.copyOf(m.argument()))],
  BINBYTES8: [0x8e, Argument.Counted8, (m) => m.push(m.copyOf(m.argument()))],
  BYTEARRAY8: [0x96, Argument.Counted8, (m) => m.push(m.copyOf(m.argument()))],

  EMPTY_LIST: [0x5d, 0, (m) => m.newList([])],
  LIST: [0x6c, 0, (m) => m.newList(m.popToMark())],
  APPEND: [0x61, 0, (m) => m.append([m.pop()])],
  APPENDS: [0x65, 0, (m) => m.append(m.popToMark())],
  EMPTY_TUPLE: [0x29, 0, (m) => m.newList([])],
  TUPLE: [0x74, 0, (m) => m.newList(m.popToMark())],
  TUPLE1: [0x85, 0, (m) => m.newList(m.popItems(1))],
  TUPLE2: [0x86, 0, (m) => m.newList(m.popItems(2))],
  TUPLE3: [0x87, 0, (m) => m.newList(m.popItems(3))],
  EMPTY_DICT: [0x7d, 0, (m) => m.newDict([])],
  DICT: [0x64, 0, (m) => m.newDict(m.popToMark())],
  SETITEM: [0x73, 0, (m) => m.setInTop(m.popItems(2))],
  SETITEMS: [0x75, 0, (m) => m.setInTop(m.popToMark())],
  EMPTY_SET: [0x8f, 0, refuse('a set')],
  ADDITEMS: [0x90, 0, refuse('a set')],
  FROZENSET: [0x91, 0, refuse('a frozenset')],

  PUT: [0x70, Argument.Line, (m) => m.remember(memoKey(m.tokens))],
  BINPUT: [0x71, 1, (m) => m.remember(memoKey(m.tokens))],
  LONG_BINPUT: [0x72, 4, (m) => m.remember(memoKey(m.tokens))],
  MEMOIZE: [0x94, 0, (m) => m.remember()],
  GET: [0x67, Argument.Line, (m) => m.recall(memoKey(m.tokens))],
  BINGET: [0x68, 1, (m) => m.recall(memoKey(m.tokens))],
  LONG_BINGET: [0x6a, 4, (m) => m.recall(memoKey(m.tokens))],

  GLOBAL: [0x63, Argument.TwoLines, (m) => m.push(m.global(...twoLines(m)))],
  STACK_GLOBAL: [0x93, 0, pushNamed],
  REDUCE: [0x52, 0, pushCalled],
  BUILD: [0x62, 0, buildTop],
  INST: [0x69, Argument.TwoLines, refuseClass],
  OBJ: [0x6f, 0, refuse('an object of a class')],
  NEWOBJ: [0x81, 0, refuse('an object of a class')],
  NEWOBJ_EX: [0x92, 0, refuse('an object of a class')],
  EXT1: [0x82, 1, refuse('an object from the extension registry')],
  EXT2: [0x83, 2, refuse('an object from the extension registry')],
  EXT4: [0x84, 4, refuse('an object from the extension registry')],
  PERSID: [0x50, Argument.Line, refuse('an object outside of the file (a persistent id)')],
  BINPERSID: [0x51, 0, refuse('an object outside of the file (a persistent id)')],
  NEXT_BUFFER: [0x97, 0, refuse('a buffer outside of the file')],
  READONLY_BUFFER: [0x98, 0, refuse('a buffer outside of the file')],
} satisfies Record<string, readonly [code: number, argument: number, run: Handler]>;

/** The newest pickle protocol there is. */
const NEWEST_PROTOCOL = 5;

function checkProtocol(machine: Machine): void {
  const version = machine.argument()[0] as number;
  if (version > NEWEST_PROTOCOL) {
    throw machine.invalid(`pickle protocol ${version} begins; protocols 0 to ${NEWEST_PROTOCOL} are read`);
  }
}

/** Protocols 0 and 1 write a bool as an int of two digits. */
function integerOrBoolean(bytes: Buffer): number | bigint | boolean | undefined {
  const digits = bytes.length === 2 ? bytes.toString('latin1') : '';
  return digits === '01' ? true : digits === '00' ? false : decimalInteger(bytes);
}

function pushNamed(machine: Machine): void {
  const [module, name] = machine.popItems(2);
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw machine.invalid(`there is a name that is ${describeValue(name)}`);
  }
  machine.push(machine.global(module, name));
}

function pushCalled(machine: Machine): void {
  const [callee, args] = machine.popItems(2);
  if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
    throw machine.invalid(`there is a call of ${describeValue(callee)}`);
  }
  machine.push(callee.make(args, machine));
}

function buildTop(machine: Machine): void {
  const state = machine.pop();
  build(machine.top(), state, machine);
}

function refuseClass(machine: Machine): never {
  throw unsafePickle(machine.tokens.offset, twoLines(machine).join('.'));
}

function refuse(wanted: string): Handler {
  return (machine) => {
    throw unsafePickle(machine.tokens.offset, wanted);
  };
}

/** The current instruction's argument, if it is not too long to be decoded in one go. */
function text(machine: Machine): Buffer {
  const bytes = machine.argument();
  if (bytes.length > MAX_TEXT_BYTES) throw machine.invalid(`there is text of ${bytes.length} bytes`);
  return bytes;
}

/**
 * A Python 2 `str`: text if it is ASCII, which Python 3 reads it as, too. Else bytes, because only the user of the
 * value can know whether it is UTF-8 (a file name) or no text at all (the numbers of an array).
 */
function python2String(machine: Machine, bytes: Buffer | undefined): string | Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length <= MAX_TEXT_BYTES && isAscii(bytes)) return bytes.toString('latin1');
  return machine.copyOf(bytes);
}

function twoLines(machine: Machine): [string, string] {
  const bytes = text(machine);
  const newline = bytes.indexOf(0x0a);
  const line = (from: number, to: number) => {
    const decoded = utf8(bytes.subarray(from, to));
    if (decoded === undefined) throw machine.invalid('there is a name that is not text');
    return decoded;
  };
  return [line(0, newline), line(newline + 1, bytes.length)];
}

/**
 * The memo key in the argument of a `PUT` or `GET`. Keys are numbered from 0, each takes at least a byte to store:
 * a key that is not below the size of the file can't be one.
 */
export function memoKey(tokens: Tokens): number {
  const { bytes, start, length } = tokens;
  let key: number | bigint | undefined;
  if (tokens.opcode === OPCODES.PUT[0] || tokens.opcode === OPCODES.GET[0]) {
    key = decimalInteger(bytes.subarray(start, start + length));
  } else {
    key = length === 1 ? bytes[start] : bytes.readUInt32LE(start);
  }
  if (typeof key !== 'number' || key < 0 || key >= tokens.total || key > 0xffff_ffff) {
    throw invalidPickle(tokens.offset, 'there is a reference to something that can not be in the file');
  }
  return key;
}
