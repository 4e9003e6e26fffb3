import { availableParallelism } from 'node:os';
import { WeighbridgeError } from '../errors.ts';
import type { Loss } from './gradient/differentiate.ts';
import { openGradient, type GradientSession } from './gradient/openGradient.ts';
import { scoresOf } from './gradient/scores.ts';
import { dataType, type OnnxValue } from './onnx/graph.ts';
import type { ModelFile } from './runtime/modelFile.ts';
import type { OnnxRuntime } from './runtime/onnxRuntime.ts';
import { providerNotice, type ProviderReport, type ProviderRequest } from './runtime/providers.ts';
import { noisy, openChecked } from './runtime/checkedSession.ts';
import type { Placement, Session, Values } from './runtime/session.ts';
import { sampleSize } from './samples/sampleSet.ts';

export interface ClassifierOptions {
  provider: ProviderRequest;
  /** Samples that are run at once, where the model leaves that open. */
  batch: number;
  threads?: number;
}

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
  placement: Placement | null = null;
  readonly #session: Session;
  readonly #input: string;
  readonly #scores: string;
  readonly #model: ModelFile;
  readonly #runtime: OnnxRuntime;
  readonly #options: ClassifierOptions;
  readonly #gradients = new Map<Loss, GradientSession>();
  #whyNoGradient: string | null = null;

  private constructor(
    parts: { session: Session; input: string; scores: string; model: ModelFile; runtime: OnnxRuntime },
    options: ClassifierOptions,
    sizes: { batch: number; classes: number; shape: readonly number[] },
  ) {
    this.#session = parts.session;
    this.#input = parts.input;
    this.#scores = parts.scores;
    this.#model = parts.model;
    this.#runtime = parts.runtime;
    this.#options = options;
    this.batch = sizes.batch;
    this.classes = sizes.classes;
    this.shape = sizes.shape;
  }

  /**
   * Loads a model for samples of the given shape.
   * @throws {WeighbridgeError} `bad-input` when it is no classifier of one input, or takes other shapes.
   */
  static async open(
    runtime: OnnxRuntime,
    model: ModelFile,
    shape: readonly number[],
    given: ClassifierOptions,
  ): Promise<Classifier> {
    const input = onlyInput(model);
    // Threads wait for one another longer than a small model runs.
    const options = {
      ...given,
      threads: given.threads ?? (model.size < 1 << 20 ? 1 : Math.min(4, availableParallelism())),
    };
    const batch = batchOf(model.path, input, shape, options.batch);
    const output = model.graph.outputs[0];
    if (!output) throw new WeighbridgeError('bad-input', `${model.path} has no output.`);
    const scores = scoresOf(model.graph, output.name).name;
    const known = model.graph.outputs.some(({ name }) => name === scores);
    const part = known ? null : { nodes: [], outputs: [{ name: scores }] };
    const feeds = { [input.name]: { shape: [batch, ...shape], data: new Float32Array(batch * sampleSize({ shape })) } };
    const session = await openChecked(
      runtime,
      () => model.with(part),
      { ...options, profiled: true, inPlace: model.isLarge },
      () => ({ feeds: noisy(feeds), fetches: [scores] }),
    );
    const parts = { session, input: input.name, scores, model, runtime };
    const probe = await session.run(feeds, [scores]);
    const placement = session.placement();
    const { shape: found } = probe[scores]!;
    const [rows, classes = 0] = found;
    if (found.length !== 2 || rows !== batch || classes < 2) {
      throw new WeighbridgeError(
        'bad-input',
        `${model.path} gives [${found.join(', ')}] for ${batch} samples; a classifier gives one score for each of two classes or more: [${batch}, classes].`,
      );
    }
    const classifier = new Classifier(parts, options, { batch, classes, shape });
    classifier.placement = placement;
    return classifier;
  }

  get provider(): ProviderReport {
    return this.#session.provider;
  }

  /** What is to be told of the provider; null when there is nothing. */
  get providerNotice(): string | null {
    const { used } = this.provider;
    const other = [...this.#gradients.values()].find(({ session }) => session.provider.used !== used);
    if (other === undefined) return providerNotice(this.provider);
    const reason = other.session.provider.failed.at(-1)?.reason ?? 'it does not work there';
    return `Scores ran on ${used}, and gradients on ${other.session.provider.used}: ${reason}.`;
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
    const size = sampleSize(this);
    const count = x.length / size;
    const all = new Float32Array(count * this.classes);
    for (let from = 0; from < count; from += this.batch) {
      const taken = Math.min(this.batch, count - from);
      const outputs = await this.#session.run({ [this.#input]: this.#values(x, from, taken) }, [this.#scores]);
      const scores = outputs[this.#scores]!.data;
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
      scores: this.#scores,
      loss,
      feeds: { [this.#input]: { shape, data: new Float32Array(shape.reduce((product, each) => product * each, 1)) } },
      provider: this.provider.used,
      ...(this.#options.threads !== undefined && { threads: this.#options.threads }),
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
      [this.#scores, graph.gradient],
    );
    this.runs += count;
    return {
      scores: floats(outputs[this.#scores]!).subarray(0, count * this.classes),
      gradient: floats(outputs[graph.gradient]!).subarray(0, count * sampleSize(this)),
    };
  }

  async close(): Promise<void> {
    await this.#session.close();
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
  if (batch * sampleSize({ shape }) <= mostValues) return batch;
  throw new WeighbridgeError('bad-input', `${path} takes ${batch} samples at once, which is more than a scan gives.`);
}

/** Values of one batch: a gigabyte of them. */
const mostValues = 2 ** 28;

const fitsSize = (wanted: number | string | null, size: number): boolean =>
  typeof wanted !== 'number' || wanted <= 0 || wanted === size;
