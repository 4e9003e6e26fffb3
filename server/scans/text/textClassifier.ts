import { WeighbridgeError } from '../../errors.ts';
import { openGradient, type GradientSession } from '../gradient/openGradient.ts';
import { freePrefix } from '../gradient/probe.ts';
import type { OnnxGraph } from '../onnx/graph.ts';
import type { ModelFile } from '../runtime/modelFile.ts';
import type { OnnxRuntime } from '../runtime/onnxRuntime.ts';
import { providerNotice, type ProviderReport } from '../runtime/providers.ts';
import type { Placement, Values } from '../runtime/session.ts';
import { checkBatch, openScores, type ClassifierOptions, type ScoresSession } from '../scoresSession.ts';
import { embeddingLookup, tokenSlopes, type TokenSlopes } from './embedding.ts';

/** Names that exports give the tokens, in the order in which they are looked for, and what else they may ask for. */
const tokenInput = 'input_ids';
const otherInputs = ['attention_mask', 'token_type_ids', 'position_ids'];

/** Whether a model takes tokens of text. */
export function takesTokens({ inputs }: OnnxGraph): boolean {
  return inputs.some(({ name }) => name === tokenInput);
}

/** Losses, and how the loss changes with each token of the vocabulary at some places. */
export interface TokenGradient {
  /** [rows, classes]. */
  scores: Float32Array;
  /** [places, vocabulary]; less is better. */
  slopes: Float32Array;
}

/** A model that gives one score a class for the tokens of a text. */
export class TextClassifier {
  readonly batch: number;
  readonly classes: number;
  /** Tokens of a text at most, with the special ones; shorter ones are padded. */
  readonly length: number;
  /** Rows that were run. */
  runs = 0;
  /** Where the nodes of the model ran, in its first batch. */
  readonly placement: Placement | null;
  readonly #opened: ScoresSession;
  readonly #model: ModelFile;
  readonly #runtime: OnnxRuntime;
  readonly #feeding: Feeding;
  readonly #example: readonly number[];
  #gradient: (GradientSession & { slopes: TokenSlopes; places: number }) | null = null;
  #whyNoGradient: string | null = null;

  private constructor(
    parts: { opened: ScoresSession; model: ModelFile; runtime: OnnxRuntime },
    feeding: Feeding,
    example: readonly number[],
  ) {
    this.#opened = parts.opened;
    this.#model = parts.model;
    this.#runtime = parts.runtime;
    this.#feeding = feeding;
    this.#example = example;
    this.batch = feeding.batch;
    this.length = feeding.length;
    this.classes = parts.opened.classes;
    this.placement = parts.opened.placement;
  }

  /**
   * Loads a model for texts of up to `length` tokens; where the model has a length of its own, that holds.
   * @param example ids of a text, with which the model is tried.
   * @throws {WeighbridgeError} `bad-input` when it is no classifier of tokens.
   */
  static async open(
    runtime: OnnxRuntime,
    model: ModelFile,
    length: number,
    padding: number,
    example: readonly number[],
    options: ClassifierOptions,
  ): Promise<TextClassifier> {
    const { path, graph } = model;
    const strange = graph.inputs.find(({ name }) => name !== tokenInput && !otherInputs.includes(name));
    if (strange)
      throw new WeighbridgeError(
        'bad-input',
        `${path} takes an input "${strange.name}"; of text classifiers those are scanned that take ${[tokenInput, ...otherInputs].join(', ')}: export it so.`,
      );
    const [rows, tokens] = graph.inputs.find(({ name }) => name === tokenInput)!.shape ?? [];
    const isGiven = (size: number | string | null | undefined): size is number => typeof size === 'number' && size > 0;
    const batch = isGiven(rows) ? rows : options.batch;
    const hasLength = isGiven(tokens);
    const feeding = {
      names: graph.inputs.map(({ name }) => name),
      ...{ batch, padding, hasLength, length: hasLength ? tokens : length },
    };
    checkBatch(path, batch, feeding.length);
    const feeds = feedsOf(feeding, [example]);
    const opened = await openScores(runtime, model, options, { feeds, batch, what: 'texts' });
    return new TextClassifier({ opened, model, runtime }, feeding, example);
  }

  get provider(): ProviderReport {
    return this.#opened.session.provider;
  }

