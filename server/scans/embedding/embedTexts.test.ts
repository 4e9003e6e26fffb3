import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { makeWorkspace } from '../../engine/workspace.fixture.ts';
import { dataType } from '../onnx/graph.ts';
import { writeModel } from '../onnx/writeModel.ts';
import { runScan } from '../process/scanProcess.ts';
import { exampleTokenizer } from './tokenizer.fixture.ts';

/** One row a token of the vocabulary; the special ones are nothing, but for `[CLS]`. */
const table = [
  [0, 0],
  [0, 0],
  [5, 5],
  [0, 0],
  [3, 0],
  [0, 4],
  [1, 1],
  [1, 0],
];

/** A model that looks each token up: `last_hidden_state` is of batch x tokens x 2. */
function lookup(input = 'input_ids'): Uint8Array {
  return writeModel(
    {
      nodes: [{ operator: 'Gather', inputs: ['table', input], outputs: ['last_hidden_state'] }],
      initializers: [{ name: 'table', type: dataType.float, shape: [table.length, 2], values: table.flat() }],
      inputs: [{ name: input, type: dataType.int64, shape: ['batch', 'tokens'] }],
      outputs: [{ name: 'last_hidden_state' }],
    },
    { opset: 17 },
  );
}

function folderWith(context: TestContext, model: Uint8Array, pooling: string): string {
  const { root } = makeWorkspace(context, {});
  mkdirSync(path.join(root, '1_Pooling'));
  writeFileSync(path.join(root, 'model.onnx'), model);
  writeFileSync(path.join(root, 'tokenizer.json'), JSON.stringify(exampleTokenizer));
  writeFileSync(path.join(root, '1_Pooling', 'config.json'), pooling);
  return root;
}

const embed = (folder: string, texts: string[]) => runScan('embed', { folder, texts, provider: 'cpu' });
const rounded = (vectors: Float32Array) => [...vectors].map((value) => Math.round(value * 1e4) / 1e4);

describe('vectors of texts', () => {
  test('are the mean over a text\u2019s own tokens, of length 1, in the order of the texts', async (context) => {
    const folder = folderWith(context, lookup(), '{"pooling_mode_mean_tokens": true}');
    const texts = ['good bad', 'bad', 'good good good good', ...Array.from({ length: 40 }, () => 'warehouse')];
    const { vectors, dimensions } = await embed(folder, texts);
    assert.equal(dimensions, 2);
    const expected = [[5 + 3, 5 + 4], [5, 5 + 4], [5 + 12, 5], ...Array.from({ length: 40 }, () => [5 + 2, 5 + 1])];
    const unit = ([x = 0, y = 0]: number[]) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];
    assert.deepEqual(rounded(vectors), rounded(Float32Array.from(expected.flatMap(unit))));
  });

  test('or the first token\u2019s, where the model says so', async (context) => {
    const folder = folderWith(context, lookup(), '{"pooling_mode_cls_token": true}');
    const { vectors } = await embed(folder, ['good', 'bad']);
    assert.deepEqual(rounded(vectors), [0.7071, 0.7071, 0.7071, 0.7071]);
  });

  test('what is no text-embedding model is one sentence', async (context) => {
    const strange = folderWith(context, lookup('pixels'), '{}');
    await assert.rejects(() => embed(strange, ['good']), /wants an input "pixels": it is no text-embedding model/);
    const broken = folderWith(context, Buffer.from('no model'), '{}');
    await assert.rejects(() => embed(broken, ['good']), { code: 'bad-input' });
  });
});
