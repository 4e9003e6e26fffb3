/**
 * Pickles for tests and rule pages, written as a listing: one opcode a line, named as Python's `pickletools` prints it.
 *
 *     PROTO 4
 *     FRAME auto              # up to the next FRAME, or through the next STOP
 *     GLOBAL os system        # names with spaces in quotes
 *     BINUNICODE 'echo hi'    # Python escapes: \n \' \x41 \u00e9 \U0001f600
 *     SHORT_BINBYTES hex:00ff # or b'text'
 *     LONG1 -300              # encoded as Python does; hex:.. writes the bytes as they stand
 *     INT 0x10                # INT, LONG, FLOAT, STRING and PERSID are written as they stand
 *     RAW hex:00ff            # bytes that are no opcode
 *
 * Offsets in brackets before an opcode (`12: REDUCE`) are skipped, so that a disassembly can be pasted. The assembler checks nothing
 * but the form of an argument: a listing may break every rule of the pickle machine, which is what tests need.
 * Encodings: CPython's Lib/pickletools.py.
 */
export function assemblePickle(listing: string): Uint8Array {
  const chunks: Chunk[] = [];
  listing.split(/\r?\n/).forEach((line, index) => {
    const text = line.trim().replace(/^\d+:\s+/, '');
    if (text === '' || text.startsWith('#')) return;
    const match = /^([A-Z_0-9]+)(?:\s+(.*))?$/.exec(text);
    if (!match) throw new Error(`line ${index + 1}: not an opcode: ${text}`);
    const name = match[1] ?? '';
    try {
      chunks.push({ name, bytes: encode(name, match[2] ?? '') });
    } catch (error) {
      throw new Error(`line ${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
  chunks.forEach((chunk, index) => {
    if (chunk.name === 'FRAME' && chunk.bytes.length === 0) chunk.bytes = frame(chunks.slice(index + 1));
  });
  return Buffer.concat(chunks.map((chunk) => chunk.bytes));
}

interface Chunk {
  name: string;
  /** Empty for `FRAME auto` until the frame's length is known. */
  bytes: Buffer;
}

type Argument =
  | 'none'
  | 'uint1'
  | 'uint2'
  | 'uint4'
  | 'uint8'
  | 'int4'
  | 'float8'
  | 'line'
  | 'long-line'
  | 'unicode-line'
  | 'names'
  | 'long1'
  | 'long4'
  | 'text1'
  | 'text4'
  | 'text8'
  | 'bytes1'
  | 'bytes4'
  | 'bytes8';

/** Code and argument of all 68 opcodes. */
const opcodes: Record<string, [code: number, argument: Argument]> = {
  INT: [0x49, 'line'],
  BININT: [0x4a, 'int4'],
  BININT1: [0x4b, 'uint1'],
  BININT2: [0x4d, 'uint2'],
  LONG: [0x4c, 'long-line'],
  LONG1: [0x8a, 'long1'],
  LONG4: [0x8b, 'long4'],
  STRING: [0x53, 'line'],
  BINSTRING: [0x54, 'bytes4'],
  SHORT_BINSTRING: [0x55, 'bytes1'],
  BINBYTES: [0x42, 'bytes4'],
  SHORT_BINBYTES: [0x43, 'bytes1'],
  BINBYTES8: [0x8e, 'bytes8'],
  BYTEARRAY8: [0x96, 'bytes8'],
  NEXT_BUFFER: [0x97, 'none'],
  READONLY_BUFFER: [0x98, 'none'],
  NONE: [0x4e, 'none'],
  NEWTRUE: [0x88, 'none'],
  NEWFALSE: [0x89, 'none'],
  UNICODE: [0x56, 'unicode-line'],
  SHORT_BINUNICODE: [0x8c, 'text1'],
  BINUNICODE: [0x58, 'text4'],
  BINUNICODE8: [0x8d, 'text8'],
  FLOAT: [0x46, 'line'],
  BINFLOAT: [0x47, 'float8'],
  EMPTY_LIST: [0x5d, 'none'],
  APPEND: [0x61, 'none'],
  APPENDS: [0x65, 'none'],
  LIST: [0x6c, 'none'],
  EMPTY_TUPLE: [0x29, 'none'],
  TUPLE: [0x74, 'none'],
  TUPLE1: [0x85, 'none'],
  TUPLE2: [0x86, 'none'],
  TUPLE3: [0x87, 'none'],
  EMPTY_DICT: [0x7d, 'none'],
  DICT: [0x64, 'none'],
  SETITEM: [0x73, 'none'],
  SETITEMS: [0x75, 'none'],
  EMPTY_SET: [0x8f, 'none'],
  ADDITEMS: [0x90, 'none'],
  FROZENSET: [0x91, 'none'],
  POP: [0x30, 'none'],
  DUP: [0x32, 'none'],
  MARK: [0x28, 'none'],
  POP_MARK: [0x31, 'none'],
  GET: [0x67, 'line'],
  BINGET: [0x68, 'uint1'],
  LONG_BINGET: [0x6a, 'uint4'],
  PUT: [0x70, 'line'],
  BINPUT: [0x71, 'uint1'],
  LONG_BINPUT: [0x72, 'uint4'],
  MEMOIZE: [0x94, 'none'],
  EXT1: [0x82, 'uint1'],
  EXT2: [0x83, 'uint2'],
  EXT4: [0x84, 'int4'],
  GLOBAL: [0x63, 'names'],
  STACK_GLOBAL: [0x93, 'none'],
  REDUCE: [0x52, 'none'],
  BUILD: [0x62, 'none'],
  INST: [0x69, 'names'],
  OBJ: [0x6f, 'none'],
  NEWOBJ: [0x81, 'none'],
  NEWOBJ_EX: [0x92, 'none'],
  PROTO: [0x80, 'uint1'],
  STOP: [0x2e, 'none'],
  FRAME: [0x95, 'uint8'],
  PERSID: [0x50, 'line'],
  BINPERSID: [0x51, 'none'],
};

function encode(name: string, argument: string): Buffer {
  if (name === 'RAW') return bytesOf(withoutComment(argument));
  const opcode = opcodes[name];
  if (!opcode) throw new Error(`no such opcode: ${name}`);
  const [code, kind] = opcode;
  const text = withoutComment(argument);
  if (name === 'FRAME' && (text === 'auto' || text === '')) return Buffer.alloc(0);
  if (kind === 'none' && text !== '') throw new Error(`${name} takes no argument`);
  if (kind !== 'none' && kind !== 'line' && text === '') throw new Error(`${name} needs an argument`);
  return Buffer.concat([Buffer.of(code), encodeArgument(kind, text)]);
}

function encodeArgument(kind: Argument, text: string): Buffer {
  switch (kind) {
    case 'none':
      return Buffer.alloc(0);
    case 'uint1':
      return little(BigInt(text), 1);
    case 'uint2':
      return little(BigInt(text), 2);
    case 'uint4':
    case 'int4':
      return little(BigInt(text), 4);
    case 'uint8':
      return little(BigInt(text), 8);
    case 'float8': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(Number(text));
      return bytes;
    }
    case 'line':
      return Buffer.from(`${text}\n`, 'utf8');
    case 'long-line':
      return Buffer.from(`${text.endsWith('L') ? text : `${text}L`}\n`, 'latin1');
    case 'unicode-line':
      return Buffer.from(`${isQuoted(text) ? rawUnicodeEscape(unquote(text)) : text}\n`, 'latin1');
    case 'names':
      return Buffer.from(
        names(text)
          .map((name) => `${name}\n`)
          .join(''),
        'utf8',
      );
    case 'long1':
      return sized(longBytes(text), 1);
    case 'long4':
      return sized(longBytes(text), 4);
    case 'text1':
      return sized(textBytes(text), 1);
    case 'text4':
      return sized(textBytes(text), 4);
    case 'text8':
      return sized(textBytes(text), 8);
    case 'bytes1':
      return sized(bytesOf(text), 1);
    case 'bytes4':
      return sized(bytesOf(text), 4);
    case 'bytes8':
      return sized(bytesOf(text), 8);
  }
}

/** The frame of the opcodes that follow: up to the next FRAME, or through the next STOP. */
function frame(following: Chunk[]): Buffer {
  let length = 0;
  for (const chunk of following) {
    if (chunk.name === 'FRAME') break;
    length += chunk.bytes.length;
    if (chunk.name === 'STOP') break;
  }
  return Buffer.concat([Buffer.of(0x95), little(BigInt(length), 8)]);
}

function little(value: bigint, width: number): Buffer {
  const limit = 1n << BigInt(8 * width);
  if (value >= limit || value < -limit / 2n) throw new Error(`${value} does not fit into ${width} bytes`);
  let rest = value < 0n ? value + limit : value;
  const bytes = Buffer.alloc(width);
  for (let index = 0; index < width; index++, rest >>= 8n) bytes[index] = Number(rest & 0xffn);
  return bytes;
}

function sized(content: Buffer, width: number): Buffer {
  return Buffer.concat([little(BigInt(content.length), width), content]);
}

/** Two's complement, little-endian, as few bytes as hold it: pickle.encode_long. */
function longBytes(text: string): Buffer {
  if (text.startsWith('hex:')) return bytesOf(text);
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
  if (value === 0n) return Buffer.alloc(0);
  let width = 1;
  while (value >= 1n << BigInt(8 * width - 1) || value < -(1n << BigInt(8 * width - 1))) width++;
  return little(value, width);
}

function textBytes(text: string): Buffer {
  if (text.startsWith('hex:')) return bytesOf(text);
  return Buffer.from(isQuoted(text) ? unquote(text) : text, 'utf8');
}

/** `hex:00 ff`, `b'text'` or `'text'`; escapes give bytes, other characters their UTF-8. */
function bytesOf(text: string): Buffer {
  if (text.startsWith('hex:')) {
    const digits = text.slice(4).replace(/\s+/g, '');
    if (digits.length % 2 === 1 || /[^0-9a-f]/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
    return Buffer.from(digits, 'hex');
  }
  const literal = text.replace(/^b(?=['"])/, '');
  const value = isQuoted(literal) ? unquote(literal) : literal;
  return /^[\0-\u00ff]*$/.test(value) ? Buffer.from(value, 'latin1') : Buffer.from(value, 'utf8');
}

function isQuoted(text: string): boolean {
  return /^(['"]).*\1$/s.test(text) && text.length >= 2;
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\\': '\\', "'": "'", '"': '"' };

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi,
      (_, x?: string, u?: string, big?: string, other: string = '') => {
        const hex = x ?? u ?? big;
        if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
        const value = escapes[other];
        if (value === undefined) throw new Error(`unknown escape \\${other}`);
        return value;
      },
    );
}

function rawUnicodeEscape(text: string): string {
  let escaped = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xffff) escaped += `\\U${code.toString(16).padStart(8, '0')}`;
    else if (code > 0xff || code === 0x0a || code === 0x0d || code === 0x5c || code === 0)
      escaped += `\\u${code.toString(16).padStart(4, '0')}`;
    else escaped += character;
  }
  return escaped;
}

/** Two names separated by a blank, each quoted where it holds one. */
function names(text: string): [string, string] {
  const match = /^('[^']*'|"[^"]*"|\S+)\s+('[^']*'|"[^"]*"|\S+)$/.exec(text);
  if (!match) throw new Error(`two names expected: ${text}`);
  return [match[1] ?? '', match[2] ?? ''].map((name) => (isQuoted(name) ? unquote(name) : name)) as [string, string];
}

/** Cuts ` # comment`, but not a `#` inside quotes. */
function withoutComment(text: string): string {
  const match = /^((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^#'"]|['"]|(?<!\s)#)*?)(?:\s+#.*)?$/s.exec(text);
  return (match?.[1] ?? text).trim();
}
