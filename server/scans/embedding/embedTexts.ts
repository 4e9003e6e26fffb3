import { WeighbridgeError } from '../../errors.ts';
import type { ScanReporter } from '../process/jobs.ts';
import { loadOnnxRuntime } from '../runtime/onnxRuntime.ts';
import type { ProviderReport, ProviderRequest } from '../runtime/providers.ts';
import { Session, type Values } from '../runtime/session.ts';
import { idsOf, readTextModel, type TextModel } from './textModel.ts';

export interface EmbedJob {
  /** Absolute path of the model's folder. */
  folder: string;
  texts: string[];
  provider: ProviderRequest;
}

export interface Embedded {
  /** One vector of length 1 a text, one after the other. */
  vectors: Float32Array;
  dimensions: number;
  /** Of the model's folder. */
  name: string;
  provider: ProviderReport;
}

/** Texts that run together; the longest decides how long all of them are. */
const batch = 32;

/**
 * Makes vectors of texts: tokens, the model, the mean over the tokens (or the first one, as the model says), length 1.
 * @throws {WeighbridgeError} `not-found` where ONNX Runtime or a file of the model is missing, `bad-input` for what is no such model.
 */
export async function embedTexts({ folder, texts, provider }: EmbedJob, reporter: ScanReporter): Promise<Embedded> {
  const model = readTextModel(folder);
  const session = await Session.open(loadOnnxRuntime(), () => model.file, { provider });
  try {
    // Texts of about one length run together; the vectors come back in the order of the texts.
    const ids = texts.map((text) => idsOf(model, text));
    const order = ids.map((_, index) => index).sort((a, b) => ids[a]!.length - ids[b]!.length);
    let vectors: Float32Array | null = null;
    let dimensions = 0;
    for (let from = 0; from < order.length; from += batch) {
      const chosen = order.slice(from, from + batch);
      const made = await run(
        session,
        model,
        chosen.map((index) => ids[index]!),
      );
      vectors ??= new Float32Array(texts.length * made.dimensions);
      dimensions = made.dimensions;
      for (const [row, index] of chosen.entries()) {
        vectors.set(made.vectors.subarray(row * dimensions, (row + 1) * dimensions), index * dimensions);
      }
      reporter.progress({
        phase: 'comparing texts',
        done: from + chosen.length,
        total: texts.length,
        secondsLeft: null,
      });
    }
    return { vectors: vectors ?? new Float32Array(0), dimensions, name: model.name, provider: session.provider };
  } finally {
    await session.close();
  }
}

async function run(
  session: Session,
  model: TextModel,
  texts: readonly number[][],
): Promise<{ vectors: Float32Array; dimensions: number }> {
  const length = Math.max(1, ...texts.map((ids) => ids.length));
  const shape = [texts.length, length];
  const input = new Int32Array(texts.length * length);
  const mask = new Int32Array(texts.length * length);
  for (const [row, ids] of texts.entries()) {
    input.set(ids, row * length);
    mask.fill(1, row * length, row * length + ids.length);
  }
  const known: Record<string, Values> = {
    input_ids: { shape, data: input },
    attention_mask: { shape, data: mask },
    token_type_ids: { shape, data: new Int32Array(texts.length * length) },
  };
  const feeds: Record<string, Values> = {};
  for (const name of session.inputNames) {
    const value = known[name];
    if (!value)
      throw new WeighbridgeError('bad-input', `the model wants an input "${name}": it is no text-embedding model`);
    feeds[name] = value;
  }
  const name = outputOf(session.outputNames);
  const output = (await session.run(feeds, [name]))[name];
  if (!output) throw new WeighbridgeError('bad-input', `the model gave no "${name}"`);
  return normalised(pooled(output, mask, model.pooling, texts.length, length));
}

function outputOf(names: readonly string[]): string {
  const usual = ['sentence_embedding', 'last_hidden_state', 'token_embeddings'];
  const name = usual.find((each) => names.includes(each)) ?? names[0];
  if (name === undefined) throw new WeighbridgeError('bad-input', 'the model has no output');
  return name;
}

/** One vector a text: as it comes, or of the vectors of its tokens. */
function pooled(
  { shape, data }: Values,
  mask: Int32Array,
  pooling: TextModel['pooling'],
  rows: number,
  length: number,
): { vectors: Float32Array; dimensions: number } {
  if (shape[0] !== rows || (shape.length !== 2 && (shape.length !== 3 || shape[1] !== length))) {
    throw new WeighbridgeError(
      'bad-input',
      `the model's output of shape ${shape.join(' x ')} holds no vectors of texts`,
    );
  }
  if (shape.length === 2) return { vectors: Float32Array.from(data), dimensions: shape[1] ?? 0 };
  const dimensions = shape[2] ?? 0;
  const vectors = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    let tokens = 0;
    for (let token = 0; token < (pooling === 'first' ? 1 : length); token++) {
      if (mask[row * length + token] === 0) continue;
      tokens++;
      const from = (row * length + token) * dimensions;
      for (let column = 0; column < dimensions; column++) vectors[row * dimensions + column]! += data[from + column]!;
    }
    for (let column = 0; column < dimensions; column++) vectors[row * dimensions + column]! /= Math.max(1, tokens);
  }
  return { vectors, dimensions };
}

function normalised(made: { vectors: Float32Array; dimensions: number }): typeof made {
  const { vectors, dimensions } = made;
  for (let from = 0; from < vectors.length; from += dimensions) {
    let sum = 0;
    for (let at = from; at < from + dimensions; at++) sum += vectors[at]! * vectors[at]!;
    if (!Number.isFinite(sum)) throw new WeighbridgeError('bad-input', 'the model gave numbers that are none');
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let at = from; at < from + dimensions; at++) vectors[at]! *= scale;
  }
  return made;
}
