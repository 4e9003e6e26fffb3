import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GraphFacts } from '../graph/facts.ts';
import { identify } from '../identify.ts';
import { readPaddle } from '../paddle/reader.ts';
import { buildProtobuf, type BuildField } from '../protobuf/protobufBuilder.fixture.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import { readPackageManifest } from './packageManifest.ts';
import { readCoreml } from './reader.ts';

const read = (fields: BuildField[]) => record(readCoreml, buildProtobuf(fields)).parts[0] as GraphFacts;
const named = (facts: GraphFacts) => facts.references.map(({ what, by, name }) => [what, by, name]);

const customLayer: BuildField[] = [[1, 'swish'], [500, [[10, 'MySwish']]]]; // prettier-ignore
const network: BuildField[] = [[1, customLayer], [1, [[1, 'out'], [175, []]]]]; // prettier-ignore

describe('the Core ML reader', () => {
  it('tells kind, metadata, layers and the classes of custom ones', () => {
    const facts = read([
      [1, 4],
      [2, [[100, [[3, 'Ann'], [100, [[1, 'key'], [2, 'value']]]]]]],
      [500, network],
    ]); // prettier-ignore
    assert.deepEqual(facts.properties, { 'specification version': '4', kind: 'neural network' });
    assert.deepEqual(facts.metadata, { author: 'Ann', key: 'value' });
    assert.deepEqual(named(facts), [['class', 'swish', 'MySwish']]);
    assert.equal(facts.nodes, 2);
  });

  it('finds custom layers and models inside pipelines', () => {
    const inner: BuildField[] = [[1, 4], [403, network]]; // prettier-ignore
    for (const pipeline of [
      [202, [[1, inner]]],
      [200, [[1, [[1, inner]]]]],
    ] as BuildField[])
      assert.deepEqual(named(read([[1, 4], pipeline])), [['class', 'swish', 'MySwish']]);
    assert.deepEqual(named(read([[1, 4], [555, [[10, 'Whole']]]])), [['class', 'custom model', 'Whole']]); // prettier-ignore
  });

  it('finds the files and classes that an ML program names', () => {
    const blob: BuildField[] = [[5, [[1, '@model_path/../../x'], [2, 64]]]]; // prettier-ignore
    const weights: BuildField[] = [[1, 'const'], [5, [[1, 'val'], [2, blob]]]]; // prettier-ignore
    const custom: BuildField[] = [
      [1, 'custom_layer'],
      [5, [[1, 'class_name'], [2, [[3, [[1, [[4, [[1, 'Mine']]]]]]]]]]],
    ]; // prettier-ignore
    const block: BuildField[] = [[3, weights], [3, [[1, 'cond'], [4, [[3, custom]]]]]]; // prettier-ignore
    const program: BuildField[] = [[2, [[1, 'main'], [2, [[3, [[1, 'CoreML5'], [2, block]]]]]]]]; // prettier-ignore
    const facts = read([[1, 6], [502, program]]); // prettier-ignore
    assert.ok(named(facts).some(([what, , name]) => what === 'data' && name === '@model_path/../../x'));
    assert.ok(named(facts).some(([what, , name]) => what === 'class' && name?.includes('Mine')));
  });

  it('is recognised by its type', () => {
    const formats = (fields: BuildField[]) => identify(new MemorySource(buildProtobuf(fields)), 'x');
    assert.deepEqual(formats([[1, 4], [2, []], [500, network]]), ['coreml']); // prettier-ignore
    assert.deepEqual(formats([[1, 4], [2, []], [302, [[1, 'trees']]]]), ['coreml']); // prettier-ignore
  });

  it('reads the manifest of a package', () => {
    const text = '{"itemInfoEntries": {"A": {"name": "w", "path": "../w"}, "B": 1}, "rootModelIdentifier": "A"}';
    assert.deepEqual(identify(new MemorySource(Buffer.from(text)), 'Manifest.json'), ['coreml-package']);
    assert.deepEqual(named(record(readPackageManifest, Buffer.from(text)).parts[0] as GraphFacts), [
      ['data', 'w', '../w'],
    ]);
    assert.equal(record(readPackageManifest, Buffer.from(text.slice(0, -1))).problems.length, 1);
  });
});

describe('the PaddlePaddle reader', () => {
  it('tells operators of all blocks, weights, and paths in attributes', () => {
    const weight: BuildField[] = [[1, 'w'], [2, [[1, 7], [3, [[1, [[1, 5], [2, 2], [2, 3]]]]]]], [3, 1]]; // prettier-ignore
    const save: BuildField[] = [[4, [[1, 'file_path'], [5, '/root/x']]], [3, 'save']]; // prettier-ignore
    const facts = record(
      readPaddle,
      buildProtobuf([
        [1, [[1, 0], [2, -1], [3, weight], [4, [[3, 'conv2d']]]]],
        [1, [[1, 1], [2, 0], [4, save], [4, [[3, 'py_func']]]]],
      ]), // prettier-ignore
    ).parts[0] as GraphFacts;
    assert.deepEqual(
      facts.operators.map(({ name, where }) => [name, where]),
      [
        ['conv2d', ''],
        ['save', 'block 1'],
        ['py_func', 'block 1'],
      ],
    );
    assert.deepEqual(named(facts), [['attribute', 'save', '/root/x']]);
    const [tensor] = facts.tensors;
    assert.deepEqual([tensor?.name, tensor?.dtype, tensor?.shape], ['w', 'F32', [2, 3]]);
  });
});

it('no reader of these throws on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const reader of [readCoreml, readPaddle, readPackageManifest])
        assert.equal(record(reader, bytes).parts.length, 1);
    }),
  );
});
