import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';
import { isFile, textModelFile } from './textModelFile.ts';

/** A sentence-transformers model as it lies in a folder: which file is run, how texts become tokens, and tokens one vector. */
export interface TextModel {
  name: string;
  /** Absolute path of the ONNX file. */
  file: string;
  tokenizer: Tokenizer;
  /** Tokens that are looked at, with the special ones. */
  longest: number;
  pooling: 'mean' | 'first';
}

const longestFile = 64 << 20;
/** What BERT and its kin were trained with, where the folder does not say. */
const usualLength = 512;

/**
 * Reads what stands beside the weights: `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`, `tokenizer_config.json`, `sentence_bert_config.json` and
 * `1_Pooling/config.json`, as the exports of sentence-transformers and of Optimum lie.
 * @throws {WeighbridgeError} `not-found` or `bad-input`, naming the file.
 */
export function readTextModel(folder: string): TextModel {
  const file = textModelFile(folder);
  const tokenizer = readJson(folder, 'tokenizer.json', true);
  const config = readJson(folder, 'tokenizer_config.json', false);
  const sentence = readJson(folder, 'sentence_bert_config.json', false);
  const pooling = readJson(folder, join('1_Pooling', 'config.json'), false);
  const lengths = [sentence['max_seq_length'], config['model_max_length']].map(Number);
  const longest = lengths.find((length) => Number.isInteger(length) && length >= 8 && length <= 8192) ?? usualLength;
  try {
    return {
      name: basename(folder),
      file,
      tokenizer: new Tokenizer(tokenizer, config),
      longest,
      pooling: pooling['pooling_mode_cls_token'] === true ? 'first' : 'mean',
    };
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${join(folder, 'tokenizer.json')} is no tokenizer that can be read`, {
      cause,
    });
  }
}

/** The ids of a text's tokens, the special ones included; the last one stays when the text is cut. */
export function idsOf({ tokenizer, longest }: TextModel, text: string): number[] {
  const { ids } = tokenizer.encode(text);
  return ids.length <= longest ? ids : [...ids.slice(0, longest - 1), ids.at(-1)!];
}

function readJson(folder: string, name: string, needed: boolean): Record<string, unknown> {
  const file = join(folder, name);
  if (!isFile(file)) {
    if (!needed) return {};
    throw new WeighbridgeError('not-found', `${folder} holds no ${name}: export the model with its tokenizer`);
  }
  try {
    if (statSync(onDisk(file)).size > longestFile) throw new Error('too long');
    const value: unknown = JSON.parse(readFileSync(onDisk(file), 'utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    throw new Error('no object');
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${file} is no JSON that can be read`, { cause });
  }
}
