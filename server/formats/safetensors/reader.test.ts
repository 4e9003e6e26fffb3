import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { SafetensorsFacts } from '../facts.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import { parseSafetensorsHeader, readSafetensors } from './reader.ts';

function file(header: string | Buffer, data: number | string = 0, length?: bigint): Uint8Array {
  const json = Buffer.from(header as string);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  const body = typeof data === 'number' ? Buffer.alloc(data) : Buffer.from(data);
  return new Uint8Array(Buffer.concat([prefix, json, body]));
}

const tensor = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const read = (bytes: Uint8Array) => {
  const recording = record(readSafetensors, bytes);
  const facts = recording.parts[0] as SafetensorsFacts;
  return {
    facts,
    codes: facts.violations.map((violation) => violation.code),
    problems: recording.problems.map((problem) => problem.code),
    members: recording.members.map((member) => [member.name, Buffer.from(member.bytes).toString('latin1')]),
  };
};

describe('a safetensors file', () => {
  it('says what it holds', () => {
    const header = JSON.stringify({
      __metadata__: { format: 'pt', __proto__: 'x', 'ü\n': '"\u{1f600}' },
      a: tensor('F32', [2, 3], 0, 24),
      b: tensor('BF16', [], 24, 26),
      c: tensor('F4', [3, 2], 26, 29),
      dé: tensor('F6_E2M3', [4], 29, 32),
      none: tensor('I64', [0, 7], 32, 32),
    });
    const { facts, codes, problems } = read(file(`${header}   `, 32));
    assert.deepEqual([codes, problems], [[], []]);
    assert.equal(facts.headerBytes, Buffer.byteLength(header) + 3);
    assert.deepEqual(facts.metadata, { format: 'pt', 'ü\n': '"😀' });
    assert.equal(facts.tensorCount, 5);
    const data = 8 + facts.headerBytes;
    assert.deepEqual(facts.tensors, [
      { name: 'a', dtype: 'F32', shape: [2, 3], bytes: 24, offset: data },
      { name: 'b', dtype: 'BF16', shape: [], bytes: 2, offset: data + 24 },
      { name: 'c', dtype: 'F4', shape: [3, 2], bytes: 3, offset: data + 26 },
      { name: 'dé', dtype: 'F6_E2M3', shape: [4], bytes: 3, offset: data + 29 },
      { name: 'none', dtype: 'I64', shape: [0, 7], bytes: 0, offset: data + 32 },
    ]);
  });

  it('may list its tensors in any order', () => {
    const { codes } = read(file(JSON.stringify({ b: tensor('U8', [2], 3, 5), a: tensor('U8', [3], 0, 3) }), 5));
    assert.deepEqual(codes, []);
  });

  it('may be empty, and may have a metadata of null', () => {
    assert.deepEqual(read(file('{}')).codes, []);
    assert.deepEqual(read(file('{"__metadata__":null}')).codes, []);
  });

  it('is re-read with the places of its tensors', () => {
    const bytes = file(JSON.stringify({ a: tensor('U8', [2], 0, 2), b: tensor('U8', [1], 2, 3) }), 3);
    const header = parseSafetensorsHeader(new MemorySource(bytes));
    assert.equal(header.dataStart, bytes.length - 3);
    assert.deepEqual(
      header.tensors.map(({ name, begin, end }) => [name, begin, end]),
      [
        ['a', 0, 2],
        ['b', 2, 3],
      ],
    );
  });
});

