import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GraphFacts } from '../graph/facts.ts';
import { buildProtobuf, type BuildField } from '../protobuf/protobufBuilder.fixture.ts';
import { record } from '../recordingContext.fixture.ts';
import type { ByteSource } from '../source.ts';
import { readOnnx } from './reader.ts';

function read(fields: BuildField[]) {
  const recording = record(readOnnx, buildProtobuf(fields));
  return { facts: recording.parts[0] as GraphFacts, problems: recording.problems };
}

const pair = (key: string, value: string): BuildField[] => [
  [1, key],
  [2, value],
];
const external = (location: string, more: Record<string, string> = {}): BuildField[] => [
  [1, 4],
  [2, 1],
  [8, 'w'],
  [13, pair('location', location)],
  ...Object.entries(more).map(([key, value]): BuildField => [13, pair(key, value)]),
  [14, 1],
];
const node = (operator: string, attributes: BuildField[][] = [], domain = ''): BuildField[] => [
  [4, operator],
  ...attributes.map((attribute): BuildField => [5, attribute]),
  ...(domain === '' ? [] : [[7, domain] as BuildField]),
];
const tensorAttribute = (tensor: BuildField[]): BuildField[] => [
  [1, 'value'],
  [5, tensor],
];

describe('the ONNX reader', () => {
  it('tells producer, operator sets, metadata, operators and tensors', () => {
    const { facts, problems } = read([
      [1, 9],
      [2, 'pytorch'],
      [7, [
        [1, node('Relu')],
        [1, node('Relu')],
        [1, node('Scaler', [], 'ai.onnx.ml')],
        [1, node('Relu', [], 'ai.onnx')],
        [5, [[1, new Uint8Array([2, 3])], [2, 1], [8, 'weights'], [9, new Uint8Array(24)]]],
      ]],
      [8, [[2, 17]]],
      [8, [[1, 'ai.onnx.ml'], [2, 3]]],
      [14, pair('author', 'Ann')],
    ]); // prettier-ignore
    assert.deepEqual(problems, []);
    assert.deepEqual(facts.properties, {
      'IR version': '9',
      producer: 'pytorch',
      'operator set ai.onnx': '17',
      'operator set ai.onnx.ml': '3',
    });
    assert.deepEqual(facts.metadata, { author: 'Ann' });
    assert.deepEqual(
      facts.operators.map(({ domain, name, count }) => [domain, name, count]),
      [
        ['', 'Relu', 3],
        ['ai.onnx.ml', 'Scaler', 1],
      ],
    );
    const [tensor] = facts.tensors;
    assert.deepEqual([tensor?.name, tensor?.dtype, tensor?.shape, tensor?.bytes], ['weights', 'F32', [2, 3], 24]);
    assert.ok((tensor?.offset ?? 0) > 0);
  });

  it('finds external data wherever a tensor can stand', () => {
    const evil = external('../secret');
    const constant = node('Constant', [tensorAttribute(evil)]);
    const graph = (...fields: BuildField[]): BuildField[] => [[7, fields]];
    const withAttribute = (field: number, value: BuildField[]): BuildField => [1, node('Any', [[[field, value]]])];
    const places: Record<string, BuildField[]> = {
      initialiser: graph([5, evil]),
      'sparse values': graph([15, [[1, evil]]]),
      'sparse indices': graph([15, [[2, evil]]]),
      constant: graph([1, constant]),
      'list of tensors': graph(withAttribute(10, evil)),
      'sparse attribute': graph(withAttribute(22, [[1, evil]])),
      subgraph: graph(withAttribute(6, [[1, constant]])),
      'list of subgraphs': graph(withAttribute(11, [[5, evil]])),
      'nested subgraph': graph(withAttribute(6, [withAttribute(6, [[5, evil]])])),
      function: [[25, [[1, 'F'], [7, constant]]]],
      'default of a function': [[25, [[1, 'F'], [11, tensorAttribute(evil)]]]],
      training: [[20, [[1, [[5, evil]]]]]],
      'training step': [[20, [[2, [[5, evil]]]]]],
      'second graph': [[7, []], [7, [[5, evil]]]],
    }; // prettier-ignore
    for (const [place, fields] of Object.entries(places)) {
      const { references } = read([[1, 8], ...fields]).facts;
      assert.deepEqual(
        references.map(({ what, name }) => [what, name]),
        [['data', '../secret']],
        place,
      );
    }
  });

  it('counts tensors of one data file as one reference', () => {
    const { references } = read([
      [7, Array.from({ length: 50 }, (): BuildField => [5, external('weights.bin')])],
    ]).facts;
    assert.deepEqual(
      references.map(({ name, count, breach }) => [name, count, breach]),
      [['weights.bin', 50, undefined]],
    );
  });

  it('tells how long a data file has to be', () => {
    const end = (...places: Record<string, string>[]) =>
      read([[7, places.map((place): BuildField => [5, external('w.bin', place)])]]).facts.references[0]?.end;
    assert.equal(end({}), 16);
    assert.equal(end({ offset: '4096' }, { offset: '64', length: '16' }), 4112);
  });

  it('sees numbers and keys that cannot be right', () => {
    const breach = (location: string, more: Record<string, string>) =>
      read([[7, [[5, external(location, more)]]]]).facts.references[0]?.breach;
    assert.equal(breach('w.bin', { offset: '4096', length: '16', checksum: 'abc' }), undefined);
    assert.equal(breach('w.bin', { prepacked_0: 'key|0;16;abc' }), undefined);
    assert.match(breach('w.bin', { offset: '-1' }) ?? '', /offset is not a whole number/);
    assert.match(breach('w.bin', { length: '0x10' }) ?? '', /length is not a whole number/);
    assert.match(breach('w.bin', { offset: '9'.repeat(20) }) ?? '', /beyond any file/);
    assert.match(breach('w.bin', { length: '17' }) ?? '', /17 bytes, and its shape needs 16/);
    assert.match(breach('w.bin', { __class__: 'x' }) ?? '', /key "__class__"/);
    assert.match(breach('', {}) ?? '', /names no file/);
    assert.match(breach('a'.repeat(5_000), {}) ?? '', /longer than any path/);
  });

  it('takes each of two locations, since readers differ', () => {
    const { references } = read([[7, [[5, [...external('w.bin'), [13, pair('location', '/etc/passwd')]]]]]]).facts;
    assert.deepEqual(
      references.map(({ name }) => name),
      ['w.bin', '/etc/passwd'],
    );
  });

  it('knows the mark of an address in memory, caches of compiled nodes, and what Python is called', () => {
    const { references } = read([
      [7, [
        [5, external('*/_ORT_MEM_ADDR_/*', { offset: '140000000' })],
        [1, node('EPContext', [[[1, 'ep_cache_context'], [4, '../x.bin']], [[1, 'embed_mode'], [3, 0]]], 'com.microsoft')],
        [1, node('EPContext', [[[1, 'ep_cache_context'], [4, 'in the file']], [[1, 'embed_mode'], [3, 1]]], 'com.microsoft')],
        [1, node('PyOp', [[[1, 'module'], [4, 'os']], [[1, 'class_name'], [4, 'Run']]], 'pyopmulti_2')],
      ]],
    ]).facts; // prettier-ignore
    assert.deepEqual(
      references.map(({ what, name }) => [what, name]),
      [
        ['memory', '*/_ORT_MEM_ADDR_/*'],
        ['data', '../x.bin'],
        ['class', 'os.Run'],
      ],
    );
  });

  it('marks operators that the model defines itself', () => {
    const { operators } = read([
      [7, [[1, node('F', [], 'local')], [1, node('G', [], 'local')]]],
      [25, [[1, 'F'], [10, 'local'], [7, node('Relu')]]],
    ]).facts; // prettier-ignore
    assert.deepEqual(
      operators.map(({ name, local, where }) => [name, local ?? false, where]),
      [
        ['F', true, ''],
        ['G', false, ''],
        ['Relu', false, 'function F'],
      ],
    );
  });

  it('gives what stood before a break', () => {
    const bytes = buildProtobuf([[1, 8], [7, [[1, node('PyOp')]]], [7, [[1, node('Relu')]]]]); // prettier-ignore
    const { parts, problems } = record(readOnnx, bytes.subarray(0, bytes.length - 3));
    assert.deepEqual(
      (parts[0] as GraphFacts).operators.map(({ name }) => name),
      ['PyOp'],
    );
    assert.deepEqual(
      problems.map(({ code, incomplete }) => [code, incomplete]),
      [['malformed', true]],
    );
  });

  it('does not read tensor data', () => {
    const head = buildProtobuf([[1, 8]]);
    const length = 1 << 30;
    const tensor = Buffer.concat([Buffer.from([0x4a]), size(length)]);
    const inGraph = Buffer.concat([Buffer.from([0x2a]), size(tensor.length + length), tensor]);
    const prefix = Buffer.concat([head, Buffer.from([0x3a]), size(inGraph.length + length), inGraph]);
    let read = 0;
    const source: ByteSource = {
      size: prefix.length + length,
      read(position, count) {
        const got = Math.max(0, Math.min(count, this.size - position));
        read += got;
        const bytes = new Uint8Array(got);
        bytes.set(prefix.subarray(position, position + got));
        return bytes;
      },
    };
    const { parts, problems } = record(readOnnx, source);
    assert.equal((parts[0] as GraphFacts).tensors[0]?.bytes, length);
    assert.deepEqual(problems, []);
    assert.ok(read < 100_000);
  });

  it('never throws on damaged models, and gives facts all the same', () => {
    const model = buildProtobuf([
      [1, 8],
      [7, [[1, node('If', [[[1, 'then_branch'], [6, [[5, external('w.bin', { offset: '0' })]]]]])]]],
      [25, [[1, 'F'], [7, node('Relu')]]],
    ]); // prettier-ignore
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(model.length),
        (changes, length) => {
          const bytes = Uint8Array.from(model);
          for (const [at, value] of changes) bytes[at] = value;
          const { parts } = record(readOnnx, bytes.subarray(0, length));
          assert.equal(parts.length, 1);
        },
      ),
    );
  });
});

/** A length as five bytes or fewer. */
function size(length: number): Buffer {
  const bytes: number[] = [];
  let left = length;
  while (left >= 128) {
    bytes.push((left % 128) | 0x80);
    left = Math.floor(left / 128);
  }
  return Buffer.from([...bytes, left]);
}
