import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeWorkspace } from '../../engine/workspace.fixture.ts';
import { idsOf, readTextModel } from './textModel.ts';
import { exampleTokenizer } from './tokenizer.fixture.ts';

function folderWith(context: TestContext, files: Record<string, string>): string {
  const { root } = makeWorkspace(context, {});
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

test('a folder is read as sentence-transformers leave it', (context) => {
  const folder = folderWith(context, {
    'onnx/model.onnx': 'x',
    'tokenizer.json': JSON.stringify(exampleTokenizer),
    'sentence_bert_config.json': '{"max_seq_length": 8}',
    '1_Pooling/config.json': '{"pooling_mode_cls_token": true}',
  });
  const model = readTextModel(folder);
  assert.deepEqual([model.longest, model.pooling, path.basename(model.file)], [8, 'first', 'model.onnx']);
  assert.deepEqual(idsOf(model, 'GOOD warehouse, odd'), [2, 4, 6, 7, 1, 1, 3]);
  assert.deepEqual(idsOf(model, 'good '.repeat(20)), [2, 4, 4, 4, 4, 4, 4, 3]);
});

test('what is missing or broken is named in one sentence', (context) => {
  const whole = { 'model.onnx': 'x', 'tokenizer.json': JSON.stringify(exampleTokenizer) };
  for (const [files, words] of [
    [{}, /holds no model\.onnx/],
    [{ 'model.onnx': 'x' }, /holds no tokenizer\.json/],
    [{ ...whole, 'tokenizer.json': '{' }, /tokenizer\.json is no JSON/],
    [{ ...whole, 'tokenizer.json': '{"model":{"type":"Strange"}}' }, /is no tokenizer that can be read/],
    [{ ...whole, '1_Pooling/config.json': '[]x' }, /config\.json is no JSON/],
  ] as const) {
    assert.throws(() => readTextModel(folderWith(context, files)), words);
  }
});
