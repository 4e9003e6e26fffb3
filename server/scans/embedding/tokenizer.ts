import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';
import { isFile } from './textModelFile.ts';

const longestFile = 64 << 20;
/** What BERT and its kin were trained with, where the folder does not say. */
const usualLength = 512;

/** A tokenizer as it lies beside a model. */
export interface FolderTokenizer {
  tokenizer: Tokenizer;
  /** Tokens that the model looks at, with the special ones. */
  longest: number;
}

/**
 * Reads `tokenizer.json`, and what `tokenizer_config.json` and `sentence_bert_config.json` say beside it.
 * @throws {WeighbridgeError} `not-found` or `bad-input`, naming the file.
 */
export function readTokenizer(folder: string): FolderTokenizer {
  const tokenizer = readJson(folder, 'tokenizer.json', true);
  const config = readJson(folder, 'tokenizer_config.json', false);
  const sentence = readJson(folder, 'sentence_bert_config.json', false);
  const lengths = [sentence['max_seq_length'], config['model_max_length']].map(Number);
  const longest = lengths.find((length) => Number.isInteger(length) && length >= 8 && length <= 8192) ?? usualLength;
  try {
    return { tokenizer: new Tokenizer(tokenizer, config), longest };
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${join(folder, 'tokenizer.json')} is no tokenizer that can be read`, {
      cause,
    });
  }
}

/**
 * The object in a file of a model's folder; an empty one where there is none and it is not needed.
 * @throws {WeighbridgeError} `not-found` or `bad-input`, naming the file.
 */
export function readJson(folder: string, name: string, needed: boolean): Record<string, unknown> {
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
