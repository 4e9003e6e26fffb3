import { SeededRandom } from '../seededRandom.ts';
import type { OnnxRuntime } from './onnxRuntime.ts';
import { reasonOf, type Provider } from './providers.ts';
import { Session, type SessionOptions, type Values } from './session.ts';

/** One batch that is run before anything depends on what comes out. */
export interface Trial {
  feeds: Readonly<Record<string, Values>>;
  fetches: readonly string[];
}

/**
 * Below it, results are not those of the CPU: the cosine of both. Single gradients differ where rounding takes a value across a kink (ReLU,
 * MaxPool), so that values one by one say little.
 */
const alike = 0.999;

/**
 * Opens a model with the provider that is asked for, and lets it run one batch. A provider that cannot run it, or comes to other results than
 * the CPU, is replaced by the CPU, and the report says why: ONNX Runtime 1.30's WebGPU provider loads operators that it cannot run, and
 * computes some convolutions with groups wrongly without a word.
 * @throws {WeighbridgeError} `bad-input` when the CPU cannot load or run it either.
 */
export async function openChecked(
  runtime: OnnxRuntime,
  model: (provider: Provider) => Uint8Array | string,
  options: SessionOptions,
  trial: (session: Session) => Trial,
): Promise<Session> {
  const session = await Session.open(runtime, model, options);
  const { used } = session.provider;
  if (used === 'cpu') return session;
  const cpu = await Session.open(runtime, model, { ...options, provider: 'cpu' });
  const reason = await difference(session, cpu, trial);
  if (reason === null) {
    await cpu.close();
    return session;
  }
  const { failed } = session.provider;
  await session.close();
  cpu.provider = {
    ...cpu.provider,
    requested: options.provider,
    failed: [...failed, { provider: used, reason, loaded: true }],
  };
  return cpu;
}

async function difference(session: Session, cpu: Session, trial: (session: Session) => Trial): Promise<string | null> {
  const wanted = await runTrial(cpu, trial(cpu));
  try {
    const got = await runTrial(session, trial(session));
    const worst = Math.min(...wanted.map((values, index) => cosine(values, got[index]!)));
    // NaN is not at least anything.
    return worst >= alike ? null : `it gives other results than the CPU (the cosine of both is ${worst.toFixed(3)})`;
  } catch (error) {
    return reasonOf((error as Error).message);
  }
}

async function runTrial(session: Session, { feeds, fetches }: Trial): Promise<ArrayLike<number>[]> {
  const outputs = await session.run(feeds, fetches);
  return fetches.map((name) => outputs[name]!.data);
}

/** @param a of the CPU. */
function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    // What the CPU cannot compute says nothing.
    if (!Number.isFinite(a[index]!)) continue;
    product += a[index]! * b[index]!;
    left += a[index]! ** 2;
    right += b[index]! ** 2;
  }
  return left === 0 && right === 0 ? 1 : product / Math.sqrt(left * right);
}

/** Values between 0 and 1, as most inputs are, instead of those of the given feeds. Whole numbers are left: they count something. */
export function noisy(feeds: Readonly<Record<string, Values>>): Record<string, Values> {
  const random = new SeededRandom(1);
  const filled = Object.entries(feeds).map(([name, { shape, data }]): [string, Values] => [
    name,
    { shape, data: data instanceof Float32Array ? data.map(() => random.next()) : data },
  ]);
  return Object.fromEntries(filled);
}
