import { performance } from 'node:perf_hooks';
import { WeighbridgeError } from '../errors.ts';
import { ModelFile } from './runtime/modelFile.ts';
import { loadOnnxRuntime } from './runtime/onnxRuntime.ts';
import type { ProviderReport, ProviderRequest } from './runtime/providers.ts';
import { Session, type Values } from './runtime/session.ts';
import type { ScanReporter } from './process/jobs.ts';

export interface AnswerJob {
  model: string;
  provider: ProviderRequest;
  /** By probe: nested lists of numbers for the only input, or those by the name of the input. */
  probes: unknown[];
  /** How often all of them are asked. */
  rounds: number;
}

export interface ModelAnswers {
  /** By round and probe: outputs by name, flattened, and how long the run took. */
  answers: { numbers: Record<string, number[]>; latencyMs: number }[];
  provider: ProviderReport;
}

/** Runs a model on probes, one at a time, as a deployed one is asked. @throws {WeighbridgeError} `bad-input` naming the probe. */
export async function answerProbes(job: AnswerJob, reporter: ScanReporter): Promise<ModelAnswers> {
  const file = new ModelFile(job.model);
  try {
    const session = await Session.open(loadOnnxRuntime(), () => file.with(null), { provider: job.provider });
    const total = job.probes.length * job.rounds;
    const answers: ModelAnswers['answers'] = [];
    for (let index = 0; index < total; index++) {
      const place = (index % job.probes.length) + 1;
      const feeds = feedsOf(job.probes[place - 1], session, place);
      const began = performance.now();
      const outputs = await session.run(feeds);
      const latencyMs = performance.now() - began;
      const numbers = Object.entries(outputs).map(
        ([name, { data }]) => [name, finite([...data], name, place)] as const,
      );
      answers.push({ numbers: Object.fromEntries(numbers), latencyMs });
      reporter.progress({ phase: 'asking probes', done: index + 1, total, secondsLeft: null });
    }
    await session.close();
    return { answers, provider: session.provider };
  } finally {
    file.close();
  }
}

/** NaN cannot be compared, and is no answer. */
function finite(values: number[], name: string, place: number): number[] {
  if (values.every((value) => Number.isFinite(value))) return values;
  throw new WeighbridgeError(
    'bad-input',
    `the model answers probe ${place} with a value of ${name} that is no finite number`,
  );
}

function feedsOf(probe: unknown, session: Session, place: number): Record<string, Values> {
  const wrong = (what: string) => new WeighbridgeError('bad-input', `probe ${place} ${what}`);
  const [only, ...more] = session.inputNames;
  if (only === undefined) throw new WeighbridgeError('bad-input', 'the model takes no input, so it cannot be asked');
  const byName =
    typeof probe === 'object' && probe !== null && !Array.isArray(probe) ? (probe as Record<string, unknown>) : null;
  if (!byName && more.length > 0) throw wrong(`must name the inputs ${session.inputNames.join(', ')}`);
  return Object.fromEntries(
    session.inputNames.map((name) => {
      const value = byName ? byName[name] : probe;
      if (value === undefined) throw wrong(`lacks the input ${name}`);
      const { shape, data } = tensorOf(value, () => wrong(`is no list of numbers of one shape for the input ${name}`));
      const wanted = session.inputShape(name);
      // One sample without its batch is what people write.
      const full = shape.length === wanted.length - 1 ? [1, ...shape] : shape;
      const fits = full.length === wanted.length && wanted.every((size, index) => size === 0 || size === full[index]);
      if (!fits)
        throw wrong(
          `has the shape (${shape.join(', ')}) for the input ${name}, which wants (${wanted.map((size) => size || 'any').join(', ')})`,
        );
      return [name, { shape: full, data }];
    }),
  );
}

const deepest = 8;

/** Nested lists of one shape. */
function tensorOf(value: unknown, wrong: () => WeighbridgeError): { shape: number[]; data: number[] } {
  const shape: number[] = [];
  for (let at: unknown = value; Array.isArray(at); at = (at as unknown[])[0]) {
    shape.push(at.length);
    if (shape.length > deepest || at.length === 0) throw wrong();
  }
  const data: number[] = [];
  const take = (each: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof each !== 'number' || !Number.isFinite(each)) throw wrong();
      data.push(each);
      return;
    }
    if (!Array.isArray(each) || each.length !== shape[depth]) throw wrong();
    for (const inner of each as unknown[]) take(inner, depth + 1);
  };
  take(value, 0);
  return { shape, data };
}
