import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ReadProblem } from '../facts.ts';
import { Budget, defaultLimits, type Limits } from '../limits.ts';
import { MemorySource } from '../source.ts';
import { buildProtobuf, varint, type BuildField } from './protobufBuilder.fixture.ts';
import { protobufFormat } from './shape.ts';
import { ProtobufWalk } from './walk.ts';

function walk(bytes: Uint8Array, limits: Partial<Limits> = {}) {
  const problems: Omit<ReadProblem, 'entry'>[] = [];
  const budget = new Budget({ ...defaultLimits, ...limits });
  return {
    problems,
    budget,
    walk: new ProtobufWalk(new MemorySource(bytes), { budget, problem: (p) => problems.push(p) }),
  };
}

function fieldsOf(bytes: Uint8Array, limits: Partial<Limits> = {}) {
  const run = walk(bytes, limits);
  const fields: number[] = [];
  for (const cursor = run.walk.message(); cursor.next();) fields.push(cursor.field);
  return { ...run, fields };
}

describe('a walk over a protobuf message', () => {
  it('gives fields with their places, without reading payloads', () => {
    const bytes = buildProtobuf([
      [1, 300],
      [2, 'hello'],
      [3, [[1, -1]]],
    ]);
    const cursor = walk(bytes).walk.message();
    assert.ok(cursor.next());
    assert.deepEqual([cursor.field, cursor.value, cursor.offset], [1, 300, 0]);
    assert.ok(cursor.next());
    assert.deepEqual([cursor.text(), cursor.text(4), cursor.start, cursor.length], ['hello', 'hell', 5, 5]);
    assert.ok(cursor.next());
    const inner = cursor.nested();
    assert.ok(inner.next());
    assert.equal(inner.signed, -1);
    assert.equal(inner.next(), false);
    assert.equal(cursor.next(), false);
  });

  it('reads repeated numbers, packed and not', () => {
    const packed = Buffer.concat([varint(1), varint(-5), varint(300)]);
    const cursor = walk(
      buildProtobuf([
        [1, new Uint8Array(packed)],
        [1, 7],
      ]),
    ).walk.message();
    cursor.next();
    assert.deepEqual(cursor.numbers(10), [1, -5, 300]);
    assert.deepEqual(cursor.numbers(2), [1, -5]);
    cursor.next();
    assert.deepEqual(cursor.numbers(10), [7]);
  });

  it('accepts what parsers accept: overlong numbers, and groups of unknown fields', () => {
    const overlong = new Uint8Array([0x88, 0x80, 0x00, 0x05]);
    assert.deepEqual(fieldsOf(overlong).fields, [1]);
    // Field 5 begins a group with field 1 and a group inside it; field 2 follows.
    const group = new Uint8Array([0x2b, 0x08, 0x01, 0x33, 0x34, 0x2c, 0x10, 0x01]);
    assert.deepEqual(fieldsOf(group).fields, [2]);
    assert.deepEqual(fieldsOf(group).problems, []);
  });

  it('tells the first breach, with its place, and what stood before it', () => {
    const cases: [bytes: number[], message: RegExp][] = [
      [[0x08, 0x01, 0x12, 0x05, 0x00], /goes beyond its end/],
      [[0x08, 0x01, 0x10], /a number that does not end/],
      [[0x08, 0x01, 0x80], /ends inside the number of a field/],
      [[0x08, 0x01, 0x17], /unknown kind/],
      [[0x08, 0x01, 0x02, 0x01, 0x00], /impossible number/],
      [[0x08, 0x01, 0x2c], /end of a group/],
      [[0x08, 0x01, 0x2b, 0x08, 0x01], /group that does not end/],
    ];
    for (const [bytes, message] of cases) {
      const { fields, problems } = fieldsOf(new Uint8Array(bytes));
      assert.deepEqual(fields, [1]);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!.message, message);
      assert.ok(problems[0]!.incomplete);
    }
  });

  it('ends with the budget, and says so once', () => {
    const bytes = buildProtobuf(Array.from({ length: 100 }, (): BuildField => [1, 1]));
    const { fields, problems, budget } = fieldsOf(bytes, { opcodes: 10 });
    assert.deepEqual([fields.length, budget.opcodes, problems.map(({ code }) => code)], [10, 0, ['limit-opcodes']]);
  });

  it('does not follow messages deeper than parsers do', () => {
    let bytes = new Uint8Array(0);
    for (let depth = 0; depth < 200; depth++) bytes = new Uint8Array(buildProtobuf([[1, bytes]]));
    const { walk: run, problems } = walk(bytes);
    let depth = 0;
    for (let cursor = run.message(); cursor.next(); cursor = cursor.nested()) depth++;
    assert.equal(depth, 101);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['limit-depth'],
    );
  });

  it('never throws, and never takes more steps than there are bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { walk: run, budget } = walk(bytes);
        const open = [run.message()];
        for (let cursor = open.pop(); cursor; cursor = open.pop())
          while (cursor.next()) {
            cursor.text();
            cursor.numbers(5);
            if (cursor.delimited && open.length < 5) open.push(cursor.nested());
          }
        assert.ok(defaultLimits.opcodes - budget.opcodes <= bytes.length * 100);
        protobufFormat(new MemorySource(bytes), false);
      }),
    );
  });
});

