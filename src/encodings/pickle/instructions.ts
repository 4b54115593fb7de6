import { isAscii } from 'node:buffer';
import { build, call } from './globals';
import type { Machine } from './machine';
import { NEWEST_PROTOCOL, OPCODES, type OpcodeName } from './opcodes';
import { unsafePickle } from './refusals';
import { memoKey } from './survey';
import {
  binaryLong,
  decimalFloat,
  decimalInteger,
  MAX_TEXT_BYTES,
  python2Literal,
  rawUnicodeEscape,
  utf8,
} from './text';
import { describeValue, PickleGlobal } from './values';

type Handler = (machine: Machine) => void;

const structure: Partial<Record<OpcodeName, Handler>> = {
  PROTO: (m) => {
    const version = m.argument()[0] as number;
    if (version > NEWEST_PROTOCOL) {
      throw m.invalid(`pickle protocol ${version} begins; protocols 0 to ${NEWEST_PROTOCOL} are read`);
    }
  },
  // A frame is a hint to read ahead. The instructions in it are checked one by one anyway.
  FRAME: () => {},
  STOP: (m) => m.stop(),
  MARK: (m) => m.mark(),
  POP: (m) => m.popValueOrMark(),
  POP_MARK: (m) => void m.popToMark(),
  DUP: (m) => m.push(m.top()),

  EMPTY_LIST: (m) => m.newList([]),
  LIST: (m) => m.newList(m.popToMark()),
  APPEND: (m) => {
    const item = m.pop();
    m.addTo(m.topList(), [item]);
  },
  APPENDS: (m) => {
    const items = m.popToMark();
    m.addTo(m.topList(), items);
  },
  EMPTY_TUPLE: (m) => m.newList([]),
  TUPLE: (m) => m.newList(m.popToMark()),
  TUPLE1: (m) => m.newList([m.pop()]),
  TUPLE2: (m) => {
    const second = m.pop();
    m.newList([m.pop(), second]);
  },
  TUPLE3: (m) => {
    const third = m.pop();
    const second = m.pop();
    m.newList([m.pop(), second, third]);
  },
  EMPTY_DICT: (m) => m.newDict([]),
  DICT: (m) => m.newDict(m.popToMark()),
  SETITEM: (m) => {
    const value = m.pop();
    const key = m.pop();
    m.setItems(m.top(), [key, value]);
  },
  SETITEMS: (m) => {
    const pairs = m.popToMark();
    m.setItems(m.top(), pairs);
  },

  PUT: (m) => m.remember(memoKey(m.tokens)),
  BINPUT: (m) => m.remember(memoKey(m.tokens)),
  LONG_BINPUT: (m) => m.remember(memoKey(m.tokens)),
  MEMOIZE: (m) => m.remember(),
  GET: (m) => m.recall(memoKey(m.tokens)),
  BINGET: (m) => m.recall(memoKey(m.tokens)),
  LONG_BINGET: (m) => m.recall(memoKey(m.tokens)),
};

