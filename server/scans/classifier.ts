import { WeighbridgeError } from '../errors.ts';
import type { Loss } from './gradient/differentiate.ts';
import { openGradient, type GradientSession } from './gradient/openGradient.ts';
import { dataType, type OnnxValue } from './onnx/graph.ts';
import type { ModelFile } from './runtime/modelFile.ts';
import type { OnnxRuntime } from './runtime/onnxRuntime.ts';
import { providerNotice, type ProviderReport } from './runtime/providers.ts';
import type { Placement, Values } from './runtime/session.ts';
import { sampleSize } from './samples/sampleSet.ts';
import { checkBatch, openScores, type ClassifierOptions, type ScoresSession } from './scoresSession.ts';

/** Gradients of one batch. */
export interface BatchGradient {
  /** [batch, classes]. */
  scores: Float32Array;
  /** [batch, ...shape]. */
  gradient: Float32Array;
}

/**
 * A model that gives one score a class, run in batches of a fixed size: where a batch is not full, its last sample is repeated, and
 * what comes of it is dropped.
 */
export class Classifier {
  readonly batch: number;
  readonly classes: number;
  /** Shape of one sample. */
  readonly shape: readonly number[];
  /** Samples that were run, forward or with a gradient. */
  runs = 0;
  /** Where the nodes of the model ran, in its first batch. */
  readonly placement: Placement | null;
  readonly #opened: ScoresSession;
  readonly #input: string;
  readonly #model: ModelFile;
  readonly #runtime: OnnxRuntime;
  readonly #gradients = new Map<Loss, GradientSession>();
  #whyNoGradient: string | null = null;

  private constructor(
    parts: { opened: ScoresSession; input: string; model: ModelFile; runtime: OnnxRuntime },
    batch: number,
    shape: readonly number[],
  ) {
    this.#opened = parts.opened;
    this.#input = parts.input;
    this.#model = parts.model;
    this.#runtime = parts.runtime;
    this.batch = batch;
    this.classes = parts.opened.classes;
    this.shape = shape;
    this.placement = parts.opened.placement;
  }

  /**
   * Loads a model for samples of the given shape.
   * @throws {WeighbridgeError} `bad-input` when it is no classifier of one input, or takes other shapes.
   */
  static async open(
    runtime: OnnxRuntime,
    model: ModelFile,
    shape: readonly number[],
    options: ClassifierOptions,
  ): Promise<Classifier> {
    const input = onlyInput(model);
    const batch = batchOf(model.path, input, shape, options.batch);
    const feeds = { [input.name]: { shape: [batch, ...shape], data: new Float32Array(batch * sampleSize({ shape })) } };
    const opened = await openScores(runtime, model, options, { feeds, batch, what: 'samples' });
    return new Classifier({ opened, input: input.name, model, runtime }, batch, shape);
  }

  get provider(): ProviderReport {
    return this.#opened.session.provider;
  }

