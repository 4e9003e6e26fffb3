import { dataType } from '../onnx/graph.ts';
import type { AttributeValue, NewNode, NewTensor } from '../onnx/writeModel.ts';
import { sizeOf } from '../onnx/readTensor.ts';

/** What is known of a tensor of the model, for the batch that the gradient is built for. */
export interface TensorFacts {
  shape: readonly number[];
  /** The floating type in which its gradient is computed (TensorProto.DataType). */
  type: number;
}

/** Elements of a constant that the builder makes, such as a matrix that interpolates: 64 MB of floats. */
const mostElements = 1 << 24;

/** An operator has no gradient, or none that is known here; the reason is a clause. */
export class NotDifferentiable extends Error {}

/**
 * Collects the nodes of a gradient. Every method adds nodes and gives the name of their result; shapes are known, because a
 * gradient is built for one batch size.
 */
export class GradientBuilder {
  readonly nodes: NewNode[] = [];
  readonly initializers: NewTensor[] = [];
  readonly opset: number;
  /** True where the operators that other providers than the CPU compute wrongly or not at all are avoided. */
  readonly portable: boolean;
  readonly #facts: (name: string) => TensorFacts;
  readonly #values: (name: string) => number[] | null;
  readonly #prefix: string;
  readonly #constants = new Map<string, string>();
  readonly #made = new Map<string, TensorFacts>();
  #count = 0;

  constructor(options: {
    opset: number;
    portable: boolean;
    /** Begins no name of the model. */
    prefix: string;
    facts: (name: string) => TensorFacts;
    /** Values of a small tensor that does not depend on the input; null when unknown. */
    values: (name: string) => number[] | null;
  }) {
    this.opset = options.opset;
    this.portable = options.portable;
    this.#prefix = options.prefix;
    this.#facts = options.facts;
    this.#values = options.values;
  }

  /** Shape of a tensor of the model. */
  shape(name: string): readonly number[] {
    return (this.#made.get(name) ?? this.#facts(name)).shape;
  }

  type(name: string): number {
    return (this.#made.get(name) ?? this.#facts(name)).type;
  }

  /** @throws {NotDifferentiable} when the tensor is computed from the input, or is not small. */
  values(name: string, what: string): number[] {
    const values = this.#values(name);
    if (values === null) throw new NotDifferentiable(`its ${what} is not constant`);
    return values;
  }

  /** Adds a node of one output. `shape` is that of the output, where a later step asks for it. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue | undefined> = {},
    shape?: readonly number[],
  ): string {
    return this.many(operator, inputs, 1, attributes, shape)[0]!;
  }

  many(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, AttributeValue | undefined> = {},
    shape?: readonly number[],
  ): string[] {
    const names = Array.from({ length: outputs }, () => `${this.#prefix}${this.#count++}`);
    this.nodes.push({ operator, inputs, outputs: names, attributes });
    const type = inputs[0] === undefined ? dataType.float : this.#typeIfKnown(inputs[0]);
    for (const name of names) this.#made.set(name, { shape: shape ?? [], type });
    return names;
  }

  #typeIfKnown(name: string): number {
    const made = this.#made.get(name);
    if (made) return made.type;
    try {
      return this.#facts(name).type;
    } catch {
      return dataType.float;
    }
  }

  constant(type: number, shape: readonly number[], values: ArrayLike<number>): string {
    if (sizeOf(shape) > mostElements) throw new NotDifferentiable('its gradient needs too large a constant');
    const key = values.length <= 64 ? `${type}|${shape.join()}|${Array.from(values).join()}` : null;
    const known = key === null ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `${this.#prefix}c${this.initializers.length}`;
    this.initializers.push({ name, type, shape, values });
    this.#made.set(name, { shape, type });
    if (key !== null) this.#constants.set(key, name);
    return name;
  }

  ints(values: readonly number[]): string {
    return this.constant(dataType.int64, [values.length], values);
  }

  /** A scalar of the type of `like`. */
  scalar(like: string, value: number): string {
    return this.constant(this.type(like), [], [value]);
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b], {}, this.shape(a));
  }

  sub(a: string, b: string): string {
    return this.node('Sub', [a, b], {}, this.shape(a));
  }

  mul(a: string, b: string): string {
    return this.node('Mul', [a, b], {}, this.shape(a));
  }

  div(a: string, b: string): string {
    return this.node('Div', [a, b], {}, this.shape(a));
  }

  neg(a: string): string {
    return this.node('Neg', [a], {}, this.shape(a));
  }

  /** `a` times a number. */
  scale(a: string, factor: number): string {
    return factor === 1 ? a : this.mul(a, this.scalar(a, factor));
  }

  /** `a` plus a number. */
  plus(a: string, term: number): string {
    return term === 0 ? a : this.add(a, this.scalar(a, term));
  }

  unary(operator: string, a: string): string {
    return this.node(operator, [a], {}, this.shape(a));
  }

  /** 1 where `condition` (a tensor of booleans) holds, of the type and shape of `like`. */
  mask(condition: string, like: string): string {
    return this.cast(condition, this.type(like), this.shape(like));
  }

  cast(a: string, to: number, shape: readonly number[] = this.shape(a)): string {
    const name = this.node('Cast', [a], { to }, shape);
    this.#made.set(name, { shape, type: to });
    return name;
  }

  greater(a: string, b: string): string {
    return this.node('Greater', [a, b], {}, this.shape(a));
  }

