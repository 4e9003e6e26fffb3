import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from '../inspect.ts';
import { MemorySource } from '../source.ts';
import { buildZip } from '../zip/zipBuilder.fixture.ts';

const parts = (name: string, content: string | Uint8Array) =>
  inspect(new MemorySource(typeof content === 'string' ? Buffer.from(content) : content), name);
const architectures = (name: string, content: string | Uint8Array) =>
  parts(name, content).parts.flatMap((part) => (part.kind === 'keras' ? [part] : []));

const layer = { class_name: 'Lambda', config: { function: ['4wEAAAA=', null, null], function_type: 'lambda' } };
const sequential = { class_name: 'Sequential', config: { layers: [layer] }, keras_version: '2.15.0' };

test('an architecture in a JSON file of its own is read, wherever it comes from', () => {
  const texts = {
    'architecture.json': sequential,
    'notes.json': sequential,
    'model.json': { weightsManifest: [], modelTopology: { model_config: sequential } },
    'config.json': { module: 'keras', class_name: 'Sequential', config: { layers: [layer] } },
  };
  for (const [name, content] of Object.entries(texts))
    assert.equal(architectures(name, JSON.stringify(content))[0]?.lambdas.length, 1, name);
  assert.equal(
    architectures('notes.json', JSON.stringify(sequential).replace('class_name', '\\u0063lass_name')).length,
    1,
  );
  const zipped = buildZip([{ name: 'web/model.json', data: JSON.stringify({ modelTopology: sequential }) }]);
  assert.equal(architectures('web.zip', zipped)[0]?.entry, 'web/model.json');
});

test('the configuration of a Keras archive is read once', () => {
  const archive = buildZip([
    { name: 'metadata.json', data: '{}' },
    { name: 'config.json', data: JSON.stringify(sequential) },
  ]);
  assert.deepEqual(
    architectures('m.keras', archive).map(({ lambdas }) => lambdas.length),
    [0, 1],
  );
});

test('lists of classes are no architecture', () => {
  assert.deepEqual(architectures('model.json', JSON.stringify({ class_name: 'cat', config: { size: 3 } })), []);
  assert.deepEqual(architectures('model.json', JSON.stringify([{ class_name: 'cat', config: [] }])), []);
  assert.deepEqual(architectures('model.json', '{"class_name": "cat", '), []);
});

test('weights of TensorFlow.js are told where they leave the folder', () => {
  const files = (...paths: string[]) =>
    architectures('model.json', JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths, weights: [] }] }))[0]
      ?.files;
  assert.deepEqual(files('group1-shard1of1.bin', 'a/b.bin'), []);
  assert.deepEqual(
    files('a/../../x', '/etc/passwd', 'https://a/b')?.map(({ value }) => value),
    ['a/../../x', '/etc/passwd', 'https://a/b'],
  );
});

test('one that is nested without end is not fully inspected', () => {
  const deep = `{"modelTopology":${'['.repeat(5_000)}`;
  assert.deepEqual(
    parts('model.json', deep).problems.map(({ code, incomplete }) => [code, incomplete]),
    [['limit-depth', true]],
  );
});