  /** What is to be told of the provider; null when there is nothing. */
  get providerNotice(): string | null {
    return providerNotice(this.provider, ...[...this.#gradients.values()].map(({ session }) => session.provider));
  }

  /** Why there are no gradients; null while that is not known. */
  get whyNoGradient(): string | null {
    return this.#whyNoGradient;
  }

  /** Operators whose gradient is an estimate. */
  get estimated(): readonly string[] {
    return [...this.#gradients.values()][0]?.estimated ?? [];
  }

  /** Scores [count, classes] of samples. */
  async scores(x: Float32Array): Promise<Float32Array> {
    const { session, scores: name } = this.#opened;
    const count = x.length / sampleSize(this);
    const all = new Float32Array(count * this.classes);
    for (let from = 0; from < count; from += this.batch) {
      const taken = Math.min(this.batch, count - from);
      const outputs = await session.run({ [this.#input]: this.#values(x, from, taken) }, [name]);
      const scores = outputs[name]!.data;
      for (let index = 0; index < taken * this.classes; index++) all[from * this.classes + index] = scores[index]!;
      this.runs += taken;
    }
    return all;
  }

  /** The class of each sample: that of the best score. */
  async predictions(x: Float32Array): Promise<Int32Array> {
    return bestOf(await this.scores(x), this.classes);
  }

  /** Whether there are gradients of a loss. */
  async differentiable(loss: Loss): Promise<boolean> {
    if (this.#gradients.has(loss)) return true;
    if (this.#whyNoGradient !== null) return false;
    const shape = [this.batch, ...this.shape];
    const opened = await openGradient(this.#runtime, this.#model, {
      from: this.#input,
      type: this.#model.graph.inputs[0]?.type ?? dataType.float,
      scores: this.#opened.scores,
      loss,
      feeds: { [this.#input]: { shape, data: new Float32Array(shape.reduce((product, each) => product * each, 1)) } },
      provider: this.provider.used,
      threads: this.#opened.threads,
    });
    if ('reason' in opened) {
      this.#whyNoGradient = opened.reason;
      return false;
    }
    this.#gradients.set(loss, opened);
    return true;
  }

  /**
   * Scores, and the gradient of the loss towards `target`, of up to one batch of samples. Only after `differentiable` has said yes.
   */
  async gradient(loss: Loss, x: Float32Array, target: ArrayLike<number>): Promise<BatchGradient> {
    const opened = this.#gradients.get(loss);
    if (!opened) throw new Error('gradients are asked for before it is known that there are any');
    const count = x.length / sampleSize(this);
    const classes = Array.from({ length: this.batch }, (_, index) => target[Math.min(index, count - 1)]!);
    const { session, graph } = opened;
    const outputs = await session.run(
      { [this.#input]: this.#values(x, 0, count), [graph.input]: { shape: [this.batch], data: classes } },
      [this.#opened.scores, graph.gradient],
    );
    this.runs += count;
    return {
      scores: floats(outputs[this.#opened.scores]!).subarray(0, count * this.classes),
      gradient: floats(outputs[graph.gradient]!).subarray(0, count * sampleSize(this)),
    };
  }

  async close(): Promise<void> {
    await this.#opened.session.close();
    for (const { session } of this.#gradients.values()) await session.close();
  }

  #values(x: Float32Array, from: number, count: number): Values {
    const size = sampleSize(this);
    const shape = [this.batch, ...this.shape];
    if (count === this.batch) return { shape, data: x.subarray(from * size, (from + count) * size) };
    const data = new Float32Array(this.batch * size);
    for (let row = 0; row < this.batch; row++) {
      const at = (from + Math.min(row, count - 1)) * size;
      data.set(x.subarray(at, at + size), row * size);
    }
    return { shape, data };
  }
}

function floats({ data }: Values): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/** The class of the best score in each row. */
export function bestOf(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let index = 1; index < classes; index++)
      if (scores[row * classes + index]! > scores[row * classes + best]!) best = index;
    return best;
  });
}

function onlyInput({ path, graph }: ModelFile): OnnxValue {
  const [input, ...others] = graph.inputs;
  if (input && others.length === 0) return input;
  const names = graph.inputs.map(({ name }) => name).join(', ');
  throw new WeighbridgeError(
    'bad-input',
    `${path} takes ${graph.inputs.length} inputs (${names}); such a model can be scanned where all but one are masks of tokens, or not at all.`,
  );
}

/** How many samples are run at once. @throws {WeighbridgeError} when the model takes other samples. */
function batchOf(path: string, input: OnnxValue, shape: readonly number[], wanted: number): number {
  const wants = input.shape;
  if (wants === null) return wanted;
  const fits = wants.length === shape.length + 1 && shape.every((size, axis) => fitsSize(wants[axis + 1]!, size));
  if (!fits) {
    const told = (sizes: readonly (number | string | null)[]): string =>
      `[${sizes.map((size) => size ?? '?').join(', ')}]`;
    throw new WeighbridgeError(
      'bad-input',
      `${path} takes samples of the shape ${told(wants.slice(1))}, and the samples have ${told(shape)}: give samples as the model takes them, or say how they become so (preprocessing in weighbridge.yaml).`,
    );
  }
  const [batch] = wants;
  if (typeof batch !== 'number' || batch <= 0) return wanted;
  checkBatch(path, batch, sampleSize({ shape }));
  return batch;
}

const fitsSize = (wanted: number | string | null, size: number): boolean =>
  typeof wanted !== 'number' || wanted <= 0 || wanted === size;
