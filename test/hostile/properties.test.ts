import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { buildZip, type BuildEntry } from '../../server/formats/zip/zipBuilder.fixture.ts';
import { judgeBytes } from './judgeBytes.ts';
import { dangerousListings } from './subjects.ts';

const runs = process.env['WEIGHBRIDGE_TEST_FULL'] === '1' ? 20_000 : 1500;
/** The same cases on every run; fast-check prints what is needed to repeat a failure. */
const settings = { numRuns: runs, seed: 20_240_229 };

const heads = [
  '',
  '8002',
  '800495',
  '504b0304',
  '934e554d50590100',
  '1f8b08',
  '789c',
  '425a6839',
  'fd377a585a00',
  '5d0000',
  '28',
];
const names = [
  'model.pkl',
  'model.pt',
  'model.bin',
  'x.npy',
  'x.npz',
  'x.joblib',
  'x.safetensors',
  'x.tar',
  'x.txt',
  '',
];

test('any bytes: no reader or rule throws, and the same bytes give the same result', () => {
  const bytes = fc
    .tuple(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 600 }))
    .map(([head, tail]) => Buffer.concat([Buffer.from(head, 'hex'), tail]));
  fc.assert(
    fc.property(bytes, fc.constantFrom(...names), (content, name) => {
      assert.deepEqual(judgeBytes(name, content), judgeBytes(name, content));
    }),
    settings,
  );
});

const number = (limit: number): fc.Arbitrary<string> => fc.nat(limit).map(String);
const word = fc.constantFrom('os', 'system', 'torch', 'collections', 'OrderedDict', 'a.b', '', 'é');

/** One opcode with a well-formed argument. */
const opcode = fc.oneof(
  fc.constantFrom(
    ...[
      'NONE',
      'NEWTRUE',
      'EMPTY_LIST',
      'EMPTY_TUPLE',
      'EMPTY_DICT',
      'EMPTY_SET',
      'MARK',
      'POP',
      'POP_MARK',
      'DUP',
      'TUPLE',
    ],
    ...[
      'TUPLE1',
      'TUPLE2',
      'TUPLE3',
      'LIST',
      'DICT',
      'APPEND',
      'APPENDS',
      'SETITEM',
      'SETITEMS',
      'ADDITEMS',
      'FROZENSET',
    ],
    ...['STACK_GLOBAL', 'REDUCE', 'BUILD', 'OBJ', 'NEWOBJ', 'NEWOBJ_EX', 'MEMOIZE', 'BINPERSID', 'STOP', 'NEXT_BUFFER'],
  ),
  fc
    .tuple(fc.constantFrom('BININT1', 'BINPUT', 'BINGET', 'EXT1', 'PROTO'), number(255))
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('BININT', 'LONG_BINPUT', 'LONG_BINGET', 'EXT4'), number(70_000))
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('SHORT_BINUNICODE', 'BINUNICODE', 'UNICODE'), word)
    .map(([name, text]) => `${name} '${text}'`),
  fc.tuple(fc.constantFrom('GLOBAL', 'INST'), word, word).map(([name, a, b]) => `${name} '${a}' '${b}'`),
  number(1 << 20).map((length) => `FRAME ${length}`),
);

test('any sequence of opcodes: the machine follows it to an end, and twice to the same', () => {
  fc.assert(
    fc.property(fc.array(opcode, { maxLength: 60 }), fc.boolean(), (lines, stop) => {
      const pickle = assemblePickle(['PROTO 4', ...lines, ...(stop ? ['STOP'] : [])].join('\n'));
      assert.deepEqual(judgeBytes('model.pkl', pickle), judgeBytes('model.pkl', pickle));
    }),
    settings,
  );
});

/** Opcodes that a loader survives in any order, and that leave values behind. */
const filler = fc.constantFrom(
  ...[
    'NONE',
    'EMPTY_DICT',
    'EMPTY_LIST',
    'BININT1 7',
    "BINUNICODE 'os'",
    "SHORT_BINUNICODE 'system'",
    'NONE\nMEMOIZE',
    'MARK',
  ],
  ...[
    'GLOBAL collections OrderedDict',
    'NONE\nPOP',
    "BINUNICODE 'x'\nTUPLE1",
    'MARK\nNONE\nNONE\nTUPLE',
    'NEWTRUE\nDUP\nPOP',
  ],
);

test('a dangerous call is an error, whatever stands around it', () => {
  const [listings, tail] = [Object.values(dangerousListings), fc.uint8Array({ maxLength: 80 })];
  const before = fc.array(filler, { maxLength: 20 });
  fc.assert(
    fc.property(before, fc.constantFrom(...listings), tail, (lines, listing, rest) => {
      const body = listing.split('\n').filter((line) => !/^(PROTO|FRAME|STOP)/.test(line));
      // The memo's indices must stay the call's own.
      const memo = body.some((line) => /^(MEMOIZE|BINGET)/.test(line));
      const prefix = memo ? lines.map((line) => (line.endsWith('MEMOIZE') ? 'NONE' : line)) : lines;
      const pickle = assemblePickle(['PROTO 4', ...prefix, 'NONE', 'POP', ...body].join('\n'));
      const { findings } = judgeBytes('model.pkl', Buffer.concat([pickle, rest]));
      assert.ok(
        findings.some(({ severity }) => severity === 'error'),
        JSON.stringify(findings),
      );
    }),
    settings,
  );
});

test('a dangerous pickle in an archive is found, or the archive is called suspicious, whatever its headers claim', () => {
  const data = assemblePickle(dangerousListings['protocol 4'] ?? '');
  const claims = fc.record(
    {
      name: fc.constantFrom('data.pkl', '../data.pkl', 'DATA.PKL', 'notes.txt', '', '/'),
      method: fc.constantFrom(0, 8, 9, 14, 99),
      flags: fc.constantFrom(0, 1, 8, 0x800, 0x809, 0x2000),
      crc: fc.nat(),
      compressedSize: fc.constantFrom(0, 1, data.length - 1, data.length + 9, 0x7fffffff, 0xffffffff),
      size: fc.constantFrom(0, 1, data.length - 1, data.length + 9, 0x7fffffff, 0xffffffff),
    },
    { requiredKeys: [] },
  );
  const entry: fc.Arbitrary<BuildEntry> = fc
    .record({
      name: fc.constantFrom('archive/data.pkl', 'data.pkl', 'weights', 'a/b/c.txt'),
      method: fc.constantFrom(0, 8),
      flags: fc.constantFrom(0, 8, 0x800, 0x808),
      central: claims,
      local: claims,
    })
    .map((fields) => ({ ...fields, data }));
  const around = fc.record(
    {
      noEndRecord: fc.boolean(),
      noCentralDirectory: fc.boolean(),
      zip64: fc.boolean(),
      suffix: fc.uint8Array({ maxLength: 40 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(entry, around, fc.constantFrom('model.pt', 'model.zip', 'model.bin'), (member, options, name) => {
      const harmless = { name: 'archive/version', data: '3\n' };
      const { findings } = judgeBytes(name, buildZip([harmless, member, harmless], options));
      assert.ok(
        findings.some(({ severity }) => severity !== 'info'),
        JSON.stringify(findings),
      );
    }),
    settings,
  );
});
