import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PartFacts } from '../facts.ts';
import { record } from '../recordingContext.fixture.ts';
import { readGgml } from './ggml.ts';

const u32 = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value);
      return bytes;
    }),
  );

interface Build {
  magic: string;
  version?: number;
  parameters: number[];
  words?: string[];
  scores?: boolean;
  tensors?: [name: string, type: number, shape: number[], bytes: number][];
  aligned?: boolean;
}

function build({
  magic,
  version,
  parameters,
  words = [],
  scores = false,
  tensors = [],
  aligned = false,
}: Build): Buffer {
  let bytes = Buffer.concat([
    Buffer.from(magic),
    ...(version === undefined ? [] : [u32(version)]),
    u32(...parameters),
    ...words.flatMap((word) => [u32(word.length), Buffer.from(word), ...(scores ? [Buffer.alloc(4)] : [])]),
  ]);
  for (const [name, type, shape, size] of tensors) {
    bytes = Buffer.concat([bytes, u32(shape.length, name.length, type, ...shape), Buffer.from(name)]);
    if (aligned) bytes = Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
    bytes = Buffer.concat([bytes, Buffer.alloc(size)]);
  }
  return bytes;
}

const llama = [2, 8, 1, 1, 1, 4, 0];
const weights: Build['tensors'] = [
  ['tok', 0, [4, 2], 32],
  ['q', 2, [32, 2], 40],
];
const newest: Build = {
  magic: 'tjgg',
  version: 3,
  parameters: llama,
  words: ['a', 'bc'],
  scores: true,
  tensors: [['q', 2, [32, 2], 36]],
  aligned: true,
};

const tensorsOf = (parts: readonly PartFacts[]): unknown[] =>
  parts.flatMap((part) =>
    part.kind === 'graph' ? part.tensors.map(({ name, dtype, shape }) => [name, dtype, shape]) : [part.kind],
  );

describe('GGML before GGUF', () => {
  it('is read in each of its layouts', () => {
    const both = [
      ['tok', 'F32', [2, 4]],
      ['q', 'Q4_0', [2, 32]],
    ];
    const old = build({ magic: 'lmgg', parameters: llama, words: ['a', 'bc'], tensors: weights });
    assert.deepEqual(tensorsOf(record(readGgml, old).parts), both);
    const scored = build({
      magic: 'fmgg',
      version: 1,
      parameters: llama,
      words: ['a', 'b'],
      scores: true,
      tensors: weights,
    });
    assert.deepEqual(tensorsOf(record(readGgml, scored).parts), both);
    assert.deepEqual(tensorsOf(record(readGgml, build(newest)).parts), [both[1]]);
    const adapter = build({ magic: 'algg', version: 1, parameters: [8, 16], tensors: weights, aligned: true });
    assert.deepEqual(tensorsOf(record(readGgml, adapter).parts), both);
  });

  it('is only recognised when the oldest number stands before another family', () => {
    const { parts, problems } = record(readGgml, build({ magic: 'lmgg', parameters: [51_865, 1_500, 384, 6, 4, 448] }));
    assert.deepEqual([parts.map(({ kind }) => kind), problems], [['unread'], []]);
  });

  it('is told when its counts and shapes are beyond the file', () => {
    const codes = (change: Partial<Build>): string[] =>
      record(readGgml, build({ ...newest, ...change })).problems.map(({ code }) => code);
    assert.deepEqual(codes({}), []);
    assert.deepEqual(codes({ version: 4 }), ['malformed']);
    assert.deepEqual(codes({ parameters: [0xffffffff, 8, 1, 1, 1, 4, 0] }), ['malformed']);
    assert.deepEqual(codes({ tensors: [['q', 2, [0xffffffff, 0xffffffff, 0xffffffff], 36]] }), ['truncated']);
    assert.deepEqual(codes({ tensors: [['q', 99, [32], 36]] }), ['malformed']);
  });

  it('ends on any bytes', () => {
    const bytes = build(newest);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const copy = Uint8Array.from(bytes);
        copy[at] = value;
        record(readGgml, copy);
        record(readGgml, copy.subarray(0, length));
      }),
    );
  });
});
