import { availableParallelism } from 'node:os';
import { WeighbridgeError } from '../errors.ts';
import { scoresOf } from './gradient/scores.ts';
import { noisy, openChecked } from './runtime/checkedSession.ts';
import type { ModelFile } from './runtime/modelFile.ts';
import type { OnnxRuntime } from './runtime/onnxRuntime.ts';
import type { ProviderRequest } from './runtime/providers.ts';
import type { Placement, Session, Values } from './runtime/session.ts';

export interface ClassifierOptions {
  provider: ProviderRequest;
  /** Samples that are run at once, where the model leaves that open. */
  batch: number;
  threads?: number;
}

/** A classifier that is loaded and has run once. */
export interface ScoresSession {
  session: Session;
  /** Name of the output [batch, classes]. */
  scores: string;
  classes: number;
  /** Threads for its gradients, too. */
  threads: number;
  /** Where its nodes ran. */
  placement: Placement | null;
}

/** Values of one batch: a gigabyte of them. */
const mostValues = 2 ** 28;

/** @param values of one sample. @throws {WeighbridgeError} when a model asks for more at once than a scan gives. */
export function checkBatch(path: string, batch: number, values: number): void {
  if (batch * values <= mostValues) return;
  throw new WeighbridgeError(
    'bad-input',
    `${path} takes ${batch} samples at once, of ${values} values each, which is more than a scan gives.`,
  );
}

/**
 * Loads a model for its scores, and runs one batch.
 * @param what it takes, for a person.
 * @throws {WeighbridgeError} `bad-input` when it gives no score a class for each sample.
 */
export async function openScores(
  runtime: OnnxRuntime,
  model: ModelFile,
  options: ClassifierOptions,
  { feeds, batch, what }: { feeds: Readonly<Record<string, Values>>; batch: number; what: 'samples' | 'texts' },
): Promise<ScoresSession> {
  const output = model.graph.outputs[0];
  if (!output) throw new WeighbridgeError('bad-input', `${model.path} has no output.`);
  const scores = scoresOf(model.graph, output.name).name;
  const known = model.graph.outputs.some(({ name }) => name === scores);
  const part = known ? null : { nodes: [], outputs: [{ name: scores }] };
  // Threads wait for one another longer than a small model runs.
  const threads = options.threads ?? (model.size < 1 << 20 ? 1 : Math.min(4, availableParallelism()));
  const session = await openChecked(
    runtime,
    () => model.with(part),
    { ...options, threads, profiled: true, inPlace: model.isLarge },
    () => ({ feeds: noisy(feeds), fetches: [scores] }),
  );
  try {
    const { shape } = (await session.run(feeds, [scores]))[scores]!;
    const [rows, classes = 0] = shape;
    if (shape.length !== 2 || rows !== batch || classes < 2) {
      throw new WeighbridgeError(
        'bad-input',
        `${model.path} gives [${shape.join(', ')}] for ${batch} ${what}; a classifier gives one score for each of two classes or more: [${batch}, classes].`,
      );
    }
    return { session, scores, classes, threads, placement: session.placement() };
  } catch (error) {
    await session.close();
    throw error;
  }
}
