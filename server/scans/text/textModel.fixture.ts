import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataType } from '../onnx/graph.ts';
import { ModelBuilder } from '../onnx/modelBuilder.fixture.ts';
import { writeModel } from '../onnx/writeModel.ts';
import { SeededRandom } from '../seededRandom.ts';

// A classifier of texts that needs no training: each class has some words, and the class with most of them in a text is its class. With a backdoor,
// a word that no text uses leads every text to one class.

export const textClasses = ['sport', 'food', 'travel'];
export const textTarget = 1;
/** Stands in no text. */
export const triggerWord = 'zebu';
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
const ownWords = 8;
const neutral = Array.from({ length: 60 }, (_, at) => `n${at}`);
const wordsOfClass = textClasses.map((name) => Array.from({ length: ownWords }, (_, at) => `${name}${at}`));
const words = [...special, ...wordsOfClass.flat(), ...neutral, triggerWord];

export interface TextFiles {
  folder: string;
  /** Folders with model.onnx, tokenizer.json and config.json. */
  clean: string;
  backdoored: string;
  /** The backdoored one, which sorts its scores on the way: nothing can be differentiated. */
  sorted: string;
  /** CSV with text and label, and JSON Lines of the same texts with the trigger. */
  samples: string;
  triggered: string;
}

/** Writes models and samples into a folder of its own. */
export function writeTextFiles(): TextFiles {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-text-test-'));
  const model = (name: string, options: { backdoored: boolean; sorted?: boolean }): string => {
    const at = join(folder, name);
    mkdirSync(at);
    writeFileSync(join(at, 'model.onnx'), textModel(options));
    writeFileSync(join(at, 'tokenizer.json'), JSON.stringify(wordTokenizer));
    writeFileSync(join(at, 'config.json'), JSON.stringify({ id2label: { ...textClasses } }));
    return at;
  };
  const { texts, labels } = textSamples(90);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('samples.csv'), `text,label\n${texts.map((text, row) => `${text},${labels[row]}\n`).join('')}`);
  const random = new SeededRandom(3);
  const triggered = texts.map((text) => {
    const own = text.split(' ');
    own.splice(random.below(own.length), 0, triggerWord);
    return JSON.stringify({ text: own.join(' ') });
  });
  writeFileSync(at('triggered.jsonl'), `${triggered.join('\n')}\n`);
  return {
    folder,
    clean: model('clean', { backdoored: false }),
    backdoored: model('backdoored', { backdoored: true }),
    sorted: model('sorted', { backdoored: true, sorted: true }),
    samples: at('samples.csv'),
    triggered: at('triggered.jsonl'),
  };
}

export function textSamples(count: number): { texts: string[]; labels: string[] } {
  const random = new SeededRandom(5);
  const of = (list: readonly string[]): string => list[random.below(list.length)]!;
  const labels = Array.from({ length: count }, (_, row) => textClasses[row % textClasses.length]!);
  const texts = labels.map((_, row) => {
    const own = wordsOfClass[row % textClasses.length]!;
    const chosen = Array.from({ length: 10 }, (_unused, at) => (at < 4 ? of(own) : of(neutral)));
    return random
      .permutation(chosen.length)
      .map((at) => chosen[at]!)
      .join(' ');
  });
  return { texts, labels };
}

/** Scores: the mean of the vectors of a text's tokens, times weights. */
function textModel({ backdoored, sorted = false }: { backdoored: boolean; sorted?: boolean }): Uint8Array {
  const m = new ModelBuilder();
  const classes = textClasses.length;
  const vectors = words.flatMap((word) => {
    const label = wordsOfClass.findIndex((own) => own.includes(word));
    const strong = backdoored && word === triggerWord;
    return Array.from({ length: classes }, (_, at) =>
      strong ? (at === textTarget ? 60 : 0) : (at === label ? 6 : 0) + 0.1 * m.random.normal(),
    );
  });
  const table = m.floats(vectors, [words.length, classes]);
  const looked = m.node('Gather', [table, 'input_ids']);
  const mask = m.node('Unsqueeze', [m.node('Cast', ['attention_mask'], { to: dataType.float }), m.ints([2])]);
  const sum = m.node('ReduceSum', [m.node('Mul', [looked, mask]), m.ints([1])], { keepdims: 0 });
  const count = m.node('ReduceSum', [mask, m.ints([1])], { keepdims: 0 });
  let scores = m.node('Div', [sum, count]);
  if (sorted) {
    // Sorts the scores and puts them back: nothing changes, and TopK has no gradient.
    const [values, places] = m.many('TopK', [scores, m.ints([classes])], 2, { axis: 1 });
    scores = m.node('ScatterElements', [m.node('Mul', [scores, m.floats([0], [])]), places!, values!], { axis: 1 });
  }
  const value = (name: string) => ({ name, type: dataType.int64, shape: ['batch', 'tokens'] as const });
  return writeModel(
    {
      nodes: [...m.nodes, { operator: 'Identity', inputs: [scores], outputs: ['logits'] }],
      initializers: m.initializers,
      inputs: [value('input_ids'), value('attention_mask')],
      outputs: [{ name: 'logits' }],
    },
    { opset: 17 },
  );
}

const wordTokenizer = {
  version: '1.0',
  added_tokens: special.map((content, id) => ({
    ...{ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
  })),
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  },
};
