import { availableParallelism } from 'node:os';
import { WeighbridgeError } from '../../errors.ts';
import { openGradient, type GradientSession } from '../gradient/openGradient.ts';
import { freePrefix } from '../gradient/probe.ts';
import { scoresOf } from '../gradient/scores.ts';
import type { OnnxGraph } from '../onnx/graph.ts';
import type { ModelFile } from '../runtime/modelFile.ts';
import type { OnnxRuntime } from '../runtime/onnxRuntime.ts';
import { providerNotice, type ProviderReport } from '../runtime/providers.ts';
import { Session, type Placement, type Values } from '../runtime/session.ts';
import type { ClassifierOptions } from '../classifier.ts';
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
  placement: Placement | null = null;
  readonly #session: Session;
  readonly #scores: string;
  readonly #model: ModelFile;
  readonly #runtime: OnnxRuntime;
  readonly #options: ClassifierOptions;
  readonly #padding: number;
  #gradient: (GradientSession & { slopes: TokenSlopes; places: number }) | null = null;
  #whyNoGradient: string | null = null;

  private constructor(
    parts: { session: Session; scores: string; model: ModelFile; runtime: OnnxRuntime; padding: number },
    options: ClassifierOptions,
    sizes: { batch: number; classes: number; length: number },
  ) {
    this.#session = parts.session;
    this.#scores = parts.scores;
    this.#model = parts.model;
    this.#runtime = parts.runtime;
    this.#padding = parts.padding;
    this.#options = options;
    this.batch = sizes.batch;
    this.classes = sizes.classes;
    this.length = sizes.length;
  }

  /**
   * Loads a model for texts of up to `length` tokens; where the model has a length of its own, that holds.
   * @param example ids of a text.
   * @throws {WeighbridgeError} `bad-input` when it is no classifier of tokens.
   */
  static async open(
    runtime: OnnxRuntime,
    model: ModelFile,
    length: number,
    padding: number,
    example: readonly number[],
    given: ClassifierOptions,
  ): Promise<TextClassifier> {
    const { path, graph } = model;
    const strange = graph.inputs.find(({ name }) => name !== tokenInput && !otherInputs.includes(name));
    if (strange)
      throw new WeighbridgeError(
        'bad-input',
        `${path} takes an input "${strange.name}"; of text classifiers those are scanned that take ${[tokenInput, ...otherInputs].join(', ')}: export it so.`,
      );
    const output = graph.outputs[0];
    if (!output) throw new WeighbridgeError('bad-input', `${path} has no output.`);
    const options = {
      ...given,
      threads: given.threads ?? (model.size < 1 << 20 ? 1 : Math.min(4, availableParallelism())),
    };
    const [rows, tokens] = graph.inputs.find(({ name }) => name === tokenInput)!.shape ?? [];
    const batch = typeof rows === 'number' && rows > 0 ? rows : options.batch;
    const fixed = typeof tokens === 'number' && tokens > 0 ? tokens : length;
    const scores = scoresOf(graph, output.name).name;
    const known = graph.outputs.some(({ name }) => name === scores);
    const part = known ? null : { nodes: [], outputs: [{ name: scores }] };
    const session = await Session.open(runtime, () => model.with(part), {
      ...options,
      profiled: true,
      inPlace: model.isLarge,
    });
    const parts = { session, scores, model, runtime, padding };
    const opened = new TextClassifier(parts, options, { batch, classes: 0, length: fixed });
    const { shape } = (await session.run(opened.#feeds([example.slice(0, fixed)]), [scores]))[scores]!;
    const [found, classes = 0] = shape;
    const placement = session.placement();
    if (shape.length !== 2 || found !== batch || classes < 2) {
      await session.close();
      throw new WeighbridgeError(
        'bad-input',
        `${path} gives [${shape.join(', ')}] for ${batch} texts; a classifier gives one score for each of two classes or more: [${batch}, classes].`,
      );
    }
    const classifier = new TextClassifier(parts, options, { batch, classes, length: fixed });
    classifier.placement = placement;
    return classifier;
  }

  get provider(): ProviderReport {
    return this.#session.provider;
  }

  get providerNotice(): string | null {
    return providerNotice(this.provider);
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
    const all = new Float32Array(texts.length * this.classes);
    for (let from = 0; from < texts.length; from += this.batch) {
      const part = texts.slice(from, from + this.batch);
      const { data } = (await this.#session.run(this.#feeds(part), [this.#scores]))[this.#scores]!;
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
      scores: this.#scores,
      loss: 'cross-entropy',
      feeds: this.#feeds([[]], this.length),
      provider: this.provider.used,
      more: (gradient, prefix) => {
        slopes = tokenSlopes(lookup, gradient, places, graph.opset, prefix);
        return slopes.part;
      },
      moreFeeds: () => ({ [slopes!.places]: { shape: [places], data: Array.from({ length: places }, () => 0) } }),
      ...(this.#options.threads !== undefined && { threads: this.#options.threads }),
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
        ...this.#feeds(texts, this.length),
        [graph.input]: { shape: [this.batch], data: new Int32Array(this.batch).fill(target) },
        [slopes.places]: { shape: [places], data: Array.from({ length: places }, (_, index) => at[index] ?? at[0]!) },
      },
      [this.#scores, slopes.slopes],
    );
    this.runs += texts.length;
    const found = outputs[slopes.slopes]!;
    const width = found.shape[1]!;
    return {
      scores: Float32Array.from(outputs[this.#scores]!.data).subarray(0, texts.length * this.classes),
      slopes: Float32Array.from(found.data).subarray(0, at.length * width),
    };
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#gradient?.session.close();
  }

  /** One batch: what is missing repeats the last text. As wide as the longest text, unless a width is given or needed. */
  #feeds(texts: readonly (readonly number[])[], width = this.#width(texts)): Record<string, Values> {
    const shape = [this.batch, width];
    const size = this.batch * width;
    const ids = new Int32Array(size).fill(this.#padding);
    const mask = new Int32Array(size);
    for (let row = 0; row < this.batch; row++) {
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
    return Object.fromEntries(this.#model.graph.inputs.map(({ name }) => [name, known[name]!]));
  }

  /** Without a mask the model sees the padding, which then must not depend on the other texts. */
  #width(texts: readonly (readonly number[])[]): number {
    const { inputs } = this.#model.graph;
    const tokens = inputs.find(({ name }) => name === tokenInput)!.shape?.[1];
    const masked = inputs.some(({ name }) => name === 'attention_mask');
    if (!masked || (typeof tokens === 'number' && tokens > 0)) return this.length;
    const longest = texts.reduce((most, { length }) => Math.max(most, length), 1);
    return Math.min(this.length, 8 * Math.ceil(longest / 8));
  }
}
