import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeWorkspace } from '../../engine/workspace.fixture.ts';
import { idsOf, readTextModel } from './textModel.ts';

const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'good', 'bad', 'ware', '##house'];
const tokenizer = {
  version: '1.0',
  added_tokens: vocabulary
    .slice(0, 4)
    .map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
  },
};

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
    'tokenizer.json': JSON.stringify(tokenizer),
    'sentence_bert_config.json': '{"max_seq_length": 8}',
    '1_Pooling/config.json': '{"pooling_mode_cls_token": true}',
  });
  const model = readTextModel(folder);
  assert.deepEqual([model.longest, model.pooling, path.basename(model.file)], [8, 'first', 'model.onnx']);
  assert.deepEqual(idsOf(model, 'GOOD warehouse, odd'), [2, 4, 6, 7, 1, 1, 3]);
  assert.deepEqual(idsOf(model, 'good '.repeat(20)), [2, 4, 4, 4, 4, 4, 4, 3]);
});

test('what is missing or broken is named in one sentence', (context) => {
  const whole = { 'model.onnx': 'x', 'tokenizer.json': JSON.stringify(tokenizer) };
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
