import { NotDifferentiable, type GradientBuilder } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** Axes that a node reduces. */
function axesOf(node: ForwardNode): number[] {
  const rank = node.b.shape(node.x()).length;
  const listed = node.list('axes', 1);
  if (listed && listed.length > 0) return listed.map((axis) => node.axis(axis, rank));
  return node.int('noop_with_empty_axes', 0) !== 0 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** `gradient` is given x, and y and dy with the reduced axes kept. */
function reduction(
  gradient: (b: GradientBuilder, x: string, y: string, dy: string, axes: number[]) => string,
): GradientRule {
  return (node) => {
    const { b } = node;
    node.only(0);
    const axes = axesOf(node);
    const shape = b.shape(node.x());
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const y = b.reshape(node.y(), kept);
    return [b.expand(gradient(b, node.x(), y, b.reshape(node.dy, kept), axes), shape)];
  };
}

/** The largest or smallest: in equal shares to all that are. */
const extreme = reduction((b, x, y, dy, axes) => {
  const mask = b.mask(b.equal(x, y), x);
  return b.mul(mask, b.div(dy, b.sum(mask, axes)));
});

/** Axes along which a softmax is taken: one from operator set 13 on, all from `axis` on before. */
function softmaxAxes(node: ForwardNode): number[] {
  const rank = node.b.shape(node.x()).length;
  if (node.b.opset >= 13) return [node.axis(node.int('axis', -1), rank)];
  const first = node.axis(node.int('axis', 1), rank);
  return Array.from({ length: rank - first }, (_, index) => first + index);
}

export const reductionRules: GradientRules = {
  ReduceSum: reduction((_b, _x, _y, dy) => dy),
  ReduceMean: reduction((b, x, _y, dy, axes) =>
    b.scale(dy, 1 / axes.reduce((count, axis) => count * b.shape(x)[axis]!, 1)),
  ),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceL1: reduction((b, x, _y, dy) => b.mul(b.unary('Sign', x), dy)),
  ReduceL2: reduction((b, x, y, dy) => b.mul(b.div(x, y), dy)),
  ReduceSumSquare: reduction((b, x, _y, dy) => b.mul(b.scale(x, 2), dy)),
  ReduceLogSumExp: reduction((b, x, y, dy) => b.mul(b.unary('Exp', b.sub(x, y)), dy)),
  ReduceLogSum: reduction((b, _x, y, dy) => b.div(dy, b.unary('Exp', y))),
  ReduceProd: () => {
    throw new NotDifferentiable('its gradient is not defined at zeros');
  },
  Softmax: (node) => {
    const { b } = node;
    const weighted = b.sum(b.mul(node.dy, node.y()), softmaxAxes(node));
    return [b.mul(b.sub(node.dy, weighted), node.y())];
  },
  LogSoftmax: (node) => {
    const { b } = node;
    return [b.sub(node.dy, b.mul(b.unary('Exp', node.y()), b.sum(node.dy, softmaxAxes(node))))];
  },
};
