import { sizeOf } from '../onnx/readTensor.ts';
import type { ModelPart } from '../onnx/writeModel.ts';
import type { ModelFile } from '../runtime/modelFile.ts';
import type { OnnxRuntime } from '../runtime/onnxRuntime.ts';
import type { Provider, ProviderRequest } from '../runtime/providers.ts';
import { noisy, openChecked } from '../runtime/checkedSession.ts';
import { Session, type Values } from '../runtime/session.ts';
import { NotDifferentiable } from './builder.ts';
import { differentiate, type GradientGraph, type Loss } from './differentiate.ts';
import { differentiationPath, type DifferentiationPath } from './path.ts';
import { freePrefix, probeOf } from './probe.ts';

export interface GradientOptions {
  /** The tensor by which is differentiated, its type (TensorProto.DataType), and the scores. */
  from: string;
  type: number;
  scores: string;
  loss: Loss;
  /** One batch of inputs, as it will be given later: shapes are those of this batch. */
  feeds: Readonly<Record<string, Values>>;
  provider: ProviderRequest;
  threads?: number;
  /** Takes the operators for other providers on the CPU, too. */
  portable?: boolean;
  /** Adds what is computed from the gradient, given its name and a prefix that no name of the model begins with. */
  more?: (gradient: string, prefix: string) => ModelPart;
  /** One batch of the inputs that `more` adds. */
  moreFeeds?: () => Record<string, Values>;
}

/** A model that gives its scores and the gradient of a loss in one run. */
export interface GradientSession {
  session: Session;
  graph: GradientGraph;
  /** Operators whose gradient is an estimate. */
  estimated: readonly string[];
}

/** Why there is no gradient: operators by name, with a clause. */
export interface NoGradient {
  reason: string;
}

/**
 * Builds and loads the model with its gradient.
 * @returns the reason, when an operator has no gradient.
 * @throws {WeighbridgeError} when the model itself cannot be run.
 */
export async function openGradient(
  runtime: OnnxRuntime,
  model: ModelFile,
  options: GradientOptions,
): Promise<GradientSession | NoGradient> {
  const path = differentiationPath(model.graph, options.from, options.scores, options.type);
  const reason = whyNot(path);
  if (reason !== null) return { reason };
  const prefix = freePrefix(model.graph);
  const probed = await probe(runtime, model, path, prefix, options);
  const build = (portable: boolean): GradientGraph => {
    const graph = differentiate(model.graph, path, probed, model.source, { loss: options.loss, portable, prefix });
    return options.more ? { ...graph, part: together(graph.part, options.more(graph.gradient, prefix)) } : graph;
  };
  try {
    // First, because it says whether there is a gradient at all. That for other providers can be larger, and is built where one is tried.
    const onCpu = build(options.portable === true);
    let elsewhere: GradientGraph | undefined;
    const graphFor = (provider: Provider): GradientGraph => (provider === 'cpu' ? onCpu : (elsewhere ??= build(true)));
    const session = await openChecked(
      runtime,
      (provider) => model.with(graphFor(provider).part),
      { ...options, inPlace: model.isLarge },
      ({ provider: { used } }) => {
        const { input, part } = graphFor(used);
        const shape = options.loss === 'seed' ? probed.shapes.get(path.to)! : [probed.shapes.get(path.from)![0]!];
        const zeros = new Float32Array(sizeOf(shape));
        // Weights of an output are any numbers; a target is the number of a class.
        const data = options.loss === 'seed' ? zeros : [...zeros];
        const feeds = { ...options.feeds, ...options.moreFeeds?.(), [input]: { shape, data } };
        return { feeds: noisy(feeds), fetches: (part.outputs ?? []).map(({ name }) => name) };
      },
    );
    const graph = graphFor(session.provider.used);
    return { session, graph, estimated: [...path.estimated] };
  } catch (error) {
    if (error instanceof NotDifferentiable) return { reason: error.message };
    throw error;
  }
}

function together(a: ModelPart, b: ModelPart): ModelPart {
  return {
    nodes: [...a.nodes, ...b.nodes],
    initializers: [...(a.initializers ?? []), ...(b.initializers ?? [])],
    inputs: [...(a.inputs ?? []), ...(b.inputs ?? [])],
    outputs: [...(a.outputs ?? []), ...(b.outputs ?? [])],
  };
}

function whyNot({ unsupported }: DifferentiationPath): string | null {
  if (unsupported.size === 0) return null;
  const names = [...unsupported].map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`)).sort();
  return `${names.join(', ')}: no gradient is known of ${names.length === 1 ? 'this operator' : 'these operators'}`;
}

/** Runs the model once for the shapes of its tensors. */
async function probe(
  runtime: OnnxRuntime,
  model: ModelFile,
  path: DifferentiationPath,
  prefix: string,
  { feeds, threads }: GradientOptions,
): Promise<{ shapes: Map<string, readonly number[]>; values: Map<string, readonly number[]> }> {
  const wanted = probeOf(model.graph, path, prefix);
  // Optimisation would cost more than the one run saves.
  const session = await Session.open(runtime, () => model.with(wanted.part), {
    provider: 'cpu',
    optimize: false,
    inPlace: model.isLarge,
    ...(threads !== undefined && { threads }),
  });
  try {
    const outputs = await session.run(feeds, [...wanted.shapes.values(), ...wanted.values]);
    const shapes = new Map<string, readonly number[]>();
    for (const [name, output] of wanted.shapes) shapes.set(name, [...outputs[output]!.data]);
    const values = new Map<string, readonly number[]>();
    for (const name of wanted.values) values.set(name, [...outputs[name]!.data]);
    return { shapes, values };
  } finally {
    await session.close();
  }
}
