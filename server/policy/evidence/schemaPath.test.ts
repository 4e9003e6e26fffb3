import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceSchema } from './schema.ts';
import { schemaAt, typeInWords, valuesAt } from './schemaPath.ts';

const at = (...steps: (string | null)[]) => schemaAt(evidenceSchema(), steps);

test('a reference leads to its schema, through lists, too', () => {
  const format = at('model', 'formats', null, 'format');
  assert.ok(format && format !== 'unknown');
  assert.equal(typeInWords(format), 'string');
  assert.match(String(format['description']), /format/);
  const method = at('model', 'signature', 'method');
  assert.ok(method && method !== 'unknown');
  assert.equal(typeInWords(method), 'one of "key", "certificate", "sigstore", null');
});

test('a field that is not there is unknown, and what the schema leaves open is not', () => {
  assert.equal(at('model', 'formt'), 'unknown');
  assert.equal(at('model', 'format', 'deeper'), 'unknown');
  assert.equal(at('findings', 'path'), 'unknown');
  assert.equal(at('toString'), 'unknown');
  assert.equal(at('job', 'raw', 'gpus'), null);
});

test('a reference gives the values that a document has there', () => {
  const document = { findings: [{ path: 'a' }, { path: 'b' }, {}], model: { format: 'onnx' } };
  assert.deepEqual(valuesAt(document, ['findings', null, 'path']), ['a', 'b']);
  assert.deepEqual(valuesAt(document, ['model', 'format']), ['onnx']);
  assert.deepEqual(valuesAt(document, ['model', 'constructor']), []);
});
