import { basename, join } from 'node:path';
import { readJson, readTokenizer, type FolderTokenizer } from './tokenizer.ts';
import { textModelFile } from './textModelFile.ts';

/** A sentence-transformers model as it lies in a folder: which file is run, how texts become tokens, and tokens one vector. */
export interface TextModel extends FolderTokenizer {
  name: string;
  /** Absolute path of the ONNX file. */
  file: string;
  pooling: 'mean' | 'first';
}

/**
 * Reads what stands beside the weights: `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`, `tokenizer_config.json`, `sentence_bert_config.json` and
 * `1_Pooling/config.json`, as the exports of sentence-transformers and of Optimum lie.
 * @throws {WeighbridgeError} `not-found` or `bad-input`, naming the file.
 */
export function readTextModel(folder: string): TextModel {
  const file = textModelFile(folder);
  const tokenizer = readTokenizer(folder);
  const pooling = readJson(folder, join('1_Pooling', 'config.json'), false);
  return {
    ...tokenizer,
    name: basename(folder),
    file,
    pooling: pooling['pooling_mode_cls_token'] === true ? 'first' : 'mean',
  };
}

/** The ids of a text's tokens, the special ones included; the last one stays when the text is cut. */
export function idsOf({ tokenizer, longest }: FolderTokenizer, text: string): number[] {
  const { ids } = tokenizer.encode(text);
  return ids.length <= longest ? ids : [...ids.slice(0, longest - 1), ids.at(-1)!];
}
