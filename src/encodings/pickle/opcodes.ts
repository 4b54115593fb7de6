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

/** Every instruction of pickle protocols 0 to 5: its byte and what follows it (CPython, Lib/pickletools.py). */
export const OPCODES = {
  PROTO: [0x80, 1],
  FRAME: [0x95, 8],
  STOP: [0x2e, 0],

  MARK: [0x28, 0],
  POP: [0x30, 0],
  POP_MARK: [0x31, 0],
  DUP: [0x32, 0],

  NONE: [0x4e, 0],
  NEWTRUE: [0x88, 0],
  NEWFALSE: [0x89, 0],
  INT: [0x49, Argument.Line],
  LONG: [0x4c, Argument.Line],
  LONG1: [0x8a, Argument.Counted1],
  LONG4: [0x8b, Argument.CountedSigned4],
  BININT: [0x4a, 4],
  BININT1: [0x4b, 1],
  BININT2: [0x4d, 2],
  FLOAT: [0x46, Argument.Line],
  BINFLOAT: [0x47, 8],

  STRING: [0x53, Argument.Line],
  BINSTRING: [0x54, Argument.CountedSigned4],
  SHORT_BINSTRING: [0x55, Argument.Counted1],
  UNICODE: [0x56, Argument.Line],
  SHORT_BINUNICODE: [0x8c, Argument.Counted1],
  BINUNICODE: [0x58, Argument.Counted4],
  BINUNICODE8: [0x8d, Argument.Counted8],
  SHORT_BINBYTES: [0x43, Argument.Counted1],
  BINBYTES: [0x42, Argument.Counted4],
  BINBYTES8: [0x8e, Argument.Counted8],
  BYTEARRAY8: [0x96, Argument.Counted8],

  EMPTY_LIST: [0x5d, 0],
  LIST: [0x6c, 0],
  APPEND: [0x61, 0],
  APPENDS: [0x65, 0],
  EMPTY_TUPLE: [0x29, 0],
  TUPLE: [0x74, 0],
  TUPLE1: [0x85, 0],
  TUPLE2: [0x86, 0],
  TUPLE3: [0x87, 0],
  EMPTY_DICT: [0x7d, 0],
  DICT: [0x64, 0],
  SETITEM: [0x73, 0],
  SETITEMS: [0x75, 0],
  EMPTY_SET: [0x8f, 0],
  ADDITEMS: [0x90, 0],
  FROZENSET: [0x91, 0],

  PUT: [0x70, Argument.Line],
  BINPUT: [0x71, 1],
  LONG_BINPUT: [0x72, 4],
  MEMOIZE: [0x94, 0],
  GET: [0x67, Argument.Line],
  BINGET: [0x68, 1],
  LONG_BINGET: [0x6a, 4],

  GLOBAL: [0x63, Argument.TwoLines],
  STACK_GLOBAL: [0x93, 0],
  REDUCE: [0x52, 0],
  BUILD: [0x62, 0],
  INST: [0x69, Argument.TwoLines],
  OBJ: [0x6f, 0],
  NEWOBJ: [0x81, 0],
  NEWOBJ_EX: [0x92, 0],
  EXT1: [0x82, 1],
  EXT2: [0x83, 2],
  EXT4: [0x84, 4],
  PERSID: [0x50, Argument.Line],
  BINPERSID: [0x51, 0],
  NEXT_BUFFER: [0x97, 0],
  READONLY_BUFFER: [0x98, 0],
} as const;

export type OpcodeName = keyof typeof OPCODES;

/** The newest pickle protocol there is. */
export const NEWEST_PROTOCOL = 5;