  less(a: string, b: string): string {
    return this.node('Less', [a, b], {}, this.shape(a));
  }

  /** Equal takes floats from operator set 11 on. */
  equal(a: string, b: string): string {
    if (this.opset >= 11) return this.node('Equal', [a, b], {}, this.shape(a));
    return this.node(
      'Not',
      [this.node('Or', [this.greater(a, b), this.less(a, b)], {}, this.shape(a))],
      {},
      this.shape(a),
    );
  }

  where(condition: string, a: string, b: string, shape: readonly number[]): string {
    const name = this.node('Where', [condition, a, b], {}, shape);
    this.#made.set(name, { shape, type: this.type(a) });
    return name;
  }

  reshape(a: string, shape: readonly number[]): string {
    if (same(this.shape(a), shape)) return a;
    return this.node('Reshape', [a, this.ints(shape)], {}, shape);
  }

  transpose(a: string, perm: readonly number[]): string {
    if (perm.every((axis, index) => axis === index)) return a;
    const shape = this.shape(a);
    return this.node(
      'Transpose',
      [a],
      { perm },
      perm.map((axis) => shape[axis]!),
    );
  }

  /** Swaps the last two axes. */
  transposeMatrix(a: string): string {
    const rank = this.shape(a).length;
    const perm = Array.from({ length: rank }, (_, index) => index);
    perm[rank - 1] = rank - 2;
    perm[rank - 2] = rank - 1;
    return this.transpose(a, perm);
  }

  matmul(a: string, b: string, shape: readonly number[]): string {
    return this.node('MatMul', [a, b], {}, shape);
  }

  expand(a: string, shape: readonly number[]): string {
    if (same(this.shape(a), shape)) return a;
    return this.node('Expand', [a, this.ints(shape)], {}, shape);
  }

  /** Keeps the reduced axes, with size 1. */
  sum(a: string, axes: readonly number[]): string {
    return this.#reduce('ReduceSum', 13, a, axes);
  }

  mean(a: string, axes: readonly number[]): string {
    return this.#reduce('ReduceMean', 18, a, axes);
  }

  #reduce(operator: string, axesAreInputFrom: number, a: string, axes: readonly number[]): string {
    if (axes.length === 0) return a;
    const shape = this.shape(a).map((size, axis) => (axes.includes(axis) ? 1 : size));
    if (this.opset >= axesAreInputFrom) return this.node(operator, [a, this.ints(axes)], { keepdims: 1 }, shape);
    return this.node(operator, [a], { axes, keepdims: 1 }, shape);
  }

  slice(a: string, starts: readonly number[], ends: readonly number[]): string {
    const axes = starts.map((_, axis) => axis);
    const shape = starts.map((start, axis) => ends[axis]! - start);
    if (same(shape, this.shape(a))) return a;
    if (this.opset < 10) return this.node('Slice', [a], { axes, starts, ends }, shape);
    return this.node('Slice', [a, this.ints(starts), this.ints(ends), this.ints(axes)], {}, shape);
  }

  /** Negative amounts cut. */
  pad(a: string, before: readonly number[], after: readonly number[], value = 0): string {
    if (before.every((amount, axis) => amount === 0 && after[axis] === 0)) return a;
    const shape = this.shape(a).map((size, axis) => size + before[axis]! + after[axis]!);
    const pads = [...before, ...after];
    if (this.opset < 11) return this.node('Pad', [a], { pads, value: { float: value } }, shape);
    return this.node('Pad', [a, this.ints(pads), this.scalar(a, value)], {}, shape);
  }

  zeros(type: number, shape: readonly number[]): string {
    const zero = this.constant(type, [], [0]);
    const name = this.node('Expand', [zero, this.ints(shape)], {}, shape);
    this.#made.set(name, { shape, type });
    return name;
  }

  /** Undoes broadcasting: the gradient of an operand that was spread over a larger shape is the sum over its copies. */
  unbroadcast(gradient: string, from: readonly number[], to: readonly number[]): string {
    if (same(from, to)) return gradient;
    const extra = from.length - to.length;
    const axes: number[] = [];
    from.forEach((size, axis) => {
      if (axis < extra || (to[axis - extra] === 1 && size !== 1)) axes.push(axis);
    });
    this.#made.set(gradient, { shape: from, type: this.type(gradient) });
    return this.reshape(this.sum(gradient, axes), to);
  }

  /** Gradient through an axis on which the forward pass multiplied by a constant matrix [out, in]. */
  alongAxis(gradient: string, axis: number, matrix: Float64Array, outSize: number, inSize: number): string {
    const shape = this.shape(gradient);
    const rank = shape.length;
    const perm = Array.from({ length: rank }, (_, index) => index);
    perm[axis] = rank - 1;
    perm[rank - 1] = axis;
    const weights = this.constant(this.type(gradient), [outSize, inSize], matrix);
    const turned = this.transpose(gradient, perm);
    const result = this.matmul(turned, weights, [...this.shape(turned).slice(0, -1), inSize]);
    return this.transpose(result, perm);
  }

  /** Says what shape a result has that a node's inputs do not tell. */
  withShape(name: string, shape: readonly number[], type = this.type(name)): string {
    this.#made.set(name, { shape, type });
    return name;
  }
}

export function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The shape of two operands together. */
export function broadcast(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - (rank - shape.length)] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
