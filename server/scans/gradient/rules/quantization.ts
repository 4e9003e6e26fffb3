import { NotDifferentiable } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';
import { transposedConvolution, windowOf } from './convolution.ts';
import { lessZeroPoint, matmulGradients } from './matrix.ts';

// Rounding has a gradient of zero almost everywhere. The straight-through estimate takes it for the identity (Bengio et al.,
// arXiv 1308.3432): what is computed through these rules is an estimate, and is called one.

/** The scale of a node, shaped so that it multiplies along its axis. */
function scaleOf(node: ForwardNode, input: number, rank: number): string {
  const { b } = node;
  const scale = node.x(input);
  const shape = b.shape(scale);
  if (shape.length === 0 || (shape.length === 1 && shape[0] === 1)) return scale;
  if (shape.length !== 1) throw new NotDifferentiable('it is quantised in blocks');
  const axis = node.axis(node.int('axis', 1), rank);
  const spread = Array.from({ length: rank }, (_, each) => (each === axis ? shape[0]! : 1));
  return b.reshape(scale, spread);
}

const quantize: GradientRule = (node) => {
  node.only(0);
  return [node.b.div(node.dy, scaleOf(node, 1, node.b.shape(node.x()).length))];
};

const dequantize: GradientRule = (node) => {
  node.only(0);
  return [node.b.mul(node.dy, scaleOf(node, 1, node.b.shape(node.x()).length))];
};

/** Outputs: the whole numbers, their scale, their zero point. That the scale depends on x is left out. */
const dynamicQuantize: GradientRule = (node) => [
  node.b.div(node.dy, node.b.withShape(node.y(1), [], node.b.type(node.dy))),
];

const matmulInteger: GradientRule = (node) => {
  node.only(0, 2);
  const { b } = node;
  const weights = lessZeroPoint(b, node.x(1), node.has(3) ? node.x(3) : null, b.type(node.dy));
  const [left] = matmulGradients(node, node.x(0), weights, node.dy);
  return [left()];
};

const convInteger: GradientRule = (node) => {
  node.only(0, 2);
  const { b } = node;
  const weights = lessZeroPoint(b, node.x(1), node.has(3) ? node.x(3) : null, b.type(node.dy));
  const size = b.shape(node.x()).slice(2);
  const window = windowOf(node, b.shape(node.x(1)).slice(2), size);
  return [transposedConvolution(b, node.dy, weights, window, node.int('group', 1), size)];
};

/** Weights of a quantised product as floats: whole numbers less zero point, times scale. */
function realWeights(node: ForwardNode, values: number, axis: number): string {
  const { b } = node;
  const shape = b.shape(node.x(values));
  const along = (name: string): string => {
    const [count = 1] = b.shape(name);
    if (count === 1) return b.reshape(name, []);
    return b.reshape(
      name,
      shape.map((_, each) => (each === axis ? count : 1)),
    );
  };
  const type = b.type(node.dy);
  const floats = b.cast(node.x(values), type, shape);
  const zero = along(node.x(values + 2));
  return b.mul(b.sub(floats, b.cast(zero, type, b.shape(zero))), along(node.x(values + 1)));
}

/** Inputs: x, its scale and zero point, w, its scale and zero point, scale and zero point of y. */
const qlinearConv: GradientRule = (node) => {
  node.only(0);
  const { b } = node;
  const real = b.mul(b.div(node.dy, node.x(6)), node.x(1));
  const size = b.shape(node.x()).slice(2);
  const window = windowOf(node, b.shape(node.x(3)).slice(2), size);
  return [transposedConvolution(b, real, realWeights(node, 3, 0), window, node.int('group', 1), size)];
};

const qlinearMatMul: GradientRule = (node) => {
  node.only(0);
  const { b } = node;
  const real = b.mul(b.div(node.dy, node.x(6)), node.x(1));
  const weights = realWeights(node, 3, b.shape(node.x(3)).length - 1);
  const [left] = matmulGradients(node, node.x(0), weights, real);
  return [left()];
};

export const quantizationRules: GradientRules = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  MatMulInteger: matmulInteger,
  ConvInteger: convInteger,
  QLinearConv: qlinearConv,
  QLinearMatMul: qlinearMatMul,
};