/** The breach, a header (or a whole file), bytes of data, and the text whose offset is told. */
const breaches: [string, string, number, string][] = [
  ['dtype', '{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}', 4, '"F33"'],
  ['size-mismatch', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4, '[0,4]'],
  ['size-mismatch', '{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}', 2, '[3]'],
  ['shape-overflow', '{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}', 4, '[4294967296'],
  ['shape-overflow', '{"a":{"dtype":"F32","shape":[18446744073709551615,0],"data_offsets":[0,4]}}', 4, '[18446'],
  ['tensor-info', '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4, '[-1]'],
  ['tensor-info', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}', 4, '1}}'],
  ['offsets', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', 4, '[4,0]'],
  ['offsets', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4, '[0,4,8]'],
  ['hole', '{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}', 4, '[2,4]'],
  [
    'overlap',
    '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
    4,
    '[2,4]',
  ],
  ['metadata-not-string', '{"__metadata__":{"a":1}}', 0, '1}}'],
  ['metadata-not-string', '{"__metadata__":[]}', 0, '[]'],
  ['duplicate-key', '{"__metadata__":{"a":"1","a":"2"}}', 0, '"a":"2"'],
  [
    'duplicate-key',
    '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
    0,
    '"\\u0061"',
  ],
  ['duplicate-key', '{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0, '"dtype":"U8","shape'],
  ['header-json', '{"a":nope}', 0, 'nope'],
  ['header-json', '{} x', 0, 'x'],
  ['header-json', '{"a":{},}', 0, '}'],
  ['header-start', ' {}', 0, ' '],
];

describe('a breach of the format', () => {
  for (const [code, header, data, token] of breaches) {
    it(`${code}: ${header.slice(0, 90)}`, () => {
      const bytes = file(header, data);
      const { facts } = read(bytes);
      const found = facts.violations.find((violation) => violation.code === code);
      assert.ok(found, JSON.stringify(facts.violations));
      const at = header === '{"a":{},}' ? header.length - 1 : header.lastIndexOf(token);
      assert.equal(found.offset - 8, at, JSON.stringify(found));
    });
  }

  it('names no more than there is', () => {
    const single = breaches.filter(
      ([code]) => !['header-json', 'tensor-info', 'duplicate-key', 'offsets'].includes(code),
    );
    for (const [code, header, data] of single) assert.deepEqual(read(file(header, data)).codes, [code], header);
  });

  it('may be in the length of the header', () => {
    assert.deepEqual(read(new Uint8Array(7)).codes, ['header-too-small']);
    assert.deepEqual(read(file('{}', 0, 1n)).codes, ['header-too-small']);
    assert.deepEqual(read(file('{}', 0, 3n)).codes, ['header-length']);
    assert.deepEqual(read(file('{}', 0, 100_000_001n)).codes, ['header-too-large']);
    assert.deepEqual(read(file('{}', 0, 2n ** 64n - 1n)).codes, ['header-too-large']);
  });

  it('may be in its encoding', () => {
    const bad = Buffer.concat([Buffer.from('{"'), Buffer.from([0xff, 0xfe]), Buffer.from('":{}}')]);
    assert.deepEqual(read(file(bad)).codes, ['header-encoding']);
    assert.deepEqual(read(file('{"\\ud800":{}}')).codes, ['header-json']);
  });

  it('may be bytes after the last tensor, which are inspected', () => {
    const { codes, members } = read(file('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}', 'abcos\nsystem\n'));
    assert.deepEqual(codes, ['trailing-bytes']);
    assert.deepEqual(members, [['(after the tensors)', 'cos\nsystem\n']]);
  });

  it('may be an end before the last tensor', () => {
    const { codes, problems } = read(file('{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}', 5));
    assert.deepEqual([codes, problems], [[], ['truncated']]);
  });
});

describe('limits', () => {
  it('keeps a bounded number of tensors and violations, and counts all', () => {
    const count = 100_010;
    const described = JSON.stringify(tensor('X', [0], 0, 0));
    const header = `{${Array.from({ length: count }, (_, index) => `"t${index}":${described}`).join(',')}}`;
    const { facts } = read(file(header));
    assert.equal(facts.tensorCount, count);
    assert.equal(facts.tensors.length, 100_000);
    assert.equal(facts.violations.length, 1_000);
  });

  it('goes no deeper than the reference does', () => {
    assert.deepEqual(read(file(`{"a":${'['.repeat(5000)}`)).codes, ['tensor-info', 'header-json']);
  });

  it('never throws, whatever the bytes', () => {
    const valid = file(
      JSON.stringify({ __metadata__: { a: 'b' }, t: tensor('F32', [2], 0, 8), u: tensor('U8', [1], 8, 9) }),
      9,
    );
    const change = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(change, fc.nat(valid.length), (changes, length) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        record(readSafetensors, bytes);
        record(readSafetensors, bytes.subarray(0, length));
      }),
      { numRuns: 400 },
    );
    fc.assert(fc.property(fc.json(), (json) => void record(readSafetensors, file(json))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void record(readSafetensors, file(Buffer.from(bytes)))));
  });

  it('reads JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), (metadata) => {
        const header = JSON.stringify({ __metadata__: metadata });
        const { facts, codes } = read(file(header));
        assert.deepEqual(codes, []);
        assert.deepEqual(facts.metadata, (JSON.parse(header) as { __metadata__: unknown }).__metadata__);
      }),
    );
  });
});

const corpus = fileURLToPath(new URL('../../../../shared/data/model-files/safetensors/', import.meta.url));
if (existsSync(corpus)) {
  describe('the corpus', () => {
    const expected: Record<string, string> = {
      'bad_dtype.safetensors': 'dtype',
      'dup_keys.safetensors': 'duplicate-key',
      'header_len_huge.safetensors': 'header',
      'header_len_over_100mb.safetensors': 'header-too-large',
      'leading_space.safetensors': 'header-start',
      'not_json.safetensors': 'header-json',
      'shape_overflow.safetensors': 'shape-overflow',
      'size_mismatch.safetensors': 'size-mismatch',
    };
    for (const name of readdirSync(corpus)) {
      it(name, () => {
        const { codes } = read(new Uint8Array(readFileSync(`${corpus}${name}`)));
        assert.ok(
          codes.some((code) => code.startsWith(expected[name] ?? '')),
          codes.join(),
        );
      });
    }
  });
}
