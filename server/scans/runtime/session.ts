import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { WeighbridgeError } from '../../errors.ts';
import { halfBits } from '../onnx/writeModel.ts';
import { firstLine, type OnnxRuntime } from './onnxRuntime.ts';
import { withFirstProvider, type Provider, type ProviderReport, type ProviderRequest } from './providers.ts';

/** A tensor that goes into a model or comes out of it. Whole numbers of 64 bits are plain numbers here. */
export interface Values {
  shape: readonly number[];
  data: Float32Array | Int32Array | number[];
}

/** Where the nodes of a session really ran. */
export interface Placement {
  /** By provider, as ONNX Runtime names it (`CPUExecutionProvider`): nodes, and their share of the time that kernels took. */
  [provider: string]: { nodes: number; timeShare: number };
}

/** As ONNX Runtime writes it: microseconds. */
interface ProfileEvent {
  name?: string;
  dur?: number;
  args?: { provider?: string };
}

export interface SessionOptions {
  provider: ProviderRequest;
  threads?: number;
  /** Records where nodes run; `placement` then tells. */
  profiled?: boolean;
  optimize?: boolean;
  /** Uses weights as they lie in their files, which the system maps: no copies in another order, which run faster. */
  inPlace?: boolean;
}

/** A model that is loaded. */
export class Session {
  provider: ProviderReport;
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  #profile: string | null;
  readonly #types = new Map<string, Tensor.Type>();

  private constructor(
    runtime: OnnxRuntime,
    session: InferenceSession,
    provider: ProviderReport,
    profile: string | null,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.provider = provider;
    this.#profile = profile;
    for (const value of session.inputMetadata) if (value.isTensor) this.#types.set(value.name, value.type);
  }

  /**
   * @param model bytes or path, for the provider that is tried.
   * @throws {WeighbridgeError} `bad-input` with what ONNX Runtime says of the model.
   */
  static async open(
    runtime: OnnxRuntime,
    model: (provider: Provider) => Uint8Array | string,
    options: SessionOptions,
  ): Promise<Session> {
    const profile = options.profiled
      ? join(tmpdir(), `weighbridge-${process.pid}-${Math.random().toString(36).slice(2)}`)
      : null;
    const create = (provider: Provider): Promise<InferenceSession> => {
      const settings: InferenceSession.SessionOptions = {
        executionProviders: [provider],
        graphOptimizationLevel: options.optimize === false ? 'disabled' : 'all',
        logSeverityLevel: 4,
        ...(options.threads !== undefined && { intraOpNumThreads: options.threads, interOpNumThreads: 1 }),
        ...(options.inPlace && { extra: { session: { disable_prepacking: '1' } } }),
        ...(profile !== null && { enableProfiling: true, profileFilePrefix: profile }),
      };
      const bytes = model(provider);
      return typeof bytes === 'string'
        ? runtime.InferenceSession.create(bytes, settings)
        : runtime.InferenceSession.create(bytes, settings);
    };
    try {
      const { value, report } = await withFirstProvider(runtime, options.provider, create);
      return new Session(runtime, value, report, profile);
    } catch (cause) {
      if (!(cause instanceof Error) || cause instanceof WeighbridgeError) throw cause;
      throw new WeighbridgeError('bad-input', `ONNX Runtime cannot load the model: ${firstLine(cause.message)}`, {
        cause,
      });
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** The type that ONNX Runtime wants of an input; undefined when there is none of that name. */
  inputType(name: string): string | undefined {
    return this.#types.get(name);
  }

  /** Shape of an input; sizes that are not fixed are 0. */
  inputShape(name: string): number[] {
    const value = this.#session.inputMetadata.find((each) => each.name === name);
    return value?.isTensor ? value.shape.map((size) => (typeof size === 'number' ? size : 0)) : [];
  }

  /** @throws {WeighbridgeError} `bad-input` with what ONNX Runtime says, when the run fails. */
  async run(feeds: Readonly<Record<string, Values>>, fetches?: readonly string[]): Promise<Record<string, Values>> {
    const inputs: Record<string, Tensor> = {};
    for (const [name, values] of Object.entries(feeds)) inputs[name] = this.#tensor(name, values);
    try {
      const outputs = await (fetches ? this.#session.run(inputs, fetches) : this.#session.run(inputs));
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, valuesOf(tensor)]));
    } catch (cause) {
      throw new WeighbridgeError(
        'bad-input',
        `ONNX Runtime cannot run the model: ${firstLine((cause as Error).message)}`,
        {
          cause,
        },
      );
    }
  }

