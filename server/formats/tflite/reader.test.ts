import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readExecutorch } from '../executorch/reader.ts';
import { buildFlatbuffer, type BuildTable } from '../flatbuffer/flatbufferBuilder.fixture.ts';
import type { GraphFacts } from '../graph/facts.ts';
import { identify } from '../identify.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import { readTflite } from './reader.ts';

const model = (more: BuildTable = {}): BuildTable => ({
  0: { int32: 3 },
  1: {
    tables: [
      { 0: { int8: 9 }, 3: { int32: 9 } },
      { 0: { int8: 32 }, 1: 'EvilOp', 3: { int32: 32 } },
      { 0: { int8: 32 }, 1: 'FlexReadFile' },
      { 0: { int8: 127 }, 3: { int32: 150 } },
    ],
  },
  2: {
    tables: [
      {
        0: { tables: [{ 0: { int32s: [2, 3] }, 1: { int8: 0 }, 2: { int32: 1 }, 3: 'weights' }] },
        3: { tables: [{}, { 0: { int32: 1 } }, { 0: { int32: 2 } }, { 0: { int32: 3 } }, { 0: { int32: 0 } }] },
        4: 'main',
      },
    ],
  },
  3: 'a model',
  4: { tables: [{}, { 0: { bytes: new Uint8Array(24) } }] },
  6: { tables: [{ 0: 'TFLITE_METADATA', 1: { int32: 1 } }] },
  ...more,
});

const read = (table: BuildTable) => {
  const { parts, problems } = record(readTflite, buildFlatbuffer(table, 'TFL3'));
  return { facts: parts[0] as GraphFacts, problems };
};

describe('the TensorFlow Lite reader', () => {
  it('tells operators by name, custom and Flex ones apart, and tensors', () => {
    const { facts, problems } = read(model());
    assert.deepEqual(problems, []);
    assert.deepEqual(
      facts.operators.map(({ domain, name, count, where }) => [domain, name, count, where]),
      [
        ['', 'FULLY_CONNECTED', 2, 'main'],
        ['custom', 'EvilOp', 1, 'main'],
        ['Flex', 'ReadFile', 1, 'main'],
        ['', 'GELU', 1, 'main'],
      ],
    );
    const [tensor] = facts.tensors;
    assert.deepEqual([tensor?.name, tensor?.dtype, tensor?.shape, tensor?.bytes], ['weights', 'F32', [2, 3], 24]);
    assert.deepEqual(facts.metadata, { TFLITE_METADATA: 'buffer 1' });
    assert.deepEqual(facts.properties, { 'schema version': '3', description: 'a model' });
  });

  it('is recognised by its identifier', () => {
    assert.deepEqual(identify(new MemorySource(buildFlatbuffer(model(), 'TFL3')), 'weights.bin'), ['tflite']);
  });

  it('tells what leads out of the file, and what stood before it', () => {
    const outside = read(model({ 4: { tables: [{ 1: { uint64: 1 << 20 }, 2: { uint64: 2 ** 40 } }] } }));
    assert.deepEqual(
      outside.problems.map(({ code, message, incomplete }) => [code, message, incomplete]),
      [['malformed', 'a buffer goes beyond the end of the file', true]],
    );
    const wrongCode = read(model({ 2: { tables: [{ 3: { tables: [{ 0: { int32: 1 } }, { 0: { int32: 99 } }] } }] } }));
    assert.deepEqual(
      wrongCode.facts.operators.map(({ name }) => name),
      ['EvilOp'],
    );
    assert.equal(wrongCode.problems.length, 1);
  });

  it('ends with the budget when a million entries name one table', () => {
    const bytes = buildFlatbuffer(model(), 'TFL3');
    const { problems, budget } = record(readTflite, bytes, { opcodes: 3 });
    assert.deepEqual([budget.opcodes, problems.map(({ code }) => code)], [0, ['limit-opcodes']]);
  });

  it('never throws on damaged files, and gives facts all the same', () => {
    const bytes = buildFlatbuffer(model(), 'TFL3');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(bytes.length),
        (changes, length) => {
          const damaged = Uint8Array.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          for (const reader of [readTflite, readExecutorch])
            assert.equal(record(reader, damaged.subarray(0, length), { opcodes: 10_000 }).parts.length, 1);
        },
      ),
    );
  });
});

describe('the ExecuTorch reader', () => {
  it('tells operators by namespace, and delegates', () => {
    const program: BuildTable = {
      0: { int32: 0 },
      1: {
        tables: [
          {
            0: 'forward',
            6: { tables: [{ 0: 'aten::add', 1: 'out' }, { 0: 'mine::op' }] },
            7: { tables: [{ 0: 'XnnpackBackend' }] },
          },
        ],
      },
    };
    const bytes = buildFlatbuffer(program, 'ET12');
    assert.deepEqual(identify(new MemorySource(bytes), 'x'), ['executorch']);
    const facts = record(readExecutorch, bytes).parts[0] as GraphFacts;
    assert.deepEqual(
      facts.operators.map(({ domain, name, where }) => [domain, name, where]),
      [
        ['aten', 'add.out', 'forward'],
        ['mine', 'op', 'forward'],
        ['delegate', 'XnnpackBackend', 'forward'],
      ],
    );
  });
});
