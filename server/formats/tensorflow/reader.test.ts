import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GraphFacts } from '../graph/facts.ts';
import { identify } from '../identify.ts';
import { inspect } from '../inspect.ts';
import { assemblePickle } from '../pickle/assembler.fixture.ts';
import { buildProtobuf, type BuildField } from '../protobuf/protobufBuilder.fixture.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import { readKerasMetadataFile, readMetaGraph, readSavedModel, readTensorflowGraph } from './reader.ts';

type Attribute = [name: string, value: BuildField[]];

const node = (name: string, operator: string, inputs: string[] = [], attributes: Attribute[] = []): BuildField[] => [
  [1, name],
  [2, operator],
  ...inputs.map((input): BuildField => [3, input]),
  ...attributes.map(([key, value]): BuildField => [5, [[1, key], [2, value]]]), // prettier-ignore
];
const graph = (...nodes: BuildField[][]): BuildField[] => nodes.map((each): BuildField => [1, each]);
const text = (...values: (string | Uint8Array)[]): BuildField[] => [
  [8, [[1, 7], ...values.map((value): BuildField => [8, value])]],
];
const constant = (name: string, ...values: (string | Uint8Array)[]) =>
  node(name, 'Const', [], [['value', text(...values)]]);
const savedModel = (definition: BuildField[], more: BuildField[] = []): BuildField[] => [
  [1, 1],
  [2, [[2, definition], ...more]],
];

const factsOf = (reader: typeof readSavedModel, fields: BuildField[]) =>
  record(reader, buildProtobuf(fields)).parts[0] as GraphFacts;
const names = (facts: GraphFacts) => facts.operators.map(({ name }) => name);
const given = (facts: GraphFacts) =>
  facts.references.map(({ what, by, name, input }) => [what, by, name, ...(input === undefined ? [] : [input])]);

describe('a graph in text form', () => {
  const read = (text: string) => {
    const recording = record(readTensorflowGraph, Buffer.from(text));
    return { ...recording, facts: recording.parts.find(({ kind }) => kind === 'graph') as GraphFacts };
  };
  const names = (text: string) => read(text).facts.operators.map(({ name }) => name);

  it('is known by its fields, and other texts are not', () => {
    const head = (text: string) => identify(new MemorySource(Buffer.from(text)), 'x.pbtxt')[0];
    assert.equal(
      head('# made by hand\nsaved_model_schema_version: 1\nmeta_graphs { graph_def { node { op: "Add" } } }'),
      'tf-graph',
    );
    assert.equal(head("node { name: 'a' op: 'Add' }"), 'tf-graph');
    assert.equal(head('item { id: 1 name: "cat" }'), 'text');
    assert.equal(head('node is a word'), 'text');
  });

  it('has its operators, however they are quoted and wherever they stand', () => {
    assert.deepEqual(
      names('graph_def: < node { op: "Read" "File" } library { function { node_def { op: \'Write\\x46ile\' } } } >'),
      ['ReadFile', 'WriteFile'],
    );
    assert.deepEqual(names('node { name: "op: \\"PyFunc\\"" # op: "PyFunc"\n op: "Add" }'), ['Add']);
  });

  it('has the paths that its nodes are given, and the graphs in its strings', () => {
    const path = 'node { op: "SaveV2" attr { key: "x" value { s: "/etc/passwd" } } }';
    assert.deepEqual(
      read(path).facts.references.map(({ by, name }) => `${by} ${name}`),
      ['SaveV2 /etc/passwd'],
    );
    const graph = [
      ...buildProtobuf([
        [
          1,
          [
            [1, 'n'],
            [2, 'ReadFile'],
          ],
        ],
      ]),
    ]
      .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
      .join('');
    assert.equal(read(`node { op: "Const" attr { value { tensor { string_val: "${graph}" } } } }`).members.length, 1);
  });

  it('ends on any text', () => {
    for (const text of [
      'node {'.repeat(1000),
      'node { op: "',
      'node { op: "a\\',
      '}}}}',
      `node { op: ${'"a" '.repeat(1000)}`,
    ])
      assert.doesNotThrow(() => record(readTensorflowGraph, Buffer.from(text)));
  });
});