  /** Where the nodes ran so far; ends the recording. Null unless the session was opened with `profiled`. */
  placement(): Placement | null {
    if (this.#profile === null) return null;
    this.#session.endProfiling();
    const found = new Map<string, { names: Set<string>; time: number }>();
    for (const file of profileFiles(this.#profile)) {
      const events = JSON.parse(readFileSync(file, 'utf8')) as ProfileEvent[];
      rmSync(file, { force: true });
      for (const { name = '', dur = 0, args } of events) {
        if (args?.provider === undefined || args.provider === '') continue;
        const own = found.get(args.provider) ?? { names: new Set(), time: 0 };
        own.names.add(name.replace(/_(?:kernel_time|fence_before|fence_after)$/, ''));
        own.time += dur;
        found.set(args.provider, own);
      }
    }
    this.#profile = null;
    const total = [...found.values()].reduce((sum, { time }) => sum + time, 0);
    return Object.fromEntries(
      [...found].map(([provider, { names, time }]) => [
        provider,
        { nodes: names.size, timeShare: total === 0 ? 1 / found.size : time / total },
      ]),
    );
  }

  async close(): Promise<void> {
    // Ends the recording, and removes its file.
    this.placement();
    await this.#session.release();
  }

  #tensor(name: string, { data, shape }: Values): Tensor {
    const type = this.#types.get(name);
    const make = this.#runtime.Tensor;
    switch (type) {
      case undefined:
        throw new WeighbridgeError('bad-input', `The model has no input "${name}".`);
      case 'int64':
        return new make('int64', BigInt64Array.from(data as ArrayLike<number> & Iterable<number>, BigInt), shape);
      case 'float32':
        return new make('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape);
      case 'float64':
        return new make('float64', Float64Array.from(data), shape);
      case 'float16':
        return new make(
          'float16',
          Uint16Array.from(data, (value) => halfBits(value)),
          shape,
        );
      case 'int32':
        return new make('int32', Int32Array.from(data), shape);
      case 'int8':
        return new make('int8', Int8Array.from(data), shape);
      case 'uint8':
        return new make('uint8', Uint8Array.from(data), shape);
      case 'bool':
        return new make(
          'bool',
          Uint8Array.from(data, (value) => (value === 0 ? 0 : 1)),
          shape,
        );
      default:
        throw new WeighbridgeError(
          'bad-input',
          `The model's input "${name}" is of type ${type}, which scans do not give.`,
        );
    }
  }
}

function valuesOf(tensor: Tensor): Values {
  const shape = [...tensor.dims];
  const { data } = tensor;
  if (data instanceof Float32Array || data instanceof Int32Array) return { shape, data };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return { shape, data: Array.from(data, Number) };
  if (tensor.type === 'float16') return { shape, data: Float32Array.from(data as Uint16Array, fromHalf) };
  if (data instanceof Float64Array) return { shape, data: Float32Array.from(data) };
  return { shape, data: Array.from(data as ArrayLike<number>, Number) };
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function profileFiles(prefix: string): string[] {
  const folder = dirname(prefix);
  return readdirSync(folder)
    .filter((name) => name.startsWith(basename(prefix)))
    .map((name) => join(folder, name));
}
