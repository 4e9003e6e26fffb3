import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeReference } from '../../rules/keras/references.ts';
import { record } from '../recordingContext.fixture.ts';
import { buildZip } from '../zip/zipBuilder.fixture.ts';
import type { KerasFacts } from './facts.ts';
import { readKeras } from './reader.ts';

const model = (config: unknown, name = 'config.json'): Uint8Array =>
  buildZip([
    { name: 'metadata.json', data: '{}' },
    { name, data: typeof config === 'string' ? config : JSON.stringify(config) },
  ]);
const facts = (config: unknown, name?: string): KerasFacts => {
  const part = record(readKeras, model(config, name)).parts.findLast(({ kind }) => kind === 'keras');
  assert.ok(part?.kind === 'keras');
  return part;
};
const lambda = { class_name: '__lambda__', config: { code: '4wEAAAA=' } };

describe('the configuration of a Keras model', () => {
  it('is walked whole', () => {
    const places: [unknown, string][] = [
      [{ config: { activation: lambda } }, 'config.activation'],
      [{ class_name: 'TimeDistributed', config: { layer: { class_name: 'Lambda', config: {} } } }, 'config.layer'],
      [{ loss: [{ a: [lambda] }] }, 'loss[0].a[0]'],
      [{ config: { function: ['4wEAAAA=', null, null], function_type: 'lambda' } }, 'config'],
    ];
    for (const [config, path] of places) assert.equal(facts(config).lambdas[0]?.path, path);
    assert.equal(facts(places[0]?.[0], 'compile_config.json').lambdas.length, 1);
  });

  it('counts a Lambda layer once, as either version of Keras writes it', () => {
    const second = { class_name: 'Lambda', config: { function: ['4wEAAAA=', null, null], function_type: 'lambda' } };
    const third = { class_name: 'Lambda', config: { function: lambda } };
    for (const layer of [second, third])
      assert.deepEqual(
        facts({ layers: [layer] }).lambdas.map(({ path, what }) => [path, what]),
        [['layers[0]', 'bytecode']],
      );
    assert.equal(facts({ layers: [second, third, lambda] }).lambdas.length, 3);
  });

  it('gives every reference once, with how often and the byte', () => {
    const text =
      '{"é":0,"a":{"module":"os","class_name":"function","config":"system"},"b":{"module":"os","class_name":"function","config":"system"}}';
    const [reference, ...more] = facts(text).references;
    assert.deepEqual(more, []);
    assert.deepEqual(reference, {
      path: 'a',
      what: 'function',
      module: 'os',
      name: 'system',
      registered: null,
      offset: Buffer.from(text).indexOf('{"module"'),
      count: 2,
    });
  });

  it('is read as Python reads it, all members of one name counted', () => {
    assert.equal(facts('{"a": NaN, "class_name": "Dense", "class_name": "Lambda"}').lambdas.length, 1);
    assert.equal(facts('{"\\u0063lass_name": "Lambda", "config": -Infinity}').lambdas.length, 1);
  });

  it('tells files and addresses, and no other texts', () => {
    const { files } = facts({
      vocabulary: 'https://a/b',
      filepath: '/etc/passwd',
      name: '/x',
      description: 'https://c',
      path: 'x.txt',
    });
    assert.deepEqual(
      files.map(({ path }) => path),
      ['vocabulary', 'filepath'],
    );
  });

  it('is told of source code where a name belongs, and not of words', () => {
    const text = (config: string) =>
      record(readKeras, model(config)).parts.flatMap((part) => (part.kind === 'keras' ? part.lambdas : []));
    assert.deepEqual(
      text('{"loss": "lambda x: x", "metrics": ["eval(\'1\')", "accuracy"]}').map(
        ({ path, what }) => `${what} ${path}`,
      ),
      ['text loss', 'text metrics[0]'],
    );
    assert.deepEqual(text('{"loss": "mse", "name": "eval(x)", "activation": "relu", "lambda_1": "a lambda"}'), []);
  });

  it('is told when it cannot be read to its end', () => {
    for (const text of ['{"a": ', '[}', '{"a":1} x', '['.repeat(100_000), '{"a":"\\q"}']) {
      const { problems } = record(readKeras, model(text));
      assert.ok(
        problems.some(({ incomplete }) => incomplete),
        text.slice(0, 20),
      );
    }
  });
});

describe('what Keras would find under a name', () => {
  const tier = (
    module: string | null,
    name: string,
    what: 'class' | 'function' = 'function',
    registered: string | null = null,
  ) => judgeReference({ path: '', what, module, name, registered, offset: null, count: 1 }).tier;
  it('is dangerous when it runs code, opens or loads something', () => {
    assert.equal(tier('os', 'system'), 'dangerous');
    assert.equal(tier('builtins', 'exec'), 'dangerous');
    assert.equal(tier('keras.utils', 'get_file'), 'dangerous');
    assert.equal(tier('keras.src.utils.file_utils', 'get_file'), 'dangerous');
    assert.equal(tier('keras.models', 'load_model'), 'dangerous');
    assert.equal(tier('keras.config', 'enable_unsafe_deserialization'), 'dangerous');
    assert.equal(tier('keras.layers', 'TorchModuleWrapper', 'class'), 'dangerous');
    assert.equal(tier('builtins', 'get_file'), 'dangerous');
    assert.equal(tier('keras_hub.models', 'RWKVTokenizer', 'class'), 'dangerous');
    assert.equal(tier('subprocess', 'Popen', 'class'), 'dangerous');
  });
  it('is built in when it belongs to Keras', () => {
    assert.equal(tier('keras.layers', 'Dense', 'class', null), 'built-in');
    assert.equal(tier('keras.src.models.functional', 'Functional', 'class', 'Functional'), 'built-in');
    for (const name of ['mean_squared_error', 'load_balancing_loss'])
      assert.equal(tier('builtins', name, 'function', 'function'), 'built-in');
    assert.equal(tier('keras_hub.layers', 'TransformerDecoder', 'class', 'keras_hub>TransformerDecoder'), 'built-in');
    assert.equal(tier('keras', 'DTypePolicy', 'class'), 'built-in');
    assert.equal(tier('keras.activations', 'gelu'), 'built-in');
    for (const name of ['Dense', 'Model', 'TFOpLambda', 'GlorotUniform', 'adam', 'CuDNNLSTM', 'L1L2'])
      assert.equal(tier(null, name, 'class'), 'built-in', name);
  });
  it('is custom otherwise', () => {
    assert.equal(tier('research.layers', 'Attention2', 'class', 'research>Attention2'), 'custom');
    assert.equal(tier(null, 'MyLayer', 'class', 'MyPkg>MyLayer'), 'custom');
    assert.equal(tier('__main__', 'my_loss'), 'custom');
    assert.equal(tier(null, 'EvilLayer', 'class'), 'custom', 'Keras 2 writes no module');
  });
});
