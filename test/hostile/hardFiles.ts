import { deflateSync, gzipSync } from 'node:zlib';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { buildZip } from '../../server/formats/zip/zipBuilder.fixture.ts';
import { dangerousListings, npy, tar, type Subject } from './subjects.ts';

const call = assemblePickle(dangerousListings['protocol 2'] ?? '');

/** Files made to exhaust a reader, or to slip by once it gives up. */
export function hardFiles(): Subject[] {
  return [
    { name: 'laughs-by-memo.pkl', bytes: assemblePickle(laughs('BINGET')) },
    { name: 'laughs-by-dup.pkl', bytes: assemblePickle(laughsByDup()) },
    { name: 'laughs-in-tuples.pkl', bytes: assemblePickle(laughsInTuples()) },
    {
      name: 'deep-lists.pkl',
      bytes: Buffer.concat([bytes('8002'), Buffer.alloc(300_000, ']'), Buffer.alloc(299_999, 'a'), bytes('2e')]),
    },
    { name: 'deep-tuples.pkl', bytes: Buffer.concat([bytes('80024e'), Buffer.alloc(300_000, 0x85), bytes('2e')]) },
    { name: 'marks.pkl', bytes: Buffer.concat([bytes('8002'), Buffer.alloc(500_000, '('), bytes('4e2e')]) },
    { name: 'long-text.pkl', bytes: bytes('80058dffffffffffffff0f6162632e') },
    { name: 'long-bytes.pkl', bytes: bytes('80058effffffffffffff7f6162632e') },
    { name: 'negative-length.pkl', bytes: bytes('80028bffffffff2e') },
    { name: 'huge-long.pkl', bytes: bytes('80028bffffff7f00012e') },
    { name: 'huge-memo-index.pkl', bytes: Buffer.concat([bytes('80024e72ffffffff'), call.subarray(2)]) },
    { name: 'endless-line.pkl', bytes: Buffer.concat([Buffer.from('c'), Buffer.alloc(4 << 20, 'a')]) },
    { name: 'many-imports.pkl', bytes: assemblePickle(manyImports(40_000)) },
    { name: 'attributes-of-attributes.pkl', bytes: attributesOfAttributes(20_000) },
    { name: 'many-pickles.pkl', bytes: repeated('80024e2e', 300_000) },
    { name: 'many-pickles-and-a-call.pkl', bytes: Buffer.concat([repeated('80024e2e', 300_000), call]) },
    {
      name: 'many-broken-pickles.pkl',
      bytes: Buffer.concat([repeated('800252', 1), repeated('80024e2e800252', 100_000)]),
    },
    { name: 'arrays-that-read-as-opcodes.joblib', bytes: readableArrays(20_000) },
    {
      name: 'calls-of-calls.pkl',
      bytes: Buffer.concat([bytes('8002636d0a660a'), repeated('2952', 2_000_000), bytes('2e')]),
    },
    {
      name: 'made-values.pkl',
      bytes: Buffer.concat([bytes('8002636d0a660a710028'), repeated('68002952', 2_000_000), bytes('742e')]),
    },
    { name: 'states-of-states.pkl', bytes: statesOfStates(300_000) },
    {
      name: 'numbers-in-lines.txt',
      bytes: Buffer.concat([Buffer.from('(lp0\n'), repeated('4931323334350a61', 2_000_000)]),
    },
    {
      name: 'many-hidden-texts.pkl',
      bytes: Buffer.concat([bytes('8004'), repeated(hiddenText, 200_000), bytes('4e2e')]),
    },
    { name: 'pickles-in-pickles.pkl', bytes: nested(40, call, (inner) => assemblePickleWithBytes(inner)) },
    { name: 'long-frame.pkl', bytes: Buffer.concat([bytes('800495ffffffffffffff7f'), call.subarray(2)]) },
    { name: 'zips-in-zips.zip', bytes: nested(30, call, (inner) => buildZip([{ name: 'data.pkl', data: inner }])) },
    { name: 'gzips-in-gzips.pkl.gz', bytes: nested(30, call, (inner) => gzipSync(inner)) },
    { name: 'tars-in-tars.tar', bytes: nested(20, call, (inner) => tar([{ name: 'data.pkl', data: inner }])) },
    { name: 'bomb.zip', bytes: buildZip([{ name: 'data.pkl', data: Buffer.alloc(64 << 20), method: 8 }]) },
    { name: 'bomb.pkl.gz', bytes: gzipSync(Buffer.alloc(64 << 20)) },
    { name: 'bomb.joblib', bytes: deflateSync(Buffer.alloc(64 << 20)) },
    {
      name: 'bomb-in-bomb.zip',
      bytes: buildZip([
        { name: 'a.zip', data: buildZip([{ name: 'b', data: Buffer.alloc(64 << 20), method: 8 }]), method: 8 },
      ]),
    },
    { name: 'overlapping-entries.zip', bytes: overlapping(400) },
    { name: 'itself.zip', bytes: quine() },
    {
      name: 'many-entries.zip',
      bytes: buildZip(Array.from({ length: 2000 }, (_, index) => ({ name: `${index}`, data: 'x' }))),
    },
    {
      name: 'many-pickles.zip',
      bytes: buildZip(Array.from({ length: 20_000 }, (_, index) => ({ name: `${index}.pkl`, data: call }))),
    },
    {
      name: 'many-members.tar',
      bytes: tar(Array.from({ length: 2000 }, (_, index) => ({ name: `${index}`, data: Buffer.from('x') }))),
    },
    { name: 'deep-header.safetensors', bytes: withHeader(`{"a":${'['.repeat(200_000)}`) },
    { name: 'many-tensors.safetensors', bytes: withHeader(manyTensors(50_000)) },
    {
      name: 'long-header.npy',
      bytes: Buffer.concat([Buffer.from('\x93NUMPY\x03\x00', 'latin1'), bytes('ffffffff'), Buffer.from("{'descr'")]),
    },
    { name: 'deep-header.npy', bytes: npy(`<f4', 'x': ${'('.repeat(60)}'`, Buffer.alloc(0)) },
  ];
}