describe('protobufFormat', () => {
  const format = (fields: BuildField[], proofOnly = true) =>
    protobufFormat(new MemorySource(buildProtobuf(fields)), proofOnly);
  const node: BuildField[] = [
    [1, 'x'],
    [2, 'MatMul'],
  ];
  const graph: BuildField[] = [[1, node]];

  it('is proven by a node', () => {
    assert.equal(format([[7, [[1, [[4, 'Relu']]]]]]), 'onnx');
    assert.equal(format(graph), 'tf-graph');
    assert.equal(format([[2, [[1, [[3, node]]]]]]), 'tf-graph');
    assert.equal(format([[2, graph]]), 'tf-meta-graph');
    assert.equal(format([[2, [[2, graph]]]]), 'tf-saved-model');
    assert.equal(format([[1, [[1, 0], [2, -1], [4, [[3, 'relu']]]]]]), 'paddle'); // prettier-ignore
    assert.equal(format([[1, [[2, 0], [4, '_tf_keras_layer'], [5, '{}']]]]), 'keras-metadata'); // prettier-ignore
  });

  it('is not hidden by unknown fields in front, nor by text', () => {
    const noise = Array.from({ length: 200 }, (): BuildField => [90, 'plain words '.repeat(10)]);
    assert.equal(format([...noise, [1, node]]), 'tf-graph');
    assert.equal(format([...noise, [2, [[2, graph]]]]), 'tf-saved-model');
    assert.equal(format([...noise, [7, [[1, [[4, 'Relu']]]]]]), 'onnx');
  });

  it('is found behind ten thousand tensors', () => {
    const tensors = Array.from({ length: 10_000 }, (): BuildField => [5, [[2, 1]]]);
    assert.equal(format([[7, [...tensors, [1, [[4, 'Relu']]]]]]), 'onnx');
  });

  it('takes a model without nodes for one only where it cannot be text', () => {
    assert.equal(format([[1, 8], [7, []]], false), 'onnx'); // prettier-ignore
    assert.equal(format([[1, 8], [7, []]]), null); // prettier-ignore
    assert.equal(format([[1, 1], [2, []]], false), 'tf-saved-model'); // prettier-ignore
    assert.equal(format([[1, 8]], false), null);
  });

  it('does not take a graph of MediaPipe for one of TensorFlow', () => {
    assert.equal(format([[1, [[2, 'FlowLimiterCalculator'], [3, 'image']]], [10, 'image']]), null); // prettier-ignore
  });

  it('does not take texts for models', () => {
    for (const text of [
      '\nname,age\nAnn,41\n',
      '# Title\n\nWords.\n',
      '{"a": [1, 2]}',
      'import os\n',
      '\n\tindented\n',
    ])
      assert.equal(protobufFormat(new MemorySource(Buffer.from(text)), true), null);
  });
});
