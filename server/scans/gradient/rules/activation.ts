import type { GradientBuilder } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** A function of one input: `slope` gives its derivative. */
function pointwise(slope: (node: ForwardNode, b: GradientBuilder) => string): GradientRule {
  return (node) => {
    node.only(0);
    return [node.b.mul(node.dy, slope(node, node.b))];
  };
}

/** `slope` where x > 0, and `otherwise` where not. */
function aboveZero(node: ForwardNode, above: string, otherwise: string): string {
  const { b } = node;
  return b.where(b.greater(node.x(), b.scalar(node.x(), 0)), above, otherwise, b.shape(node.x()));
}

/** Standard normal density times x, plus the distribution function: the derivative of Gelu. */
function geluSlope(b: GradientBuilder, x: string): string {
  const distribution = b.scale(b.plus(b.unary('Erf', b.scale(x, Math.SQRT1_2)), 1), 0.5);
  const density = b.scale(b.unary('Exp', b.scale(b.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return b.add(distribution, b.mul(x, density));
}

/** The same of the approximation by tanh(sqrt(2/pi) (x + 0.044715 x^3)). */
function tanhGeluSlope(b: GradientBuilder, x: string): string {
  const factor = Math.sqrt(2 / Math.PI);
  const square = b.mul(x, x);
  const inner = b.scale(b.mul(x, b.plus(b.scale(square, 0.044715), 1)), factor);
  const t = b.unary('Tanh', inner);
  const innerSlope = b.scale(b.plus(b.scale(square, 3 * 0.044715), 1), factor);
  const bell = b.plus(b.neg(b.mul(t, t)), 1);
  return b.add(b.scale(b.plus(t, 1), 0.5), b.scale(b.mul(b.mul(x, bell), innerSlope), 0.5));
}

/** s + x s (1 - s) a with s = sigmoid(a x): the derivative of x sigmoid(a x). */
function swishSlope(b: GradientBuilder, x: string, alpha: number): string {
  const s = b.unary('Sigmoid', b.scale(x, alpha));
  return b.add(s, b.scale(b.mul(x, b.mul(s, b.plus(b.neg(s), 1))), alpha));
}

/** A mask where low < x < high. */
function between(node: ForwardNode, low: number, high: number): string {
  const { b } = node;
  const x = node.x();
  const inside = b.node('And', [b.greater(x, b.scalar(x, low)), b.less(x, b.scalar(x, high))], {}, b.shape(x));
  return b.mask(inside, x);
}

export const activationRules: GradientRules = {
  // The mask is taken of the output, so that the runtime can still fuse Conv and Relu.
  Relu: pointwise((node, b) => b.mask(b.greater(node.y(), b.scalar(node.y(), 0)), node.y())),
  LeakyRelu: pointwise((node, b) =>
    aboveZero(node, b.scalar(node.x(), 1), b.scalar(node.x(), node.float('alpha', 0.01))),
  ),
  PRelu: pointwise((node, b) => aboveZero(node, b.scalar(node.x(), 1), node.x(1))),
  ThresholdedRelu: pointwise((node, b) =>
    b.mask(b.greater(node.x(), b.scalar(node.x(), node.float('alpha', 1))), node.x()),
  ),
  Elu: pointwise((node, b) => aboveZero(node, b.scalar(node.x(), 1), b.plus(node.y(), node.float('alpha', 1)))),
  Celu: pointwise((node, b) =>
    aboveZero(node, b.scalar(node.x(), 1), b.unary('Exp', b.scale(node.x(), 1 / node.float('alpha', 1)))),
  ),
  Selu: pointwise((node, b) => {
    const alpha = node.float('alpha', 1.6732632);
    const gamma = node.float('gamma', 1.050701);
    return aboveZero(node, b.scalar(node.x(), gamma), b.scale(b.unary('Exp', node.x()), alpha * gamma));
  }),
  Sigmoid: pointwise((node, b) => b.mul(node.y(), b.plus(b.neg(node.y()), 1))),
  Tanh: pointwise((node, b) => b.plus(b.neg(b.mul(node.y(), node.y())), 1)),
  HardSigmoid: pointwise((node, b) => {
    const alpha = node.float('alpha', 0.2);
    const beta = node.float('beta', 0.5);
    return b.scale(between(node, -beta / alpha, (1 - beta) / alpha), alpha);
  }),
  // x clip(x / 6 + 1/2, 0, 1)
  HardSwish: pointwise((node, b) => {
    const x = node.x();
    const middle = b.mul(between(node, -3, 3), b.plus(b.scale(x, 1 / 3), 0.5));
    const upper = b.mask(b.node('Not', [b.less(x, b.scalar(x, 3))], {}, b.shape(x)), x);
    return b.add(middle, upper);
  }),
  Softplus: pointwise((node, b) => b.unary('Sigmoid', node.x())),
  Softsign: pointwise((node, b) => {
    const below = b.plus(b.unary('Abs', node.x()), 1);
    return b.unary('Reciprocal', b.mul(below, below));
  }),
  // x tanh(softplus(x))
  Mish: pointwise((node, b) => {
    const x = node.x();
    const t = b.unary('Tanh', b.unary('Softplus', x));
    return b.add(t, b.mul(b.mul(x, b.unary('Sigmoid', x)), b.plus(b.neg(b.mul(t, t)), 1)));
  }),
  Gelu: pointwise((node, b) =>
    node.text('approximate', 'none') === 'tanh' ? tanhGeluSlope(b, node.x()) : geluSlope(b, node.x()),
  ),
  Swish: pointwise((node, b) => swishSlope(b, node.x(), node.float('alpha', 1))),
  'com.microsoft.Gelu': pointwise((node, b) => geluSlope(b, node.x())),
  'com.microsoft.QuickGelu': pointwise((node, b) => swishSlope(b, node.x(), node.float('alpha', 1.702))),
  'com.microsoft.FastGelu': pointwise((node, b) =>
    tanhGeluSlope(b, node.has(1) ? b.add(node.x(), node.x(1)) : node.x()),
  ),
  'com.microsoft.BiasGelu': pointwise((node, b) => geluSlope(b, b.add(node.x(), node.x(1)))),
};