describe('the TensorFlow readers', () => {
  it('read the graph and the functions of a SavedModel, with what the model says of itself', () => {
    const library: BuildField = [2, [[1, [[1, [[1, 'f']]], [3, node('w', 'WriteFile', ['name'])]]]]]; // prettier-ignore
    const facts = factsOf(
      readSavedModel,
      savedModel([...graph(node('call', 'PartitionedCall')), library], [
        [1, [[4, 'serve'], [5, '2.15.0']]],
        [5, [[1, 'serving_default']]],
      ]), // prettier-ignore
    );
    assert.deepEqual(
      facts.operators.map(({ name, where }) => [name, where]),
      [
        ['PartitionedCall', ''],
        ['WriteFile', 'function f'],
      ],
    );
    assert.deepEqual(facts.properties, {
      'schema version': '1',
      tags: 'serve',
      TensorFlow: '2.15.0',
      'signature serving_default': 'yes',
    });
  });

  it('read frozen graphs and meta graphs', () => {
    const nodes = graph(node('a', 'ReadFile'), node('b', 'Addons>Gelu'));
    assert.deepEqual(names(factsOf(readTensorflowGraph, nodes)), ['ReadFile', 'Gelu']);
    const meta = factsOf(readMetaGraph, [[2, nodes]]);
    assert.deepEqual(
      meta.operators.map(({ domain, name }) => [domain, name]),
      [
        ['', 'ReadFile'],
        ['Addons', 'Gelu'],
      ],
    );
  });

  it('follow constant paths to the operators that they are given to, whatever the order of the nodes', () => {
    const facts = factsOf(
      readTensorflowGraph,
      graph(
        node('read', 'ReadFile', ['/ignored', 'path:0']),
        constant('path', '/etc/passwd'),
        constant('suffix', 'part'),
        constant('prefix', '/root/.ssh/x'),
        node('join', 'StringJoin', ['prefix', 'suffix']),
        node('same', 'Identity', ['join']),
        node('save', 'SaveV2', ['same', '^path', 'names']),
      ),
    );
    assert.deepEqual(given(facts), [
      ['argument', 'ReadFile', '/etc/passwd', 1],
      ['argument', 'StringJoin', '/root/.ssh/x', 0],
      ['argument', 'Identity', '/root/.ssh/x', 0],
      ['argument', 'SaveV2', '/root/.ssh/x', 0],
    ]);
  });

  it('see paths and addresses in attributes, also in lists and in those of functions', () => {
    const listed: BuildField[] = [[1, [[2, 'grpc://host:1'], [2, 'plain']]]]; // prettier-ignore
    const inFunction: BuildField[] = [[10, [[1, 'f'], [2, [[1, 'k'], [2, [[2, '/x']]]]]]]]; // prettier-ignore
    const facts = factsOf(
      readTensorflowGraph,
      graph(
        node('p', 'PrintV2', [], [['output_stream', [[2, 'file:///tmp/x']]]]),
        node('d', 'DebugIdentityV2', [], [['debug_urls', listed]]),
        node('c', 'PartitionedCall', [], [['f', inFunction]]),
      ),
    );
    assert.deepEqual(given(facts), [
      ['attribute', 'PrintV2', 'file:///tmp/x'],
      ['attribute', 'DebugIdentityV2', 'grpc://host:1'],
      ['attribute', 'PartitionedCall', '/x'],
    ]);
  });

  it('leave out the paths of assets, which loading replaces, and tell the assets', () => {
    const fields = savedModel(graph(constant('words', '/home/ann/words.txt'), node('t', 'InitializeTableFromTextFileV2', ['h', 'words'])), [
      [6, [[1, [[1, 'words:0']]], [2, 'words.txt']]],
    ]); // prettier-ignore
    assert.deepEqual(given(factsOf(readSavedModel, fields)), [['asset', 'words:0', 'words.txt']]);
  });

  it('look into graphs and pickles that stand in texts, however deep', () => {
    const inmost = buildProtobuf(graph(node('w', 'WriteFile')));
    const middle = buildProtobuf(graph(constant('inner', inmost)));
    const pickle = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");
    const bytes = buildProtobuf(
      savedModel(
        graph(
          constant('outer', 'a word', middle),
          node('trt', 'TRTEngineOp', [], [['serialized_segment', [[2, inmost]]]]),
          constant('token', pickle),
        ),
      ),
    );
    const { parts } = inspect(new MemorySource(bytes), 'model.bin');
    const inside = parts.flatMap((part) =>
      part.kind === 'graph' && part.operators.some(({ name }) => name === 'WriteFile') ? [part.entry] : [],
    );
    assert.equal(inside.length, 2);
    assert.ok(inside.some((entry) => /^string at byte \d+!string at byte \d+$/.test(entry)));
    assert.ok(parts.some((part) => part.kind === 'pickle' && part.imports[0]?.module === 'os'));
  });

  it('find code in the configurations of Keras layers', () => {
    const metadata = (value: unknown): BuildField[] => [[1, [[2, 0], [4, '_tf_keras_layer'], [5, JSON.stringify(value)]]]]; // prettier-ignore
    const lambda = {
      class_name: 'Lambda',
      config: { name: 'l', function_type: 'lambda', function: { items: ['4wEAAAA='] } },
    };
    const wrapped = { class_name: 'TimeDistributed', config: { layer: lambda } };
    for (const value of [lambda, wrapped, { config: { layers: [wrapped] } }])
      assert.deepEqual(given(factsOf(readKerasMetadataFile, metadata(value))), [['code', 'Lambda', 'l']]);
    const named = { class_name: 'Lambda', config: { name: 'l', function_type: 'function', function: 'scale' } };
    assert.deepEqual(given(factsOf(readKerasMetadataFile, metadata(named))), [['class', 'Lambda', 'scale']]);
    assert.deepEqual(given(factsOf(readKerasMetadataFile, metadata({ class_name: 'Dense', config: {} }))), []);
    const objects: BuildField = [7, [[1, [[4, [[1, '_tf_keras_layer'], [3, JSON.stringify(lambda)]]]]]]]; // prettier-ignore
    assert.deepEqual(given(factsOf(readSavedModel, savedModel([], [objects]))), [['code', 'Lambda', 'l']]);
  });

  it('tell constants as tensors', () => {
    const shape: BuildField[] = [[2, [[1, 2]]], [2, [[1, 3]]]]; // prettier-ignore
    const value: BuildField[] = [[8, [[1, 1], [2, shape], [4, new Uint8Array(24)]]]]; // prettier-ignore
    const [tensor] = factsOf(readTensorflowGraph, graph(node('w', 'Const', [], [['value', value]]))).tensors;
    assert.deepEqual([tensor?.name, tensor?.dtype, tensor?.shape, tensor?.bytes], ['w', 'F32', [2, 3], 24]);
  });

  it('never throw on damaged models, and give facts all the same', () => {
    const model = buildProtobuf(
      savedModel([
        ...graph(constant('c', '/x', buildProtobuf(graph(node('n', 'ReadFile')))), node('s', 'SaveV2', ['c'])),
        [2, [[1, [[1, [[1, 'f']]], [3, node('w', 'WriteFile')]]]]],
      ]), // prettier-ignore
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = Uint8Array.from(model);
          for (const [at, value] of changes) bytes[at] = value;
          for (const reader of [readSavedModel, readMetaGraph, readTensorflowGraph, readKerasMetadataFile])
            assert.equal(record(reader, bytes).parts.length, 1);
          inspect(new MemorySource(bytes), 'saved_model.pb');
        },
      ),
    );
  });
});