/** Those in which a command stands within reach of the limits, so that nothing but an error will do. */
export const mustBeError = new Set([
  'huge-memo-index.pkl',
  'long-frame.pkl',
  'overlapping-entries.zip',
  'many-pickles-and-a-call.pkl',
]);

/** Those that are told as not fully inspected, whatever else is said of them. */
export const mustBeIncomplete = new Set([
  'many-broken-pickles.pkl',
  'arrays-that-read-as-opcodes.joblib',
  'made-values.pkl',
  'many-hidden-texts.pkl',
]);

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

function repeated(hex: string, times: number): Buffer {
  const one = bytes(hex);
  return Buffer.alloc(one.length * times, one);
}

/** A text of forty hexadecimal digits that stand for four pickles. */
const hiddenText = `5828000000${Buffer.from('80024e2e'.repeat(5)).toString('hex')}30`;

/** joblib's arrays whose bytes are opcodes: a plain unpickler would read on from each of them to the end of the file. */
function readableArrays(count: number): Uint8Array {
  const one = assemblePickle(
    [
      'GLOBAL joblib.numpy_pickle NumpyArrayWrapper',
      ...['EMPTY_TUPLE', 'NEWOBJ', 'EMPTY_DICT', 'MARK'],
      ...["BINUNICODE 'shape'", 'BININT1 4', 'TUPLE1'],
      ...["BINUNICODE 'dtype'", 'GLOBAL numpy dtype', "BINUNICODE 'u1'", 'TUPLE1', 'REDUCE'],
      ...['SETITEMS', 'BUILD', 'RAW hex:4e4e4e4e'],
    ].join('\n'),
  );
  return Buffer.concat([bytes('800328'), Buffer.alloc(one.length * count, one), bytes('742e')]);
}

