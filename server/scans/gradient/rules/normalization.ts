import { sizeOf } from '../../onnx/readTensor.ts';
import { NotDifferentiable, type GradientBuilder } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** Gradient through (x - mean) / sqrt(variance + epsilon) over the given axes, from the gradient of the result. */
export function standardizedGradient(
  b: GradientBuilder,
  x: string,
  gradient: string,
  axes: readonly number[],
  epsilon: number,
): string {
  const centred = b.sub(x, b.mean(x, axes));
  const deviation = b.unary('Sqrt', b.plus(b.mean(b.mul(centred, centred), axes), epsilon));
  const standard = b.div(centred, deviation);
  const projected = b.mul(standard, b.mean(b.mul(gradient, standard), axes));
  return b.div(b.sub(b.sub(gradient, b.mean(gradient, axes)), projected), deviation);
}

/** The same through x / sqrt(mean(x^2) + epsilon). */
function rootMeanSquareGradient(
  b: GradientBuilder,
  x: string,
  gradient: string,
  axes: readonly number[],
  epsilon: number,
): string {
  const size = b.unary('Sqrt', b.plus(b.mean(b.mul(x, x), axes), epsilon));
  const unit = b.div(x, size);
  return b.div(b.sub(gradient, b.mul(unit, b.mean(b.mul(gradient, unit), axes))), size);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const channelShape = (rank: number, channels: number): number[] => [1, channels, ...range(2, rank).map(() => 1)];

const batchNormalization: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  if (node.int('training_mode', 0) !== 0) throw new NotDifferentiable('it is in training mode');
  const [, channels = 1] = b.shape(node.x());
  const [scale, variance] = [node.x(1), node.x(4)];
  const deviation = b.unary(
    'Sqrt',
    b.plus(b.withShape(b.node('Identity', [variance]), [channels]), node.float('epsilon', 1e-5)),
  );
  const factor = b.node('Div', [scale, deviation], {}, [channels]);
  return [b.mul(node.dy, b.reshape(factor, channelShape(b.shape(node.x()).length, channels)))];
};

const instanceNormalization: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const scale = b.node('Reshape', [node.x(1), b.ints(channelShape(shape.length, shape[1]!))]);
  const gradient = b.mul(node.dy, scale);
  return [standardizedGradient(b, node.x(), gradient, range(2, shape.length), node.float('epsilon', 1e-5))];
};

const groupNormalization: GradientRule = (node) => {
  const { b } = node;
  node.only(0);
  const shape = b.shape(node.x());
  const [batch = 1, channels = 1] = shape;
  const groups = node.int('num_groups', 1);
  const [scaled = channels] = b.shape(node.x(1));
  // One factor a group in operator set 18, one a channel from 21 on.
  const apart = [batch, groups, channels / groups, ...shape.slice(2)];
  const ones = range(2, shape.length).map(() => 1);
  const factorShape = scaled === channels ? [1, groups, channels / groups, ...ones] : [1, groups, 1, ...ones];
  const scale = b.node('Reshape', [node.x(1), b.ints(factorShape)]);
  const gradient = b.mul(b.reshape(node.dy, apart), scale);
  const x = b.reshape(node.x(), apart);
  const result = standardizedGradient(b, x, gradient, range(2, apart.length), node.float('epsilon', 1e-5));
  return [b.reshape(result, shape)];
};

/** Layer normalisation over all axes from `axis` on; `sum` is what is normalised. */
function layerGradient(node: ForwardNode, x: string, scale: string | null, simplified: boolean): string {
  const { b } = node;
  const rank = b.shape(x).length;
  const axes = range(node.axis(node.int('axis', -1), rank), rank);
  const gradient = scale === null ? node.dy : b.mul(node.dy, scale);
  const through = simplified ? rootMeanSquareGradient : standardizedGradient;
  return through(b, x, gradient, axes, node.float('epsilon', 1e-5));
}

const layer = (simplified: boolean): GradientRule => {
  return (node) => {
    node.only(0);
    return [layerGradient(node, node.x(), node.has(1) ? node.x(1) : null, simplified)];
  };
};

/** Inputs: x, skip, gamma, beta, bias. Outputs: y, mean, deviation, x + skip + bias. */
const skipLayer = (simplified: boolean): GradientRule => {
  return (node) => {
    const { b } = node;
    node.only(0, 1);
    const bias = simplified ? 3 : 4;
    let sum = b.add(node.x(0), node.x(1));
    if (node.has(bias)) sum = b.add(sum, node.x(bias));
    let gradient = layerGradient(node, sum, node.x(2), simplified);
    if (node.matters(3)) gradient = b.add(gradient, node.gradient(3));
    const of = (index: number): string | null =>
      node.wants(index) ? b.unbroadcast(gradient, b.shape(node.x(0)), b.shape(node.x(index))) : null;
    return [of(0), of(1)];
  };
};

/**
 * y = x S^-beta with S = bias + alpha / size (sum of squares over neighbouring channels); the sum is a product with a banded matrix.
 */
const localResponse: GradientRule = (node) => {
  const { b } = node;
  const shape = b.shape(node.x());
  const [batch = 1, channels = 1] = shape;
  const type = b.type(node.x());
  const size = node.int('size', 1);
  const factor = node.float('alpha', 1e-4) / size;
  const beta = node.float('beta', 0.75);
  const before = Math.floor((size - 1) / 2);
  const after = Math.ceil((size - 1) / 2);
  const band = new Float64Array(channels * channels);
  for (let row = 0; row < channels; row++)
    for (let column = Math.max(0, row - before); column <= Math.min(channels - 1, row + after); column++)
      band[row * channels + column] = 1;
  const flat = [batch, channels, sizeOf(shape.slice(2))];
  const x = b.reshape(node.x(), flat);
  const dy = b.reshape(node.dy, flat);
  const banded = b.constant(type, [channels, channels], band);
  const sums = b.plus(b.scale(b.matmul(banded, b.mul(x, x), flat), factor), node.float('bias', 1));
  const shrunk = (power: number): string => b.node('Pow', [sums, b.scalar(x, power)], {}, flat);
  const back = b.matmul(b.transposeMatrix(banded), b.mul(b.mul(dy, x), shrunk(-beta - 1)), flat);
  const result = b.sub(b.mul(dy, shrunk(-beta)), b.scale(b.mul(x, back), 2 * factor * beta));
  return [b.reshape(result, shape)];
};

const unitLength: GradientRule = (node) => {
  const { b } = node;
  const x = node.x();
  const axes = [node.axis(node.int('axis', -1), b.shape(x).length)];
  const projection = b.sum(b.mul(node.dy, node.y()), axes);
  const one = node.int('p', 2) === 1;
  const direction = one ? b.unary('Sign', x) : node.y();
  const size = one ? b.sum(b.unary('Abs', x), axes) : b.unary('Sqrt', b.sum(b.mul(x, x), axes));
  return [b.div(b.sub(node.dy, b.mul(direction, projection)), size)];
};

export const normalizationRules: GradientRules = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layer(false),
  RMSNormalization: layer(true),
  SimplifiedLayerNormalization: layer(true),
  LRN: localResponse,
  LpNormalization: unitLength,
  'com.microsoft.SkipLayerNormalization': skipLayer(false),
  'com.microsoft.SkipSimplifiedLayerNormalization': skipLayer(true),
};
