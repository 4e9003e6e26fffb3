import { NotDifferentiable } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** A function of one input, by its derivative times the gradient. */
function unary(gradient: (node: ForwardNode) => string): GradientRule {
  return (node) => {
    node.only(0);
    return [gradient(node)];
  };
}

/** The gradient of one operand of several that were broadcast together. */
function operand(node: ForwardNode, index: number, gradient: () => string): string | null {
  if (!node.wants(index)) return null;
  const { b } = node;
  return b.unbroadcast(gradient(), b.shape(node.y()), b.shape(node.x(index)));
}

/** Min and Max: to the operands that are equal to the result, in equal shares, as PyTorch does. */
const extreme: GradientRule = (node) => {
  const { b } = node;
  const masks = node.node.inputs.map((_, index) => b.mask(b.equal(node.x(index), node.y()), node.y()));
  const count = masks.reduce((sum, mask) => b.add(sum, mask));
  const share = masks.length === 1 ? node.dy : b.div(node.dy, count);
  return masks.map((mask, index) => operand(node, index, () => b.mul(share, mask)));
};

const power: GradientRule = (node) => {
  const { b } = node;
  const base = node.x();
  const exponent = b.withShape(b.cast(node.x(1), b.type(base), b.shape(node.x(1))), b.shape(node.x(1)), b.type(base));
  const below = b.node('Pow', [base, b.plus(exponent, -1)], {}, b.shape(node.y()));
  return [
    operand(node, 0, () => b.mul(node.dy, b.mul(below, exponent))),
    operand(node, 1, () => b.mul(node.dy, b.mul(node.y(), b.unary('Log', base)))),
  ];
};

export const elementwiseRules: GradientRules = {
  Add: (node) => [operand(node, 0, () => node.dy), operand(node, 1, () => node.dy)],
  Sub: (node) => [operand(node, 0, () => node.dy), operand(node, 1, () => node.b.neg(node.dy))],
  Mul: (node) => [
    operand(node, 0, () => node.b.mul(node.dy, node.x(1))),
    operand(node, 1, () => node.b.mul(node.dy, node.x(0))),
  ],
  Div: (node) => [
    operand(node, 0, () => node.b.div(node.dy, node.x(1))),
    operand(node, 1, () => node.b.neg(node.b.div(node.b.mul(node.dy, node.y()), node.x(1)))),
  ],
  Sum: (node) => node.node.inputs.map((_, index) => operand(node, index, () => node.dy)),
  Mean: (node) => {
    const share = node.b.scale(node.dy, 1 / node.node.inputs.length);
    return node.node.inputs.map((_, index) => operand(node, index, () => share));
  },
  Min: extreme,
  Max: extreme,
  Pow: power,
  Where: (node) => {
    const { b } = node;
    const zero = b.scalar(node.dy, 0);
    const shape = b.shape(node.y());
    return [
      null,
      operand(node, 1, () => b.where(node.x(0), node.dy, zero, shape)),
      operand(node, 2, () => b.where(node.x(0), zero, node.dy, shape)),
    ];
  },
  Expand: unary((node) => node.b.unbroadcast(node.dy, node.b.shape(node.y()), node.b.shape(node.x()))),
  // What is inside the bounds is what the operator leaves alone.
  Clip: (node) => {
    const { b } = node;
    node.only(0);
    return [b.mul(node.dy, b.mask(b.equal(node.x(), node.y()), node.x()))];
  },
  Neg: unary((node) => node.b.neg(node.dy)),
  Abs: unary((node) => node.b.mul(node.dy, node.b.unary('Sign', node.x()))),
  Exp: unary((node) => node.b.mul(node.dy, node.y())),
  Log: unary((node) => node.b.div(node.dy, node.x())),
  Sqrt: unary((node) => node.b.scale(node.b.div(node.dy, node.y()), 0.5)),
  Reciprocal: unary((node) => node.b.neg(node.b.mul(node.dy, node.b.mul(node.y(), node.y())))),
  Sin: unary((node) => node.b.mul(node.dy, node.b.unary('Cos', node.x()))),
  Cos: unary((node) => node.b.neg(node.b.mul(node.dy, node.b.unary('Sin', node.x())))),
  Tan: unary((node) => node.b.mul(node.dy, node.b.plus(node.b.mul(node.y(), node.y()), 1))),
  Atan: unary((node) => node.b.div(node.dy, node.b.plus(node.b.mul(node.x(), node.x()), 1))),
  Sinh: unary((node) => node.b.mul(node.dy, node.b.unary('Cosh', node.x()))),
  Cosh: unary((node) => node.b.mul(node.dy, node.b.unary('Sinh', node.x()))),
  Erf: unary((node) => {
    const { b } = node;
    const bell = b.unary('Exp', b.neg(b.mul(node.x(), node.x())));
    return b.scale(b.mul(node.dy, bell), 2 / Math.sqrt(Math.PI));
  }),
  Identity: unary((node) => node.dy),
  Dropout: (node) => {
    node.only(0);
    const { b } = node;
    const training = b.opset >= 12 && node.has(2) && b.values(node.x(2), 'training mode')[0] !== 0;
    if (training) throw new NotDifferentiable('it drops values at random: the model is in training mode');
    return [node.dy];
  },
  Cast: unary((node) => {
    const type = node.b.type(node.x());
    return type === node.b.type(node.dy) ? node.dy : node.b.cast(node.dy, type);
  }),
  CastLike: unary((node) => node.b.cast(node.dy, node.b.type(node.x()))),
  CumSum: (node) => {
    node.only(0);
    const attributes = { exclusive: node.int('exclusive', 0), reverse: 1 - node.int('reverse', 0) };
    return [node.b.node('CumSum', [node.dy, node.x(1)], attributes, node.b.shape(node.x()))];
  },
  Trilu: (node) => {
    node.only(0);
    const k = node.has(1) ? [node.x(1)] : [];
    return [node.b.node('Trilu', [node.dy, ...k], { upper: node.int('upper', 1) }, node.b.shape(node.x()))];
  },
};
