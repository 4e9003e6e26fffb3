import { sizeOf } from '../../onnx/readTensor.ts';
import { broadcast, NotDifferentiable, type GradientBuilder } from '../builder.ts';
import type { ForwardNode, GradientRule, GradientRules } from '../rule.ts';

/** y = alpha op(A) op(B) + beta C. */
const gemm: GradientRule = (node) => {
  const { b } = node;
  const alpha = { float: node.float('alpha', 1) };
  const [transA, transB] = [node.int('transA', 0), node.int('transB', 0)];
  const product = (
    left: string,
    right: string,
    transposedLeft: number,
    transposedRight: number,
    like: string,
  ): string => b.node('Gemm', [left, right], { alpha, transA: transposedLeft, transB: transposedRight }, b.shape(like));
  const [x, w, dy] = [node.x(0), node.x(1), node.dy];
  const dx = (): string => (transA ? product(w, dy, transB, 1, x) : product(dy, w, 0, 1 - transB, x));
  const dw = (): string => (transB ? product(dy, x, 1, transA, w) : product(x, dy, 1 - transA, 0, w));
  const dc = (): string => b.scale(b.unbroadcast(dy, b.shape(node.y()), b.shape(node.x(2))), node.float('beta', 1));
  return [node.wants(0) ? dx() : null, node.wants(1) ? dw() : null, node.wants(2) ? dc() : null];
};

/** Gradients of A and B for y = A B with the batch axes broadcast. Vectors count as matrices of one row or column. */
export function matmulGradients(
  node: ForwardNode,
  a: string,
  c: string,
  dy: string,
): [left: () => string, right: () => string] {
  const { b } = node;
  const shapeA = b.shape(a);
  const shapeC = b.shape(c);
  const left = shapeA.length === 1 ? [1, ...shapeA] : [...shapeA];
  const right = shapeC.length === 1 ? [...shapeC, 1] : [...shapeC];
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  const [rows, inner, columns] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
  const gradient = b.reshape(b.withShape(b.node('Identity', [dy]), b.shape(node.y())), [...batch, rows, columns]);
  const turned = (name: string, shape: number[]): string => b.transposeMatrix(b.reshape(name, shape));
  return [
    () => {
      const full = [...batch, rows, inner];
      const whole = b.matmul(gradient, turned(c, right), full);
      return b.reshape(b.unbroadcast(whole, full, left), shapeA);
    },
    () => {
      const full = [...batch, inner, columns];
      const whole = b.matmul(turned(a, left), gradient, full);
      return b.reshape(b.unbroadcast(whole, full, right), shapeC);
    },
  ];
}

/** Elements from which on weights are not turned: the turned copy would be as large as they are. */
const manyWeights = 1 << 22;

const matmul: GradientRule = (node) => {
  const { b } = node;
  const [shapeA, weights] = [b.shape(node.x(0)), b.shape(node.x(1))];
  if (!node.wants(1) && shapeA.length >= 2 && weights.length === 2 && sizeOf(weights) >= manyWeights) {
    const [inner = 1, columns = 1] = weights;
    const rows = sizeOf(shapeA) / inner;
    const dy = b.reshape(b.withShape(b.node('Identity', [node.dy]), b.shape(node.y())), [rows, columns]);
    return [b.reshape(b.node('Gemm', [dy, node.x(1)], { transB: 1 }, [rows, inner]), shapeA), null];
  }
  const [left, right] = matmulGradients(node, node.x(0), node.x(1), node.dy);
  return [node.wants(0) ? left() : null, node.wants(1) ? right() : null];
};

/** Written by ONNX Runtime's own optimiser: alpha op(A) op(B). */
const fusedMatMul: GradientRule = (node) => {
  const { b } = node;
  if (node.int('transBatchA', 0) !== 0 || node.int('transBatchB', 0) !== 0)
    throw new NotDifferentiable('it transposes batch axes');
  const turn = (name: string, transposed: boolean): string => (transposed ? b.transposeMatrix(name) : name);
  const [transA, transB] = [node.int('transA', 0) !== 0, node.int('transB', 0) !== 0];
  const dy = b.scale(node.dy, node.float('alpha', 1));
  const [left, right] = matmulGradients(node, turn(node.x(0), transA), turn(node.x(1), transB), dy);
  return [node.wants(0) ? turn(left(), transA) : null, node.wants(1) ? turn(right(), transB) : null];
};

/** The gradient of each operand of a contraction is a contraction of the others with the gradient. */
const einsum: GradientRule = (node) => {
  const { b } = node;
  const equation = node.text('equation', '').replaceAll(' ', '');
  const [inputs = '', output] = equation.split('->');
  const terms = inputs.split(',');
  if (output === undefined || equation.includes('.') || terms.length !== node.node.inputs.length)
    throw new NotDifferentiable(`its equation ${equation} is not supported`);
  if (terms.some((term) => new Set(term).size !== term.length))
    throw new NotDifferentiable('its equation repeats an index');
  return terms.map((term, index) => {
    if (!node.wants(index)) return null;
    const others = terms.filter((_, other) => other !== index);
    const names = node.node.inputs.filter((_, other) => other !== index);
    const known = new Set([...output, ...others.join('')]);
    if ([...term].some((letter) => !known.has(letter)))
      throw new NotDifferentiable('its equation sums over an index of one operand alone');
    return b.node(
      'Einsum',
      [node.dy, ...names],
      { equation: `${[output, ...others].join(',')}->${term}` },
      b.shape(node.x(index)),
    );
  });
};

export const matrixRules: GradientRules = {
  Gemm: gemm,
  MatMul: matmul,
  Einsum: einsum,
  'com.microsoft.FusedMatMul': fusedMatMul,
};

/** What quantised products multiply with: whole numbers less their zero point, as floats. */
export function lessZeroPoint(b: GradientBuilder, values: string, zeroPoint: string | null, type: number): string {
  const floats = b.cast(values, type, b.shape(values));
  if (zeroPoint === null) return floats;
  const zero = b.cast(zeroPoint, type, b.shape(zeroPoint));
  return b.sub(floats, zero);
}