/** Objects, each with the one before as its state. */
function statesOfStates(count: number): Uint8Array {
  const begin = bytes('8002636d0a660a710029527101');
  return Buffer.concat([
    begin,
    repeated('680029527102' + '7d580100000061680173' + '6230' + '68027101', count),
    bytes('2e'),
  ]);
}

/** Thirty lists, each of ten times the one before: 10^30 elements, if someone were to write them out. */
function laughs(get: string): string {
  const lines = ['PROTO 2', "BINUNICODE 'lol'", 'BINPUT 0', 'POP'];
  for (let level = 1; level <= 30; level++) {
    lines.push(
      'EMPTY_LIST',
      `BINPUT ${level}`,
      'MARK',
      ...Array<string>(10).fill(`${get} ${level - 1}`),
      'APPENDS',
      'POP',
    );
  }
  return [...lines, 'BINGET 30', 'STOP'].join('\n');
}

function laughsByDup(): string {
  return ['PROTO 2', "BINUNICODE 'lol'", ...Array<string>(200).fill('DUP\nTUPLE2'), 'STOP'].join('\n');
}

function laughsInTuples(): string {
  return ['PROTO 4', "SHORT_BINUNICODE 'lol'", ...Array<string>(100).fill('MEMOIZE\nDUP\nDUP\nTUPLE3'), 'STOP'].join(
    '\n',
  );
}

/** `getattr(getattr(... os.path, 'join' ...), 'join')`: of each attribute the next one, and so names that grow. */
function attributesOfAttributes(depth: number): Uint8Array {
  const parts = [
    '\x80\x04',
    'cbuiltins\ngetattr\n'.repeat(depth),
    'cos\npath\n',
    '\x8c\x04join\x86R'.repeat(depth),
    '.',
  ];
  return Buffer.from(parts.join(''), 'latin1');
}

function manyImports(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => `GLOBAL m${index} f${index}\nPOP`);
  return `PROTO 2\n${lines.join('\n')}\nNONE\nSTOP`;
}

function assemblePickleWithBytes(inner: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(inner.length);
  return Buffer.concat([bytes('800342'), length, inner, bytes('2e')]);
}

function nested(depth: number, core: Uint8Array, wrap: (inner: Uint8Array) => Uint8Array): Uint8Array {
  let result = core;
  for (let level = 0; level < depth; level++) result = wrap(result);
  return result;
}

/** A central directory in which every entry is the one member that there is (Fifield, "A better zip bomb", 2019). */
function overlapping(count: number): Uint8Array {
  const one = Buffer.from(buildZip([{ name: 'a.pkl', data: Buffer.concat([call, Buffer.alloc(1 << 20)]), method: 8 }]));
  const end = one.length - 22;
  const directory = one.readUInt32LE(end + 16);
  const entry = one.subarray(directory, end);
  const tail = Buffer.from(one.subarray(end));
  tail.writeUInt16LE(count, 8);
  tail.writeUInt16LE(count, 10);
  tail.writeUInt32LE(entry.length * count, 12);
  return Buffer.concat([one.subarray(0, directory), ...Array<Buffer>(count).fill(entry), tail]);
}

/** An archive whose member's bytes are the rest of the archive, end record included: a reader that descends goes round. */
function quine(): Uint8Array {
  const name = 'itself.zip';
  const build = (size: number): Uint8Array => {
    const claim = { size, compressedSize: size };
    return buildZip([{ name, data: '', central: claim, local: claim }]);
  };
  return build(build(0).length - 30 - name.length);
}

function withHeader(header: string): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(16)]);
}

function manyTensors(count: number): string {
  const entries = Array.from(
    { length: count },
    (_, index) => `"t${index}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
  );
  return `{${entries.join(',')}}`;
}