  /** What is to be told of the provider; null when there is nothing. */
  get providerNotice(): string | null {
    return providerNotice(this.provider, ...(this.#gradient === null ? [] : [this.#gradient.session.provider]));
  }

  get whyNoGradient(): string | null {
    return this.#whyNoGradient;
  }

  /** Operators whose gradient is an estimate. */
  get estimated(): readonly string[] {
    return this.#gradient?.estimated ?? [];
  }

  /** Scores [count, classes] of texts, each given by its ids with the special ones. */
  async scores(texts: readonly (readonly number[])[]): Promise<Float32Array> {
    const { session, scores } = this.#opened;
    const all = new Float32Array(texts.length * this.classes);
    for (let from = 0; from < texts.length; from += this.batch) {
      const part = texts.slice(from, from + this.batch);
      const { data } = (await session.run(feedsOf(this.#feeding, part), [scores]))[scores]!;
      for (let index = 0; index < part.length * this.classes; index++) all[from * this.classes + index] = data[index]!;
      this.runs += part.length;
    }
    return all;
  }

  /**
   * Whether it can be told how the loss changes with each token.
   * @param places tokens of a text that are asked for at once, at most.
   */
  async differentiable(places: number): Promise<boolean> {
    if (this.#gradient !== null) return true;
    if (this.#whyNoGradient !== null) return false;
    const { graph } = this.#model;
    const lookup = embeddingLookup(graph, tokenInput, freePrefix(graph));
    if (lookup === null) {
      this.#whyNoGradient = 'no lookup of word vectors was found that tokens alone go into (a Gather of a table)';
      return false;
    }
    let slopes: TokenSlopes | null = null;
    const opened = await openGradient(this.#runtime, this.#model, {
      from: lookup.vectors,
      type: lookup.type,
      scores: this.#opened.scores,
      loss: 'cross-entropy',
      feeds: feedsOf(this.#feeding, [this.#example], this.length),
      provider: this.provider.used,
      more: (gradient, prefix) => {
        slopes = tokenSlopes(lookup, gradient, places, graph.opset, prefix);
        return slopes.part;
      },
      moreFeeds: () => ({ [slopes!.places]: { shape: [places], data: Array.from({ length: places }, () => 0) } }),
      threads: this.#opened.threads,
    });
    if ('reason' in opened) {
      this.#whyNoGradient = opened.reason;
      return false;
    }
    this.#gradient = { ...opened, slopes: slopes!, places };
    return true;
  }

  /**
   * Scores of up to one batch of texts, and the slopes of the cross-entropy towards a class, summed over them. Only after `differentiable` has said
   * yes.
   * @param at places in the rows, no more than were told to `differentiable`.
   */
  async gradient(texts: readonly (readonly number[])[], target: number, at: readonly number[]): Promise<TokenGradient> {
    const opened = this.#gradient;
    if (!opened) throw new Error('gradients are asked for before it is known that there are any');
    const { session, graph, slopes, places } = opened;
    const outputs = await session.run(
      {
        ...feedsOf(this.#feeding, texts, this.length),
        [graph.input]: { shape: [this.batch], data: new Int32Array(this.batch).fill(target) },
        [slopes.places]: { shape: [places], data: Array.from({ length: places }, (_, index) => at[index] ?? at[0]!) },
      },
      [this.#opened.scores, slopes.slopes],
    );
    this.runs += texts.length;
    const found = outputs[slopes.slopes]!;
    const width = found.shape[1]!;
    return {
      scores: Float32Array.from(outputs[this.#opened.scores]!.data).subarray(0, texts.length * this.classes),
      slopes: Float32Array.from(found.data).subarray(0, at.length * width),
    };
  }

  async close(): Promise<void> {
    await this.#opened.session.close();
    await this.#gradient?.session.close();
  }
}

/** How texts become inputs of a model. */
interface Feeding {
  /** Inputs that it takes. */
  names: readonly string[];
  batch: number;
  /** Tokens of a text at most, and whether the model takes just so many. */
  length: number;
  hasLength: boolean;
  padding: number;
}

/** One batch: what is missing repeats the last text. As wide as the longest text, unless a width is given or needed. */
function feedsOf(
  feeding: Feeding,
  texts: readonly (readonly number[])[],
  width = widthOf(feeding, texts),
): Record<string, Values> {
  const { names, batch, padding } = feeding;
  const shape = [batch, width];
  const size = batch * width;
  const ids = new Int32Array(size).fill(padding);
  const mask = new Int32Array(size);
  for (let row = 0; row < batch; row++) {
    const text = (texts[Math.min(row, texts.length - 1)] ?? []).slice(0, width);
    ids.set(text, row * width);
    mask.fill(1, row * width, row * width + text.length);
  }
  const known: Record<string, Values> = {
    input_ids: { shape, data: ids },
    attention_mask: { shape, data: mask },
    token_type_ids: { shape, data: new Int32Array(size) },
    position_ids: { shape, data: Int32Array.from({ length: size }, (_, index) => index % width) },
  };
  return Object.fromEntries(names.map((name) => [name, known[name]!]));
}

/** Without a mask the model sees the padding, which then must not depend on the other texts. */
function widthOf({ names, hasLength, length }: Feeding, texts: readonly (readonly number[])[]): number {
  if (hasLength || !names.includes('attention_mask')) return length;
  const longest = texts.reduce((most, text) => Math.max(most, text.length), 1);
  return Math.min(length, 8 * Math.ceil(longest / 8));
}
