import { GraphCollector } from '../graph/collector.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { GgufBreak, GgufCursor } from './cursor.ts';
import { tensorTypes } from './types.ts';

/** How one of the formats before GGUF is laid out, by its first four bytes as they stand in the file. */
interface Layout {
  name: string;
  versions: number;
  /** Parameters of 32 bits after the version. */
  parameters: readonly string[];
  /** A score stands behind each word of the vocabulary; null when there is none. */
  scores: boolean | null;
  aligned: boolean;
}

const llama = ['n_vocab', 'n_embd', 'n_mult', 'n_head', 'n_layer', 'n_rot', 'ftype'];

/** Source: llama.cpp, `llama.cpp` of 2023-08-20 (`llama_file_loader`), and `convert-lora-to-ggml.py`. */
const layouts: Record<string, Layout> = {
  lmgg: { name: 'ggml', versions: 0, parameters: llama, scores: false, aligned: false },
  fmgg: { name: 'ggmf', versions: 1, parameters: llama, scores: true, aligned: false },
  tjgg: { name: 'ggjt', versions: 3, parameters: llama, scores: true, aligned: true },
  algg: { name: 'ggla', versions: 1, parameters: ['r', 'alpha'], scores: null, aligned: true },
};

/** Sizes of blocks before version 3 of ggjt, which scaled them by 32 bits. Source: ggml.c before llama.cpp's #1508. */
const earlierTypes: typeof tensorTypes = {
  ...tensorTypes,
  2: ['Q4_0', 32, 20],
  3: ['Q4_1', 32, 24],
  4: ['Q4_2', 16, 10],
  5: ['Q4_3', 16, 12],
  8: ['Q8_0', 32, 36],
};

const alignment = 32;
const mostDimensions = 4;
const longestName = 4_096;

/**
 * Reads a model of LLaMA in one of the formats before GGUF: parameters, vocabulary and tensors, each checked against the
 * file. The oldest magic number, `ggml`, was used for other families as well, and nothing in the file says for which: what does
 * not hold as a LLaMA is only recognised.
 */
export const readGgml: Reader = (source, context) => {
  const magic = Buffer.from(source.read(0, 4)).toString('latin1');
  const layout = layouts[magic];
  if (!layout) return;
  const found = new GraphCollector(context, 'ggml');
  try {
    walk(source, context, layout, found);
  } catch (error) {
    if (!(error instanceof GgufBreak)) throw error;
    if (layout.name === 'ggml') return context.add({ kind: 'unread', entry: context.entry, format: 'ggml' });
    const code = error.code === 'truncated' ? 'truncated' : 'malformed';
    context.problem({ code, offset: error.offset, message: error.message, incomplete: true });
  }
  found.finish();
};

function walk(source: ByteSource, context: ReadContext, layout: Layout, found: GraphCollector): void {
  const cursor = new GgufCursor(source, 4, true, false);
  const version = layout.versions === 0 ? 0 : cursor.u32();
  if (version > layout.versions || (layout.versions > 0 && version === 0))
    throw new GgufBreak('version', 4, `the version of ${layout.name} is ${version}, which does not exist`);
  found.property('layout', version === 0 ? layout.name : `${layout.name} version ${version}`);
  const parameters = layout.parameters.map((name) => {
    const value = cursor.u32();
    found.property(name, String(value));
    return value;
  });
  if (layout.scores !== null) skipVocabulary(cursor, context, parameters[0] ?? 0, layout.scores);
  const types = layout.name === 'ggjt' && version === 3 ? tensorTypes : earlierTypes;
  for (let tensors = 1; cursor.left > 0; tensors++) {
    if (tensors % 4096 === 0) checkTime(cursor, context);
    readTensor(cursor, layout, types, found);
  }
}

function skipVocabulary(cursor: GgufCursor, context: ReadContext, words: number, scores: boolean): void {
  // A word takes its length at least.
  if (words * 4 > cursor.left)
    throw new GgufBreak('count', 4, `it claims ${words} words, and ${cursor.left} bytes are left`);
  for (let word = 0; word < words; word++) {
    if (word % 4096 === 4095) checkTime(cursor, context);
    cursor.string('a word of the vocabulary', 0);
    if (scores) cursor.skip(4);
  }
}

function readTensor(cursor: GgufCursor, layout: Layout, types: typeof tensorTypes, found: GraphCollector): void {
  const start = cursor.offset;
  const dimensions = cursor.u32();
  const nameBytes = cursor.u32();
  const type = cursor.u32();
  const known = types[type];
  if (dimensions < 1 || dimensions > mostDimensions || nameBytes > longestName || !known)
    throw new GgufBreak('type', start, 'a tensor has no description that makes sense');
  const shape = Array.from({ length: dimensions }, () => cursor.u32());
  const name = cursor.bytes(nameBytes);
  if (layout.aligned) cursor.skip((alignment - (cursor.offset % alignment)) % alignment);
  const [dtype, elements, bytes] = known;
  const size = (shape.reduce((product, each) => product * each, 1) / elements) * bytes;
  const offset = cursor.offset;
  if (!Number.isSafeInteger(size) || size > cursor.left)
    throw new GgufBreak('truncated', start, `a tensor needs ${size} bytes, and ${cursor.left} are left`);
  cursor.skip(size);
  found.tensor({ name, dtype, shape: shape.reverse(), bytes: size, offset });
}

function checkTime(cursor: GgufCursor, context: ReadContext): void {
  if (!context.budget.timeIsUp) return;
  const message = 'reading the model took longer than the limit allows';
  context.problem({ code: 'limit-time', offset: cursor.offset, message, incomplete: true });
  throw new GgufBreak('length', cursor.offset, 'the model is too long to be read in time');
}
