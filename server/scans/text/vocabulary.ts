import { basename, dirname } from 'node:path';
import { isFile } from '../embedding/textModelFile.ts';
import { readJson, readTokenizer, type FolderTokenizer } from '../embedding/tokenizer.ts';

/** The folder where a text model's tokenizer lies: beside the model, or above its folder `onnx`, as Optimum exports. */
export function tokenizerFolder(model: string): string {
  const folder = dirname(model);
  if (isFile(`${folder}/tokenizer.json`) || basename(folder) !== 'onnx') return folder;
  return dirname(folder);
}

/** How the texts of a classifier become tokens, and its classes names. */
export class Vocabulary {
  /** Tokens that the model looks at, with the special ones. */
  readonly longest: number;
  /** Ids that every text begins and ends with. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly padding: number;
  /** Ids that a text can hold: all but the special ones. */
  readonly usable: readonly number[];
  /** Names of the classes by number, from `config.json`; empty when it has none. */
  readonly classNames: readonly string[];
  readonly #tokenizer: FolderTokenizer['tokenizer'];

  /** @throws {WeighbridgeError} `not-found` or `bad-input`, naming the file. */
  constructor(folder: string) {
    const { tokenizer, longest } = readTokenizer(folder);
    this.#tokenizer = tokenizer;
    this.longest = longest;
    const inner = this.inner('a');
    const whole = tokenizer.encode('a').ids;
    const at = Math.max(0, whole.length - inner.length);
    const start = Array.from({ length: at + 1 }, (_, from) => from).find((from) =>
      inner.every((id, index) => whole[from + index] === id),
    );
    this.before = whole.slice(0, start ?? 0);
    this.after = start === undefined ? [] : whole.slice(start + inner.length);
    const special = new Set([...this.before, ...this.after]);
    for (const [id, token] of tokenizer.get_added_tokens_decoder()) if (token.special) special.add(id);
    const config = readJson(folder, 'config.json', false);
    const vocabulary = tokenizer.get_vocab(true);
    this.padding = paddingOf(config, vocabulary);
    special.add(this.padding);
    this.usable = [...new Set(vocabulary.values())].filter((id) => !special.has(id)).sort((a, b) => a - b);
    this.classNames = namesOf(config);
  }

  /** The ids of a text without the special ones. */
  inner(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** What stands for a token, as the vocabulary writes it. */
  token(id: number): string {
    return this.#tokenizer.id_to_token(id) ?? `#${id}`;
  }

  /** Tokens as a person would type them. */
  text(ids: readonly number[]): string {
    return this.#tokenizer.decode([...ids], { skip_special_tokens: false }).trim();
  }

  /** Ids of a text with what stands around it, cut to a number of tokens. */
  framed(inner: readonly number[], length: number): number[] {
    const room = Math.max(0, length - this.before.length - this.after.length);
    return [...this.before, ...inner.slice(0, room), ...this.after];
  }
}

function paddingOf(config: Record<string, unknown>, vocabulary: ReadonlyMap<string, number>): number {
  const told = config['pad_token_id'];
  if (typeof told === 'number' && Number.isInteger(told) && told >= 0) return told;
  return vocabulary.get('[PAD]') ?? vocabulary.get('<pad>') ?? 0;
}

/** `id2label`, whose keys are numbers as text. */
function namesOf(config: Record<string, unknown>): string[] {
  const table = config['id2label'];
  if (typeof table !== 'object' || table === null) return [];
  const names: string[] = [];
  for (const [key, name] of Object.entries(table).slice(0, 100_000)) {
    const at = Number(key);
    if (Number.isInteger(at) && at >= 0 && at < 100_000 && typeof name === 'string') names[at] = name;
  }
  return Array.from(names, (name, at) => name ?? String(at));
}
