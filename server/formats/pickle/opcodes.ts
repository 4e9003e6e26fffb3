/**
 * The pickle opcodes of protocols 0 to 5.
 * Source: CPython, `Lib/pickletools.py` and `Modules/_pickle.c`.
 */

/** How the bytes after an opcode are laid out. `line2` is two lines; numbers are little-endian unless named otherwise. */
export type ArgumentKind =
  | 'none'
  | 'line'
  | 'line2'
  | 'uint1'
  | 'uint2'
  | 'int4'
  | 'uint4'
  | 'uint8'
  | 'float8be'
  | 'bytes1'
  | 'bytes4'
  /** CPython reads this length as a signed number and refuses a negative one. */
  | 'bytes4signed'
  | 'bytes8';

export interface Opcode {
  code: number;
  name: string;
  argument: ArgumentKind;
  /** The protocol that brought it. */
  protocol: number;
}

const table: [string | number, string, ArgumentKind, number][] = [
  ['I', 'INT', 'line', 0],
  ['J', 'BININT', 'int4', 1],
  ['K', 'BININT1', 'uint1', 1],
  ['M', 'BININT2', 'uint2', 1],
  ['L', 'LONG', 'line', 0],
  [0x8a, 'LONG1', 'bytes1', 2],
  [0x8b, 'LONG4', 'bytes4signed', 2],
  ['S', 'STRING', 'line', 0],
  ['T', 'BINSTRING', 'bytes4signed', 1],
  ['U', 'SHORT_BINSTRING', 'bytes1', 1],
  ['B', 'BINBYTES', 'bytes4', 3],
  ['C', 'SHORT_BINBYTES', 'bytes1', 3],
  [0x8e, 'BINBYTES8', 'bytes8', 4],
  [0x96, 'BYTEARRAY8', 'bytes8', 5],
  [0x97, 'NEXT_BUFFER', 'none', 5],
  [0x98, 'READONLY_BUFFER', 'none', 5],
  ['N', 'NONE', 'none', 0],
  [0x88, 'NEWTRUE', 'none', 2],
  [0x89, 'NEWFALSE', 'none', 2],
  ['V', 'UNICODE', 'line', 0],
  [0x8c, 'SHORT_BINUNICODE', 'bytes1', 4],
  ['X', 'BINUNICODE', 'bytes4', 1],
  [0x8d, 'BINUNICODE8', 'bytes8', 4],
  ['F', 'FLOAT', 'line', 0],
  ['G', 'BINFLOAT', 'float8be', 1],
  [']', 'EMPTY_LIST', 'none', 1],
  ['a', 'APPEND', 'none', 0],
  ['e', 'APPENDS', 'none', 1],
  ['l', 'LIST', 'none', 0],
  [')', 'EMPTY_TUPLE', 'none', 1],
  ['t', 'TUPLE', 'none', 0],
  [0x85, 'TUPLE1', 'none', 2],
  [0x86, 'TUPLE2', 'none', 2],
  [0x87, 'TUPLE3', 'none', 2],
  ['}', 'EMPTY_DICT', 'none', 1],
  ['d', 'DICT', 'none', 0],
  ['s', 'SETITEM', 'none', 0],
  ['u', 'SETITEMS', 'none', 1],
  [0x8f, 'EMPTY_SET', 'none', 4],
  [0x90, 'ADDITEMS', 'none', 4],
  [0x91, 'FROZENSET', 'none', 4],
  ['0', 'POP', 'none', 0],
  ['2', 'DUP', 'none', 0],
  ['(', 'MARK', 'none', 0],
  ['1', 'POP_MARK', 'none', 1],
  ['g', 'GET', 'line', 0],
  ['h', 'BINGET', 'uint1', 1],
  ['j', 'LONG_BINGET', 'uint4', 1],
  ['p', 'PUT', 'line', 0],
  ['q', 'BINPUT', 'uint1', 1],
  ['r', 'LONG_BINPUT', 'uint4', 1],
  [0x94, 'MEMOIZE', 'none', 4],
  [0x82, 'EXT1', 'uint1', 2],
  [0x83, 'EXT2', 'uint2', 2],
  [0x84, 'EXT4', 'int4', 2],
  ['c', 'GLOBAL', 'line2', 0],
  [0x93, 'STACK_GLOBAL', 'none', 4],
  ['R', 'REDUCE', 'none', 0],
  ['b', 'BUILD', 'none', 0],
  ['i', 'INST', 'line2', 0],
  ['o', 'OBJ', 'none', 1],
  [0x81, 'NEWOBJ', 'none', 2],
  [0x92, 'NEWOBJ_EX', 'none', 4],
  [0x80, 'PROTO', 'uint1', 2],
  ['.', 'STOP', 'none', 0],
  [0x95, 'FRAME', 'uint8', 4],
  ['P', 'PERSID', 'line', 0],
  ['Q', 'BINPERSID', 'none', 1],
];

export const opcodes: readonly Opcode[] = table.map(([code, name, argument, protocol]) => ({
  code: typeof code === 'number' ? code : code.charCodeAt(0),
  name,
  argument,
  protocol,
}));

/** By byte; undefined where no opcode stands. */
export const opcodeByByte: readonly (Opcode | undefined)[] = (() => {
  const byByte = new Array<Opcode | undefined>(256).fill(undefined);
  for (const opcode of opcodes) byByte[opcode.code] = opcode;
  return byByte;
})();