const plainValues: Partial<Record<OpcodeName, Handler>> = {
  NONE: (m) => m.push(null),
  NEWTRUE: (m) => m.push(true),
  NEWFALSE: (m) => m.push(false),
  INT: (m) => {
    // Protocols 0 and 1 write a bool as an int of two digits.
    const text = m.argument();
    const digits = text.length === 2 ? text.toString('latin1') : '';
    m.push(digits === '01' ? true : digits === '00' ? false : decimalInteger(text));
  },
  LONG: (m) => m.push(decimalInteger(m.argument())),
  LONG1: (m) => m.push(binaryLong(m.argument())),
  LONG4: (m) => m.push(binaryLong(m.argument())),
  BININT: (m) => m.push(m.tokens.bytes.readInt32LE(m.tokens.start)),
  BININT1: (m) => m.push(m.tokens.bytes[m.tokens.start]),
  BININT2: (m) => m.push(m.tokens.bytes.readUInt16LE(m.tokens.start)),
  FLOAT: (m) => m.push(decimalFloat(m.argument())),
  BINFLOAT: (m) => m.push(m.tokens.bytes.readDoubleBE(m.tokens.start)),

  STRING: (m) => {
    const bytes = python2Literal(text(m));
    m.push(bytes && python2String(m, bytes));
  },
  BINSTRING: (m) => m.push(python2String(m, m.argument())),
  SHORT_BINSTRING: (m) => m.push(python2String(m, m.argument())),
  UNICODE: (m) => m.push(rawUnicodeEscape(text(m))),
  SHORT_BINUNICODE: (m) => m.push(utf8(text(m))),
  BINUNICODE: (m) => m.push(utf8(text(m))),
  BINUNICODE8: (m) => m.push(utf8(text(m))),
  SHORT_BINBYTES: (m) => m.push(m.argumentCopy()),
  BINBYTES: (m) => m.push(m.argumentCopy()),
  BINBYTES8: (m) => m.push(m.argumentCopy()),
  BYTEARRAY8: (m) => m.push(m.argumentCopy()),
};

const objects: Partial<Record<OpcodeName, Handler>> = {
  GLOBAL: (m) => {
    const [module, name] = twoLines(m);
    m.push(m.global(module, name));
  },
  STACK_GLOBAL: (m) => {
    const name = m.pop();
    const module = m.pop();
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw m.invalid(`there is a name that is ${describeValue(name)}`);
    }
    m.push(m.global(module, name));
  },
  REDUCE: (m) => {
    const args = m.pop();
    const callee = m.pop();
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
      throw m.invalid(`there is a call of ${describeValue(callee)}`);
    }
    m.push(call(callee, args, m));
  },
  BUILD: (m) => {
    const state = m.pop();
    build(m.top(), state, m);
  },
  INST: (m) => {
    throw unsafePickle(m.tokens.offset, twoLines(m).join('.'));
  },
  OBJ: (m) => refuse(m, 'an object of a class'),
  NEWOBJ: (m) => refuse(m, 'an object of a class'),
  NEWOBJ_EX: (m) => refuse(m, 'an object of a class'),
  EXT1: (m) => refuse(m, 'an object from the extension registry'),
  EXT2: (m) => refuse(m, 'an object from the extension registry'),
  EXT4: (m) => refuse(m, 'an object from the extension registry'),
  PERSID: (m) => refuse(m, 'an object outside of the file (a persistent id)'),
  BINPERSID: (m) => refuse(m, 'an object outside of the file (a persistent id)'),
  NEXT_BUFFER: (m) => refuse(m, 'a buffer outside of the file'),
  READONLY_BUFFER: (m) => refuse(m, 'a buffer outside of the file'),
  EMPTY_SET: (m) => refuse(m, 'a set'),
  ADDITEMS: (m) => refuse(m, 'a set'),
  FROZENSET: (m) => refuse(m, 'a frozenset'),
};

/** The handler of every opcode in `OPCODES`, by its byte. */
export const HANDLERS: readonly (Handler | undefined)[] = (() => {
  const byName = { ...structure, ...plainValues, ...objects } as Record<OpcodeName, Handler>;
  const byCode: (Handler | undefined)[] = new Array(256).fill(undefined);
  for (const name of Object.keys(OPCODES) as OpcodeName[]) byCode[OPCODES[name][0]] = byName[name];
  return byCode;
})();

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
function python2String(machine: Machine, bytes: Buffer): string | Uint8Array {
  if (bytes.length <= MAX_TEXT_BYTES && isAscii(bytes)) return bytes.toString('latin1');
  const copy = machine.allocate(bytes.length);
  copy.set(bytes);
  return copy;
}

function refuse(machine: Machine, wanted: string): never {
  throw unsafePickle(machine.tokens.offset, wanted);
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
